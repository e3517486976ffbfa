#include "host/service/plans.hpp"

#include "core/delivery/admission_control.hpp"

namespace sluice::host {
namespace {

delivery::Priority priority_of(contract::Priority priority) {
    switch (priority) {
        case contract::Priority::high:
            return delivery::Priority::high;
        case contract::Priority::low:
            return delivery::Priority::low;
        case contract::Priority::normal:
            break;
    }
    return delivery::Priority::normal;
}

}  // namespace

delivery::ConnectorPlan plan_of(const Connector& connector) {
    delivery::ConnectorPlan plan{
        .name = connector.name,
        .lanes = connector.lanes,
        .odoo = connector.odoo,
        .external = delivery::AdmissionControl::account_of(connector.name, connector.rate_limit_group)};
    for (const auto& [name, flow] : connector.plugin->contract.flows) {
        const auto own = connector.retry.find(name);
        const auto& retry = own == connector.retry.end() ? flow.retry : own->second;
        plan.flows.emplace(name, delivery::FlowPlan{.retry = {.base_ms = retry.base_ms,
                                                              .cap_ms = retry.cap_ms,
                                                              .limit = retry.limit,
                                                              .holds_key = flow.dead_letter_holds_key},
                                                    .priority = priority_of(flow.priority),
                                                    .order = flow.order,
                                                    .deadline_ms = flow.deadline_ms,
                                                    .batch_max = flow.batch.max,
                                                    .batch_wait_ms = flow.batch.wait_ms});
    }
    return plan;
}

}  // namespace sluice::host
