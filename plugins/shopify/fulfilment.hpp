#pragma once
// An Odoo delivery that is done becomes a fulfilment of the shop's order.

#include <sluice/plugin.hpp>

#include "settings.hpp"

namespace shopify {

/// `event` is a change of a stock.picking with its order's external id. The first one makes the fulfilment, a later one
/// (a tracking number that is typed after the delivery is done) updates it. Repeat-safe: fulfillmentCreate is not
/// idempotent at Shopify, so what is there is looked at first, and a fulfilment with the same pieces that no earlier
/// delivery of ours has claimed is this one.
void send_fulfilment(const sluice::Event& event, sluice::Delivery& delivery, const Settings& settings);

}  // namespace shopify
