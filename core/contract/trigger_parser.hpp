#pragma once
// What starts a flow: [flow.NAME.webhook], [flow.NAME.odoo_change], [flow.NAME.schedule].

#include <map>
#include <string>

#include "core/contract/contract.hpp"
#include "core/toml/table_reader.hpp"

namespace sluice::contract {

/// `topics` remembers which flow takes which webhook topic, over all flows of the contract.
WebhookTrigger parse_webhook(const toml::Node& node, const std::string& flow,
                             const std::map<std::string, ConfigKey>& config, std::map<std::string, std::string>& topics,
                             toml::Problems& problems);
OdooChangeTrigger parse_odoo_change(const toml::Node& node, const std::string& flow,
                                    const std::map<std::string, ConfigKey>& config, toml::Problems& problems);
/// `path` names the table: "flow.order.schedule".
ScheduleTrigger parse_schedule(const toml::Node& node, const std::string& path, toml::Problems& problems);
/// A domain in Odoo's notation as JSON; the text "{config:KEY}" is left in it for the connector's value.
std::string read_domain(const toml::Node& domain, const std::map<std::string, ConfigKey>& config,
                        toml::TableReader& reader);

}  // namespace sluice::contract
