#pragma once
// Messages of a broker as what starts a flow: [flow.NAME.queue].

#include <map>
#include <string>

#include "core/contract/contract.hpp"
#include "core/toml/tree.hpp"

namespace sluice::contract {

QueueTrigger parse_queue(const toml::Node& node, const std::string& flow,
                         const std::map<std::string, ConfigKey>& config, toml::Problems& problems);

}  // namespace sluice::contract
