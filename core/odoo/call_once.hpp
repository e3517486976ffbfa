#pragma once
// Calls that must not be repeated blindly: wizards, payments, inventory adjustments (from Odoo 19 on the second
// stock.quant.action_apply_inventory sets the stock to zero).

#include <cstdint>
#include <string>

#include "core/odoo/client.hpp"

namespace sluice::odoo {

/// Where to look whether a call was applied: it was where a record of `model` matches `domain` (a JSON array, Odoo's
/// own notation). It must tell this call from any other one, and hold as soon as the call is applied: a payment's own
/// reference, a transfer's state `done`, an adjusted quantity.
struct Probe {
    std::string model, domain;
};

struct ProbedCall {
    std::string model, method, args = "[]", kwargs = "{}";
    Probe applied;
};

enum class Once : std::uint8_t {
    called,   ///< now, and the probe finds it
    applied,  ///< before, by an attempt whose answer was lost
};

/// Looks, calls only where the probe finds nothing, and looks again. Failure::unknown where the call was sent and not
/// answered: the next attempt's look tells. Failure::rejected where Odoo answered and the probe still finds nothing:
/// the call led elsewhere (a wizard that asks first), or the probe is wrong, which must not go unnoticed until an
/// answer is lost. Two things a look cannot see: another host that does the same at once, and a lost call that Odoo is
/// still working on (up to a minute and a half, FACTS 5). Where nothing in Odoo keeps the call from running twice, let
/// the next attempt wait as long as a call may take.
Result<Once> call_once(Caller& odoo, const ProbedCall& call);

}  // namespace sluice::odoo
