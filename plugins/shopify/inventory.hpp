#pragma once
// Odoo's free stock of a product becomes what the shop has available.

#include <sluice/plugin.hpp>

#include "settings.hpp"

namespace shopify {

/// `event` is a change of a stock.quant, in the order of its product: what is free now is read at delivery, so that of
/// many changes the first one delivered brings the last state. Pieces of the shop's orders that nobody has confirmed
/// yet are not free. Compare-and-set: what the shop sells in between is seen, and what was set before the answer was
/// lost is found set.
void send_stock_level(const sluice::Event& event, sluice::Delivery& delivery, const Settings& settings);

}  // namespace shopify
