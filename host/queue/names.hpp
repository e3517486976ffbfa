#pragma once
// What a flow reads at the broker, for one connector.

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "host/plugins/plugin_handler.hpp"

namespace sluice::host {

struct QueueNames {
    std::string stream, consumer;
    std::string subject;  ///< "": all of the stream
};

/// The contract's names with the connector's values. Without a `consumer` in the contract it is
/// "sluice_CONNECTOR_FLOW"; no connector has an underscore, so no two are the same. Failure::invalid where a value
/// makes no name.
Result<QueueNames> queue_names(const Connector& connector, const contract::Flow& flow);

/// Two flows of this connector that would drop each other's events as repeats: they read the same messages and make the
/// same `event_id` of them. One text for each pair.
std::vector<std::string> queue_conflicts(const Connector& connector);

}  // namespace sluice::host
