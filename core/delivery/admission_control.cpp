#include "core/delivery/admission_control.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace sluice::delivery {

void AdmissionControl::configure(const Setup& setup) {
    const std::scoped_lock lock(mutex_);
    for (const auto& [database, ceiling] : setup.odoo) odoo_gate(database, ceiling)->configure({.ceiling = ceiling});
    for (const auto& connector : setup.connectors) {
        connectors_[connector.name] = connector;
        external_gate(connector.name)->configure({.rates = connector.limits});
    }
}

std::shared_ptr<CallGate> AdmissionControl::odoo_gate(const std::string& database, const CallCeiling& ceiling) {
    auto& gate = odoo_[database];
    if (!gate) {
        gate = std::make_shared<CallGate>(fmt::format("Odoo `{}`", database), "odoo." + database, clock_,
                                          CallGate::Limits{.ceiling = ceiling});
    }
    return gate;
}

std::string AdmissionControl::account_of(const std::string& connector, const std::string& group) {
    return group.empty() ? "connector." + connector : "group." + group;
}

std::shared_ptr<CallGate> AdmissionControl::external_gate(const std::string& name) {
    const auto& connector = connectors_[name];
    const auto account = account_of(name, connector.group);
    auto& gate = external_[account];
    if (!gate) {
        const auto system = connector.group.empty() ? fmt::format("the external system of `{}`", name)
                                                    : fmt::format("the external system of `{}`", connector.group);
        gate = std::make_shared<CallGate>(system, account, clock_, CallGate::Limits{.rates = connector.limits}, store_);
    }
    return gate;
}

std::shared_ptr<CallGate> AdmissionControl::odoo(const std::string& database) {
    const std::scoped_lock lock(mutex_);
    return odoo_gate(database, {});
}

std::shared_ptr<CallGate> AdmissionControl::external(const std::string& connector) {
    const std::scoped_lock lock(mutex_);
    return external_gate(connector);
}

void AdmissionControl::calls_external(const std::string& connector, const std::string& flow) {
    const std::scoped_lock lock(mutex_);
    external_flows_.emplace(connector, flow);
}

std::optional<std::int64_t> AdmissionControl::earliest_start_ms(const std::string& connector, const std::string& flow,
                                                                std::int64_t now_ms) {
    const std::scoped_lock lock(mutex_);
    const auto known = connectors_.find(connector);
    if (known == connectors_.end()) return std::nullopt;
    std::int64_t wait_ms = 0;
    if (const auto gate = odoo_.find(known->second.odoo); gate != odoo_.end()) wait_ms = gate->second->wait_ms();
    if (external_flows_.contains({connector, flow})) wait_ms = std::max(wait_ms, external_gate(connector)->wait_ms());
    return wait_ms > 0 ? std::optional(now_ms + wait_ms) : std::nullopt;
}

}  // namespace sluice::delivery
