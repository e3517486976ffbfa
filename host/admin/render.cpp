#include "host/admin/render.hpp"

#include "core/base/crypto.hpp"
#include "core/base/text.hpp"
#include "core/json/json.hpp"

namespace sluice::host {
namespace {

/// Text from outside, which may be no UTF-8 (an answer quoted in a message): JSON has no place for that.
void write_text(json::Writer& out, std::string_view name, std::string_view text) {
    out.key(name);
    if (is_utf8(text)) {
        out.string(text);
        return;
    }
    std::string safe;
    for (const char c : text) safe += static_cast<unsigned char>(c) < 0x80 ? c : '?';
    out.string(safe);
}

void write_summary(json::Writer& out, const journal::EventSummary& event) {
    out.key("seq").integer(journal::to_int(event.seq));
    out.key("state").string(journal::to_string(event.state));
    write_text(out, "connector", event.connector);
    write_text(out, "event_id", event.event_id);
    write_text(out, "flow", event.flow);
    write_text(out, "order", event.order);
    write_text(out, "ordering_key", event.ordering_key);
    write_text(out, "topic", event.topic);
    write_text(out, "revision", event.revision);
    write_text(out, "record", event.record);
    out.key("occurred_at_ms").integer(event.occurred_at_ms);
    out.key("appended_at_ms").integer(event.appended_at_ms);
    out.key("available_at_ms").integer(event.available_at_ms);
    out.key("ended_at_ms").integer(event.ended_at_ms);
    out.key("attempts").integer(event.attempts);
    out.key("counted_failures").integer(event.counted_failures);
    out.key("attempt_unknown").boolean(event.attempt_unknown);
    out.key("holds_key").boolean(event.holds_key);
    write_text(out, "outcome", event.outcome);
    out.key("fingerprint").string(event.fingerprint);
}

void write_payload(json::Writer& out, const std::string& payload) {
    if (is_utf8(payload)) {
        out.key("payload").string(payload);
    } else {
        out.key("payload_base64").string(crypto::base64(payload));
    }
}

void write_headers(json::Writer& out, const std::string& headers) {
    out.key("headers");
    // Kept as JSON by ingress; a journal that holds anything else must not break the answer.
    if (const auto parsed = json::Document::parse(headers); parsed && parsed->root().kind() == json::Kind::object) {
        out.raw(parsed->root().raw());
    } else {
        out.begin_object().end_object();
    }
}

}  // namespace

std::string render_events(const std::vector<journal::EventSummary>& events, int limit) {
    json::Writer out;
    out.begin_object().key("events").begin_array();
    for (const auto& event : events) {
        out.begin_object();
        write_summary(out, event);
        out.end_object();
    }
    out.end_array().key("next");
    if (!events.empty() && events.size() >= static_cast<std::size_t>(limit)) {
        out.integer(journal::to_int(events.back().seq));
    } else {
        out.null();
    }
    return out.end_object().take();
}

std::string render_event(const journal::EventDetail& detail, const EventContext& context) {
    json::Writer out;
    out.begin_object();
    write_summary(out, detail.event);
    write_text(out, "error_owner", context.error_owner);
    out.key("attempt_log").begin_array();
    for (const auto& attempt : detail.attempts) {
        out.begin_object();
        out.key("number").integer(attempt.number);
        out.key("started_at_ms").integer(attempt.started_at_ms);
        out.key("finished_at_ms");
        if (attempt.finished_at_ms == 0) {
            out.null();
        } else {
            out.integer(attempt.finished_at_ms);
        }
        write_text(out, "verdict", attempt.verdict);
        write_text(out, "message", attempt.message);
        out.end_object();
    }
    out.end_array().key("notes").begin_array();
    for (const auto& note : detail.notes) out.string(journal::to_string(note));
    out.end_array();
    out.key("edits").begin_array();
    for (const auto& edit : detail.edits) {
        out.begin_object();
        out.key("at_ms").integer(edit.at_ms);
        write_text(out, "who", edit.who);
        write_text(out, "reason", edit.reason);
        write_payload(out, edit.payload);
        out.end_object();
    }
    out.end_array();
    write_headers(out, detail.headers);
    out.key("contents_erased").boolean(detail.contents_erased);
    if (!detail.contents_problem.empty()) write_text(out, "contents_problem", detail.contents_problem);
    if (!context.mapping.empty()) out.key("mapping").raw(context.mapping);
    if (!detail.contents_erased && detail.contents_problem.empty()) write_payload(out, detail.payload);
    return out.end_object().take();
}

std::string render_groups(const std::vector<journal::DeadLetterGroup>& groups) {
    json::Writer out;
    out.begin_object().key("groups").begin_array();
    for (const auto& group : groups) {
        const auto colon = group.outcome.find(": ");
        const bool classed = colon != std::string::npos;
        out.begin_object();
        out.key("fingerprint").string(group.fingerprint);
        write_text(out, "connector", group.connector);
        write_text(out, "flow", group.flow);
        write_text(out, "class", classed ? std::string_view(group.outcome).substr(0, colon) : "");
        write_text(out, "message", classed ? std::string_view(group.outcome).substr(colon + 2) : group.outcome);
        out.key("count").integer(group.count);
        out.key("holding").integer(group.holding);
        out.key("first").integer(journal::to_int(group.first));
        out.key("last").integer(journal::to_int(group.last));
        out.key("first_at_ms").integer(group.first_at_ms);
        out.key("last_at_ms").integer(group.last_at_ms);
        out.end_object();
    }
    return out.end_array().end_object().take();
}

std::string render_mapping(const contract::Flow& flow, const std::string& payload, const mapping::Config& config,
                           const mapping::Hooks& hooks) {
    json::Writer out;
    out.begin_object();
    const auto broken = [&out](std::string_view pointer, std::string_view message) {
        out.begin_object();
        write_text(out, "pointer", pointer);
        write_text(out, "message", message);
        out.end_object();
    };
    const auto document = json::Document::parse(payload);
    if (!document) {
        out.key("broken").begin_array();
        broken("", document.error().message);
        return out.end_array().end_object().take();
    }
    const auto record = mapping::map_record(flow, document->root(), config, hooks);
    if (record) return out.key("record").raw(mapping::to_json(*record)).end_object().take();
    out.key("broken").begin_array();
    for (const auto& rule : record.error()) broken(rule.pointer, rule.message);
    return out.end_array().end_object().take();
}

std::string render_error(std::string_view message) {
    json::Writer out;
    out.begin_object();
    write_text(out, "error", message);
    return out.end_object().take();
}

}  // namespace sluice::host
