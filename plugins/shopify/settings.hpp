#pragma once
// What a shop's connector is configured with, and Boost.JSON for the plugin's own small documents.

#include <boost/json.hpp>
#include <string>

namespace shopify {

namespace json = boost::json;

/// The contract's keys that the plugin itself reads.
struct Settings {
    std::string shop_url;           ///< "https://my-shop.myshopify.com", without a slash at the end
    std::string location_id;        ///< of Shopify: "gid://shopify/Location/1"
    std::int64_t warehouse_id = 0;  ///< of Odoo; 0: all of the company
    bool notify_customer = false;

    /// From the configuration the host hands over. Throws std::exception where it is not what the contract says.
    static Settings parse(const std::string& configuration);
};

/// The text of an object's member; "" where it is absent, null or no text.
std::string text_of(const json::object& object, std::string_view name);

/// A number of pieces. Odoo's quantities are floats: one that is not whole has no place in a shop. Throws
/// sluice::Rejected, naming `what`.
std::int64_t whole_number(const json::value& value, std::string_view what);

}  // namespace shopify
