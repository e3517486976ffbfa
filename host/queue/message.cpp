#include "host/queue/message.hpp"

#include <fmt/format.h>

#include <utility>

#include "host/ingress/event_reader.hpp"

namespace sluice::host {
namespace {

constexpr std::int64_t ns_per_ms = 1'000'000;
constexpr std::string_view no_headers = "{}";

std::string topic_of(const Connector& connector, const contract::QueueTrigger& queue, const QueueMessage& message,
                     const ReceivedDocument& received, const http::Headers& headers) {
    const auto document = received.document.root();
    auto topic = mapping::fill_template(queue.topic, document, document, headers, connector.config);
    if (topic && is_usable(*topic)) return std::move(*topic);
    return is_usable(message.subject) ? message.subject : "queue";
}

}  // namespace

journal::NewEvent read_message(const Connector& connector, const contract::Flow& flow, QueueMessage message) {
    const auto& queue = *flow.queue;
    // First, so that they are the ones found: a message that was republished carries those of where it was before.
    http::Headers headers{{"Nats-Subject", message.subject},
                          {"Nats-Stream", message.stream},
                          {"Nats-Sequence", std::to_string(message.sequence)}};
    headers.insert(headers.end(), std::make_move_iterator(message.headers.begin()),
                   std::make_move_iterator(message.headers.end()));
    const auto place = fmt::format("{}:{}:{}:{}", flow.name, message.stream, message.sequence, message.stored_at_ns);
    const ReceivedDocument received(message.body);
    auto event = read_event(connector, flow,
                            {.event_id = queue.event_id,
                             .revision_tie = queue.revision_tie,
                             .record = queue.record,
                             .otherwise_id = "queue:" + place,
                             .unreadable = place},
                            topic_of(connector, queue, message, received, headers), received, headers);
    event.headers =
        kept_headers(headers, {.declared = {&queue.topic, &queue.event_id}, .prefixes = {"nats-"}, .never = {}});
    event.occurred_at_ms = message.stored_at_ns / ns_per_ms;
    event.payload = std::move(message.body);
    if (const auto bytes = journal::content_bytes(event); bytes > journal::max_event_bytes) {
        event.event_id = event.ordering_key = "unreadable:" + place;
        event.revision.clear();
        event.dead_letter_reason = fmt::format(
            "the message has {} bytes, more than the {} that are kept: its headers and its end are missing here, the "
            "whole of it is number {} of stream {}",
            bytes, journal::max_event_bytes, message.sequence, message.stream);
        event.headers = no_headers;
        event.payload.resize(std::min(event.payload.size(), journal::max_event_bytes - no_headers.size()));
    }
    return event;
}

}  // namespace sluice::host
