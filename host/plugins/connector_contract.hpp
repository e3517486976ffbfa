#pragma once
// A connector's contract as a check sees it.

#include "host/contracts/contract_report.hpp"
#include "host/plugins/plugin_handler.hpp"

namespace sluice::host {

/// Of the flows that are on. The connector outlives it.
CheckedContract contract_of(const Connector& connector);

}  // namespace sluice::host
