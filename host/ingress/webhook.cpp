#include "host/ingress/webhook.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "core/base/crypto.hpp"
#include "core/base/text.hpp"
#include "core/json/json.hpp"
#include "host/ingress/event_reader.hpp"

namespace sluice::host {
namespace {

using contract::Flow;

/// True where the request carries the signature this flow declares (or it declares none).
bool is_signed(const Connector& connector, const http::ServerRequest& request, const Flow& flow) {
    const auto& signature = flow.webhook->signature;
    if (!signature) return true;
    const auto secret = connector.secrets.find(signature->secret);
    // No key, no trust: a missing secret must never make an empty key that anybody can sign with.
    if (secret == connector.secrets.end() || secret->second.empty()) return false;
    const auto given = trim(http::find_header(request.headers, signature->header));
    const auto right = crypto::base64(crypto::hmac_sha256(secret->second.reveal(), request.body));
    return crypto::equal_in_constant_time(given, right);
}

std::string headers_to_keep(const http::ServerRequest& request, const Flow& flow) {
    const auto& webhook = *flow.webhook;
    return kept_headers(request.headers, {.declared = {&webhook.topic, &webhook.event_id},
                                          .prefixes = {},
                                          .never = webhook.signature ? std::string_view(webhook.signature->header)
                                                                     : std::string_view()});
}

std::string declared_topics(const std::vector<const Flow*>& flows) {
    std::string all;
    for (const auto* flow : flows) {
        for (const auto& topic : flow->webhook->topics) all += (all.empty() ? "" : ", ") + topic;
    }
    return all;
}

struct Target {
    const Flow* flow = nullptr;
    std::string topic;
};

/// The flow that declares this request's topic. Where no topic can be told because the body is unreadable, the first
/// flow stands in.
std::expected<Target, Refused> choose_flow(const Connector& connector, const http::ServerRequest& request,
                                           const std::vector<const Flow*>& flows, const json::Value& document,
                                           bool readable) {
    std::string told;
    for (const auto* flow : flows) {
        const auto topic =
            mapping::fill_template(flow->webhook->topic, document, document, request.headers, connector.config);
        if (!topic || !is_usable(*topic)) continue;
        told = *topic;
        if (std::ranges::find(flow->webhook->topics, told) != flow->webhook->topics.end()) return Target{flow, told};
    }
    if (told.empty() && !readable) return Target{flows.front(), ""};
    return std::unexpected(
        Refused{.why = Refusal::topic,
                .status = 404,
                .answer = "this connector takes no webhook of this topic",
                .log = fmt::format("a signed webhook {}; the contract of `{}` declares: {}",
                                   told.empty() ? "names no topic" : fmt::format("has the topic `{}`", told),
                                   connector.plugin->name, declared_topics(flows))});
}

}  // namespace

std::string_view to_string(Refusal refusal) {
    constexpr std::array<std::string_view, refusal_count> words{
        "unknown_path", "unknown_connector", "disabled",  "method",  "signature",
        "topic",        "backlog",           "in_flight", "journal", "stopping"};
    return words.at(static_cast<std::size_t>(refusal));
}

std::expected<journal::NewEvent, Refused> read_webhook(const Connector& connector, http::ServerRequest request,
                                                       std::int64_t now_ms) {
    std::vector<const Flow*> flows, trusted;
    std::map<std::pair<std::string, std::string>, bool> checked;  // flows mostly share one signature: one HMAC for all
    for (const auto& [name, flow] : connector.plugin->contract.flows) {
        if (!flow.webhook || !is_on(connector, flow)) continue;
        flows.push_back(&flow);
        const auto& signature = flow.webhook->signature;
        const auto [known, first] =
            checked.try_emplace(signature ? std::pair(to_lower_ascii(signature->header), signature->secret)
                                          : std::pair<std::string, std::string>());
        if (first) known->second = is_signed(connector, request, flow);
        if (known->second) trusted.push_back(&flow);
    }
    if (flows.empty()) {
        return std::unexpected(Refused{
            .why = Refusal::topic,
            .status = 404,
            .answer = "this connector takes no webhooks",
            .log = fmt::format("a webhook came, and the contract of `{}` declares none", connector.plugin->name)});
    }
    if (trusted.empty()) {
        const auto& header = flows.front()->webhook->signature->header;
        const bool missing = http::find_header(request.headers, header).empty();
        return std::unexpected(
            Refused{.why = Refusal::signature,
                    .status = 401,
                    .answer = missing ? "the signature is missing" : "the signature is not right",
                    .log = missing ? fmt::format("a webhook without the header {}", header)
                                   : fmt::format("a webhook whose {} does not match its {} body bytes: forged, or the "
                                                 "connector's secret is not the vendor's",
                                                 header, request.body.size())});
    }

    const ReceivedDocument received(request.body);
    const auto target = choose_flow(connector, request, trusted, received.document.root(), received.unreadable.empty());
    if (!target) return std::unexpected(target.error());
    const Flow& flow = *target->flow;

    const auto body_hash = crypto::hex(crypto::sha256(request.body));
    auto event = read_event(connector, flow,
                            {.event_id = flow.webhook->event_id,
                             .revision_tie = flow.webhook->revision_tie,
                             .record = flow.webhook->record,
                             .otherwise_id = fmt::format("body:{}:{}", body_hash, target->topic),
                             .unreadable = body_hash},
                            target->topic, received, request.headers);
    event.headers = headers_to_keep(request, flow);
    event.occurred_at_ms = now_ms;
    event.payload = std::move(request.body);
    return event;
}

}  // namespace sluice::host
