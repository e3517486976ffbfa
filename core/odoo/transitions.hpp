#pragma once
// A record's field reaches a value by calls of the record's own methods (a quotation is cancelled by action_cancel).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/record.hpp"
#include "core/odoo/client.hpp"

namespace sluice::odoo {

struct Reached {
    std::string name;                ///< the record, for the operator: "sale.order 12 (S00012)"
    std::vector<std::string> steps;  ///< "action_cancel: state `draft` -> `cancel`"; none: it was there already
    std::string skipped;             ///< why it is not there, where the transition says that this is no error
};

/// Looks at the field, calls the method that leads on from its value, and looks again, until it is done: so the same
/// again, also after an unknown outcome, calls nothing twice, and what a person changed meanwhile is seen. A value from
/// which nothing leads on is Failure::rejected, or skipped, as the transition says; a call that changed nothing (Odoo
/// answers some with a wizard) is Failure::rejected.
Result<Reached> reach(Caller& odoo, std::string_view model, std::int64_t id, const mapping::Transition& transition);

/// "/cancelled_at asks for state `cancel`"
std::string describe(const mapping::Transition& transition);

}  // namespace sluice::odoo
