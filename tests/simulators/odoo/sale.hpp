#pragma once
// sale.order and its lines (addons/sale/models): amounts, confirmation, cancellation.

#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim::sale {

// Fields renamed in 19 (FACTS section 5).
std::string_view line_uom_field(const Env& env);
std::string_view line_taxes_field(const Env& env);

// Sums the lines into the order's stored amounts.
void recompute_order(Env& env, std::int64_t order);
void recompute_line(Env& env, std::int64_t line);

json::value action_confirm(Env& env, const Ids& orders);
// True, or the wizard's action for what is past draft (16 to 18); see FACTS section 5.
json::value action_cancel(Env& env, const Ids& orders);
json::value action_draft(Env& env, const Ids& orders);
// sale.order.cancel.action_cancel
json::value wizard_cancel(Env& env, const Ids& wizards);

}  // namespace sluice::sim::sale
