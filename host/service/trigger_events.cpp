#include "host/service/trigger_events.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/base/timestamp.hpp"
#include "core/json/json.hpp"
#include "host/plugins/capture_run.hpp"
#include "host/plugins/limits.hpp"
#include "host/plugins/reconcile_run.hpp"

namespace sluice::host {
namespace {

journal::NewEvent event_of(const Connector& connector, const contract::Flow& flow, std::string event_id,
                           std::string_view topic, std::string payload, std::int64_t occurred_at_ms) {
    return {.connector = connector.name,
            .event_id = std::move(event_id),
            .flow = flow.name,
            .order = flow.order,
            .ordering_key = flow.name,  // one after the other, where the document names no record
            .topic = std::string(topic),
            .payload = std::move(payload),
            .headers = "{}",
            .occurred_at_ms = occurred_at_ms,
            .coalesce = flow.coalesce_latest};
}

journal::NewEvent capture_event(const Connector& connector, const contract::Flow& flow, std::string_view topic,
                                std::string_view id, std::int64_t occurred_at_ms) {
    auto event = event_of(connector, flow, fmt::format("{}:{}:{}", topic, flow.name, id), topic, "{}", occurred_at_ms);
    event.order = std::string(capture_order);
    event.coalesce = false;  // each poll stands for a time of its own
    return event;
}

/// The flow a person means, where it can be started.
Result<const contract::Flow*> flow_to_start(const Connector& connector, const std::string& flow_name) {
    const auto& flows = connector.plugin->contract.flows;
    const auto found = flows.find(flow_name);
    if (found == flows.end()) {
        std::vector<std::string> names;
        for (const auto& [name, flow] : flows) names.push_back(name);
        return fail(Failure::invalid, fmt::format("connector `{}` has no flow `{}`{}; there is {}", connector.name,
                                                  flow_name, did_you_mean(flow_name, names), list_names(names)));
    }
    if (!is_on(connector, found->second))
        return fail(Failure::invalid, fmt::format("flow `{}` is off: it needs {} to be configured", flow_name,
                                                  list_names(found->second.needs)));
    return &found->second;
}

}  // namespace

journal::NewEvent poll_event(const Connector& connector, const contract::Flow& flow, std::int64_t due_ms) {
    return capture_event(connector, flow, poll_topic, std::to_string(due_ms), due_ms);
}

journal::NewEvent sweep_event(const Connector& connector, const contract::Flow& flow, std::int64_t due_ms) {
    return capture_event(connector, flow, sweep_topic, std::to_string(due_ms), due_ms);
}

journal::NewEvent schedule_event(const Connector& connector, const contract::Flow& flow, std::int64_t due_ms) {
    json::Writer payload;
    payload.begin_object().key("due").string(format_rfc3339(due_ms)).end_object();
    return event_of(connector, flow, fmt::format("{}:{}:{}", schedule_topic, flow.name, due_ms), schedule_topic,
                    payload.take(), due_ms);
}

journal::NewEvent scheduled_reconcile_event(const Connector& connector, const contract::Flow& flow,
                                            std::int64_t due_ms) {
    const auto to_ms = due_ms - reconcile_settle_ms;
    return reconcile_event(connector, flow, fmt::format("{}:{}:{}", reconcile_order, flow.name, due_ms),
                           {.from_ms = to_ms - flow.reconcile->period_ms,
                            .to_ms = to_ms,
                            .repair = flow.reconcile->repair,
                            .due_ms = due_ms},
                           due_ms);
}

Result<journal::NewEvent> demand_reconcile_event(const Connector& connector, const std::string& flow_name,
                                                 const ReconcileWish& wish, std::string_view id, std::int64_t now_ms) {
    const auto found = flow_to_start(connector, flow_name);
    if (!found) return std::unexpected(found.error());
    const auto& flow = **found;
    if (!flow.reconcile)
        return fail(Failure::invalid, fmt::format("the contract does not say how flow `{}` is reconciled", flow_name));
    if (!can_reconcile(connector, flow))
        return fail(Failure::invalid, fmt::format("flow `{}` cannot be reconciled: that needs {} to be configured",
                                                  flow_name, list_names(flow.reconcile->needs)));
    const auto repair = wish.repair.empty() ? reconcile::Repair::none : reconcile::parse_repair(wish.repair);
    if (!repair)
        return fail(Failure::invalid, fmt::format("`repair` is `{}`; choose none, missed or all", wish.repair));
    const auto to_ms = wish.to_ms.value_or(now_ms - reconcile_settle_ms);
    const auto from_ms = wish.from_ms.value_or(to_ms - flow.reconcile->period_ms);
    if (from_ms > to_ms)
        return fail(Failure::invalid, fmt::format("the period ends before it begins: {} to {}", format_rfc3339(from_ms),
                                                  format_rfc3339(to_ms)));
    return reconcile_event(connector, flow, fmt::format("{}:{}:{}", reconcile_order, flow_name, id),
                           {.from_ms = from_ms, .to_ms = to_ms, .repair = *repair}, now_ms);
}

Result<journal::NewEvent> demand_sweep_event(const Connector& connector, const std::string& flow_name,
                                             std::string_view id, std::int64_t now_ms) {
    const auto found = flow_to_start(connector, flow_name);
    if (!found) return std::unexpected(found.error());
    if (!(*found)->odoo_change)
        return fail(Failure::invalid,
                    fmt::format("flow `{}` watches no Odoo model: there is nothing to sweep", flow_name));
    return capture_event(connector, **found, sweep_topic, id, now_ms);
}

Result<journal::NewEvent> demand_event(const Connector& connector, const std::string& flow_name, std::string data,
                                       std::string_view id, std::int64_t now_ms) {
    const auto found = flow_to_start(connector, flow_name);
    if (!found) return std::unexpected(found.error());
    const auto& flow = **found;
    if (data.empty() && flow.odoo_change) return capture_event(connector, flow, poll_topic, id, now_ms);
    const bool empty = data.empty();
    if (empty) data = "{}";
    const auto document = json::Document::parse(data);
    if (!document) return fail(Failure::invalid, "the data is no JSON: " + document.error().message);
    auto event =
        event_of(connector, flow, fmt::format("{}:{}:{}", demand_topic, flow.name, id), demand_topic, data, now_ms);
    if (flow.ordering_key.empty()) return event;
    event.ordering_key = json::identity_at(document->root(), flow.ordering_key);
    if (event.ordering_key.empty())
        return fail(Failure::invalid, fmt::format("flow `{}` is ordered by {}, and {}", flow.name, flow.ordering_key,
                                                  empty ? "without data there is none: give it with --data FILE"
                                                        : "the data has no text or number there"));
    const auto& record = flow.webhook ? flow.webhook->record : flow.queue ? flow.queue->record : std::string();
    if (!record.empty()) event.record = json::identity_at(document->root(), record);
    if (flow.revision.empty()) return event;
    event.revision = json::identity_at(document->root(), flow.revision);
    if (!is_revision(event.revision))
        return fail(Failure::invalid,
                    fmt::format("flow `{}` needs a time or a number at {}", flow.name, flow.revision));
    return event;
}

}  // namespace sluice::host
