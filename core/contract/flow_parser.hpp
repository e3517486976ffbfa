#pragma once
// Reads one flow: its trigger, its ordering, its retries, and its records.

#include <map>
#include <string>
#include <vector>

#include "core/contract/contract.hpp"
#include "core/toml/table_reader.hpp"

namespace sluice::contract {

/// `topics` remembers which flow takes which webhook topic, over all flows of the contract.
Flow parse_flow(const toml::Node& node, const std::string& name, const std::map<std::string, ConfigKey>& config,
                std::map<std::string, std::string>& topics, toml::Problems& problems);

/// The configuration keys named under `needs`; one that does not exist is a problem.
std::vector<std::string> read_needs(toml::TableReader& reader, const std::map<std::string, ConfigKey>& config);

/// A name of a contract, flow, record, key or credential: [a-z0-9_-]+. False, and a problem, where it is not.
bool check_name(const std::string& name, toml::Place place, toml::Problems& problems);

}  // namespace sluice::contract
