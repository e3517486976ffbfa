#include "host/service/status.hpp"

#include <algorithm>

#include "core/json/json.hpp"

namespace sluice::host {
namespace {

void write_ingress(json::Writer& out, const IngressCounters& counters) {
    out.begin_object();
    out.key("accepted").integer(counters.accepted);
    out.key("duplicates").integer(counters.duplicates);
    out.key("unreadable").integer(counters.unreadable);
    out.key("refused").begin_object();
    for (std::size_t i = 0; i < refusal_count; ++i) {
        out.key(to_string(static_cast<Refusal>(i))).integer(counters.refused.at(i));
    }
    out.end_object().end_object();
}

void write_queues(json::Writer& out, const std::vector<QueueStatus>& queues) {
    out.begin_array();
    for (const auto& queue : queues) {
        out.begin_object();
        out.key("flow").string(queue.flow);
        out.key("stream").string(queue.stream);
        out.key("consumer").string(queue.consumer);
        out.key("connected").boolean(queue.connected);
        out.key("since_ms").integer(queue.since_ms);
        out.key("problem").string(queue.problem);
        out.key("waits_for").string(queue.waits_for);
        out.key("received").integer(queue.received);
        out.key("duplicates").integer(queue.duplicates);
        out.key("unreadable").integer(queue.unreadable);
        out.end_object();
    }
    out.end_array();
}

/// Null where it was not looked at.
void write_contract(json::Writer& out, const std::optional<ContractStatus>& contract) {
    if (!contract) {
        out.null();
        return;
    }
    const auto& report = contract->report;
    out.begin_object().key("checked_at_ms").integer(contract->at_ms).key("against").string(report.against);
    out.key("problem").string(report.error ? report.error->message : "");
    out.key("findings").begin_array();
    for (const auto& finding : report.findings) write_finding(out, finding);
    out.end_array().end_object();
}

void write_counts(json::Writer& out, const journal::Counts& counts) {
    out.begin_object();
    out.key("ready").integer(counts.ready);
    out.key("waiting").integer(counts.waiting);
    out.key("claimed").integer(counts.claimed);
    out.key("done").integer(counts.done);
    out.key("dead").integer(counts.dead);
    out.key("discarded").integer(counts.discarded);
    out.key("superseded").integer(counts.superseded);
    out.end_object();
}

/// Calls under way and waiting; `closed_until_ms` where none begins for longer than a call would wait, else null.
void write_gate(json::Writer& out, const delivery::CallGate::Status& gate, std::int64_t now_ms) {
    out.key("limit").integer(gate.limit);
    out.key("ceiling").integer(gate.ceiling);
    out.key("running").integer(gate.running);
    out.key("waiting").integer(gate.waiting);
    const bool closed = gate.closed_for_ms > delivery::CallGate::max_wait_ms;
    out.key("closed_until_ms");
    if (closed)
        out.integer(now_ms + gate.closed_for_ms);
    else
        out.null();
    out.key("closed_because").string(closed ? gate.closed_because : "");
}

}  // namespace

std::string ConnectorStatus::state() const {
    if (!configured) return "not configured";
    if (!enabled) return "disabled";
    const auto of_all = [](const journal::Pause& pause) { return pause.flow.empty(); };
    if (!engine.paused_because.empty() || engine.held.contains("") || std::ranges::any_of(pauses, of_all))
        return "paused";
    if (engine.outage) return "outage";
    return engine.external_outage.empty() ? "running" : "external outage";
}

std::string_view program_version() {
    return SLUICE_VERSION;
}

std::string render_status(const HostStatus& status) {
    json::Writer out;
    out.begin_object();
    out.key("version").string(program_version());
    out.key("started_at_ms").integer(status.started_at_ms);
    out.key("stopping").boolean(status.stopping);
    out.key("connectors").begin_array();
    for (const auto& connector : status.connectors) {
        out.begin_object();
        out.key("name").string(connector.name);
        out.key("state").string(connector.state());
        out.key("paused_because").string(connector.engine.paused_because);
        out.key("pauses").begin_array();
        for (const auto& pause : connector.pauses) {
            out.begin_object().key("flow").string(pause.flow).key("who").string(pause.who);
            out.key("reason").string(pause.reason).key("at_ms").integer(pause.at_ms).end_object();
        }
        out.end_array();
        out.key("modes").begin_object();
        for (const auto& [flow, mode] : connector.modes) out.key(flow).string(to_string(mode));
        out.end_object();
        out.key("plugin").string(connector.plugin);
        out.key("plugin_version").string(connector.plugin_version);
        out.key("odoo").string(connector.odoo);
        out.key("lanes").integer(connector.lanes);
        out.key("running").integer(connector.engine.running);
        out.key("calls").begin_object();
        out.key("rate_limit_group").string(connector.rate_limit_group);
        write_gate(out, connector.external, status.now_ms);
        out.key("outage_because").string(connector.engine.external_outage);
        out.key("outage_half_open").boolean(connector.engine.external_half_open);
        out.end_object();
        out.key("events");
        write_counts(out, connector.counts);
        out.key("webhooks");
        write_ingress(out, connector.ingress);
        out.key("queues");
        write_queues(out, connector.queues);
        out.key("contract");
        write_contract(out, connector.contract);
        out.end_object();
    }
    out.end_array().key("odoo").begin_array();
    for (const auto& [name, gate] : status.odoo) {
        out.begin_object().key("name").string(name);
        write_gate(out, gate, status.now_ms);
        out.end_object();
    }
    out.end_array().key("other_requests");
    write_ingress(out, status.other);
    out.key("retention").begin_object();
    out.key("ended_at_ms").integer(status.retention.ended_at_ms);
    out.key("payloads_erased").integer(status.retention.contents);
    out.key("events_erased").integer(status.retention.events);
    out.key("clock_doubted_ahead_ms").integer(status.retention.doubted_ahead_ms);
    out.key("problem").string(status.retention.problem).end_object();
    return out.end_object().take();
}

}  // namespace sluice::host
