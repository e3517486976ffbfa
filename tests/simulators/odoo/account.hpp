#pragma once
// Customer invoices and their payments (addons/account/models): drafted, posted, paid by the wizard
// account.payment.register. As much as it takes to see a payment made twice; journals, entries' own items, refunds and
// bills are not claimed.

#include <string_view>

#include "tests/simulators/odoo/behaviour.hpp"
#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim::account {

inline constexpr std::string_view kMove = "account.move";
inline constexpr std::string_view kMoveLine = "account.move.line";
inline constexpr std::string_view kPayment = "account.payment";
inline constexpr std::string_view kRegister = "account.payment.register";

// False, as in Odoo; a UserError for what is not a draft.
json::value action_post(Env& env, const Ids& moves);
// Pays what the wizard says, each time it is called: a second time, too, and what is beyond the invoice's residual is a
// payment of nothing (seen on a real 17.0).
json::value action_create_payments(Env& env, const Ids& wizards);

Behaviour move_behaviour();
Behaviour move_line_behaviour();
Behaviour register_behaviour();

}  // namespace sluice::sim::account
