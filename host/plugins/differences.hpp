#pragma once
// How a write to Odoo differs from what is there now.

#include <string>
#include <vector>

#include "core/odoo/client.hpp"
#include "host/plugins/planned_call.hpp"

namespace sluice::host {

/// Fills in the differences of a call of `write`, `create`, `load` or `unlink`, reading Odoo as it is; of any other
/// method there is a note alone. Failures are notes too. Answers a name for each record that would be new, in the order
/// Odoo would answer its id; for `load` also those that are there already, with their ids.
struct NewRecord {
    std::string name;
    std::int64_t id = 0;  ///< of one that is there already; 0: it would be new
};
std::vector<NewRecord> find_differences(odoo::Caller& odoo, PlannedCall& call);

}  // namespace sluice::host
