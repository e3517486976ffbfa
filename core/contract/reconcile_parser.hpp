#pragma once
// What of a flow is reconciled: [flow.NAME.reconcile].

#include <map>
#include <string>

#include "core/contract/contract.hpp"
#include "core/toml/tree.hpp"

namespace sluice::contract {

/// `flow` is read already, but for this.
ReconcileRule parse_reconcile(const toml::Node& node, const Flow& flow, const std::map<std::string, ConfigKey>& config,
                              toml::Problems& problems);

}  // namespace sluice::contract
