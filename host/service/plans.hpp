#pragma once
// What the engine must know of a connector, out of contract and configuration.

#include "core/delivery/engine.hpp"
#include "host/plugins/plugin_handler.hpp"

namespace sluice::host {

/// The flows of the contract; what the journal has besides is the caller's to add.
delivery::ConnectorPlan plan_of(const Connector& connector);

}  // namespace sluice::host
