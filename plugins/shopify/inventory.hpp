#pragma once
// Odoo's free stock of a product becomes what the shop has available.

#include <sluice/plugin.hpp>

#include "settings.hpp"

namespace shopify {

/// `event` is a change of a stock.quant, in the order of its product: what is free now is read at delivery, so that of
/// many changes the first one delivered brings the last state. Compare-and-set with an idempotency key: a change in the
/// shop in between is seen, and what was sent before the answer was lost has no second effect.
void send_stock_level(const sluice::Event& event, sluice::Delivery& delivery, const Settings& settings);

}  // namespace shopify
