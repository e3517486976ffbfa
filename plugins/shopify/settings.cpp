#include "settings.hpp"

#include <cmath>
#include <limits>
#include <sluice/plugin.hpp>

namespace shopify {

Settings Settings::parse(const std::string& configuration) {
    const auto keys = json::parse(configuration).as_object();
    Settings settings{.shop_url = text_of(keys, "shop_url"), .location_id = text_of(keys, "location_id")};
    while (settings.shop_url.ends_with('/')) settings.shop_url.pop_back();
    if (const auto* warehouse = keys.if_contains("warehouse_id"))
        settings.warehouse_id = warehouse->to_number<std::int64_t>();
    if (const auto* notify = keys.if_contains("notify_customer")) settings.notify_customer = notify->as_bool();
    return settings;
}

std::string text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::int64_t whole_number(const json::value& value, std::string_view what) {
    if (value.is_int64()) return value.get_int64();
    if (value.is_double()) {
        const double number = value.get_double();
        // Whole numbers up to here are exact in a double.
        constexpr double limit = 9'007'199'254'740'992.0;
        if (std::trunc(number) == number && std::fabs(number) < limit) return static_cast<std::int64_t>(number);
    }
    throw sluice::Rejected(std::string(what) + " is " + json::serialize(value) + ", and Shopify counts whole pieces");
}

}  // namespace shopify
