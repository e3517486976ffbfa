#pragma once
// Reads how a flow's events are delivered and kept: retries, priority, deadline, coalescing, batches, retention.

#include <string>

#include "core/contract/contract.hpp"
#include "core/toml/table_reader.hpp"

namespace sluice::contract {

/// Reads those keys of a flow's table into the flow.
void read_delivery(toml::TableReader& reader, Flow& flow, toml::Problems& problems);

/// What is wrong with how long things are kept; "" where nothing is.
std::string retention_problem(const Retention& retention);

}  // namespace sluice::contract
