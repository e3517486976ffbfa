#pragma once
// The shop's orders, page by page, for a reconciliation.

#include <sluice/plugin.hpp>
#include <string>
#include <string_view>

#include "settings.hpp"

namespace shopify {

/// `event` has the topic SLUICE_RECONCILE: hands over the page it asks for, of orders by update time, or those with the
/// ids it names. Only reads.
void list_orders(const sluice::Event& event, sluice::Delivery& delivery, const Settings& settings);

/// The `page_info` of the next page in a `Link` header, as it stands there; "" where there is none.
std::string next_page(std::string_view link);

}  // namespace shopify
