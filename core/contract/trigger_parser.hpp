#pragma once
// What starts a flow: [flow.NAME.webhook], [flow.NAME.odoo_change], [flow.NAME.schedule].

#include <map>
#include <string>

#include "core/contract/contract.hpp"
#include "core/toml/tree.hpp"

namespace sluice::contract {

/// `topics` remembers which flow takes which webhook topic, over all flows of the contract.
WebhookTrigger parse_webhook(const toml::Node& node, const std::string& flow,
                             const std::map<std::string, ConfigKey>& config, std::map<std::string, std::string>& topics,
                             toml::Problems& problems);
OdooChangeTrigger parse_odoo_change(const toml::Node& node, const std::string& flow,
                                    const std::map<std::string, ConfigKey>& config, toml::Problems& problems);
ScheduleTrigger parse_schedule(const toml::Node& node, const std::string& flow, toml::Problems& problems);

}  // namespace sluice::contract
