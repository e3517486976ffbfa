// The report of a dry run as JSON.

#include "core/base/text.hpp"
#include "core/json/json.hpp"
#include "host/plugins/dry_run.hpp"
#include "host/plugins/limits.hpp"
#include "host/plugins/status.hpp"

namespace sluice::host {
namespace {

/// Of a request's body and an emitted event's payload.
constexpr std::size_t max_shown_bytes = 64 * 1024;

void write_json(json::Writer& out, std::string_view name, const std::string& value) {
    out.key(name);
    if (value.empty()) {
        out.null();
    } else {
        out.raw(value);
    }
}

void write_call(json::Writer& out, const PlannedCall& call) {
    out.begin_object().key("system").string(call.to_odoo ? "odoo" : "http");
    if (call.to_odoo) {
        out.key("model").string(printable(call.model, max_name_bytes));
        out.key("method").string(printable(call.method, max_name_bytes));
        out.key("args").raw(call.args).key("kwargs").raw(call.kwargs);
    } else {
        out.key("method").string(call.method).key("url").string(printable(call.url, max_url_bytes));
        out.key("body").string(printable(call.body, max_shown_bytes));
    }
    out.key("assumed").boolean(call.assumed).key("differences").begin_array();
    for (const auto& one : call.differences) {
        out.begin_object();
        out.key("record").string(printable(one.record, max_message_bytes));
        out.key("field").string(printable(one.field, max_name_bytes));
        write_json(out, "now", one.now);
        write_json(out, "then", one.then);
        out.end_object();
    }
    out.end_array().key("notes").begin_array();
    for (const auto& note : call.notes) out.string(printable(note, max_message_bytes));
    out.end_array().end_object();
}

}  // namespace

std::string to_json(const DryRunReport& report, journal::Seq seq) {
    constexpr std::string_view ends[] = {"done", "failed", "stopped"};
    json::Writer out;
    out.begin_object().key("seq").integer(journal::to_int(seq));
    out.key("ends").string(ends[static_cast<std::size_t>(report.end)]);
    out.key("outcome").string(printable(report.outcome, max_message_bytes));
    out.key("class").string(report.error ? to_string(report.error->failure) : "");
    out.key("message").string(report.error ? printable(report.error->message, max_message_bytes) : "");
    out.key("stopped_because").string(printable(report.plan.stopped_because, max_message_bytes));
    out.key("calls").begin_array();
    for (const auto& call : report.plan.calls) write_call(out, call);
    out.end_array().key("made_up_ids").begin_array();
    for (const auto& [id, record] : report.plan.made_up)
        out.begin_object()
            .key("id")
            .integer(id)
            .key("record")
            .string(printable(record, max_message_bytes))
            .end_object();
    out.end_array().key("reads").integer(report.plan.reads).key("emitted").begin_array();
    for (const auto& event : report.emitted) {
        out.begin_object();
        out.key("flow").string(event.flow).key("topic").string(event.topic);
        out.key("event_id").string(printable(event.event_id, max_message_bytes));
        out.key("ordering_key").string(printable(event.ordering_key, max_message_bytes));
        out.key("payload").string(printable(event.payload, max_shown_bytes));
        out.end_object();
    }
    out.end_array().key("states").begin_array();
    for (const auto& name : report.states) out.string(printable(name, max_name_bytes));
    return out.end_array().end_object().take();
}

}  // namespace sluice::host
