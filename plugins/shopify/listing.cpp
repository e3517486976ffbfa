#include "listing.hpp"

#include "admin.hpp"

namespace shopify {
namespace {

/// A page is compared as a whole before the next one is asked for; Shopify's largest has 250.
constexpr std::string_view page_size = "50", largest_page = "250";

}  // namespace

std::string next_page(std::string_view link) {
    // <https://...?limit=50&page_info=abc>; rel="previous", <https://...?limit=50&page_info=def>; rel="next"
    constexpr std::string_view next = "rel=\"next\"", key = "page_info=";
    while (!link.empty()) {
        const auto end = link.find('>');
        if (end == std::string_view::npos) return "";
        const auto address = link.substr(0, end);
        const auto behind = link.substr(end, link.find('<', end) - end);
        if (behind.find(next) != std::string_view::npos) {
            const auto at = address.find(key);
            if (at == std::string_view::npos) return "";
            const auto value = address.substr(at + key.size());
            return std::string(value.substr(0, value.find('&')));
        }
        link.remove_prefix(end + behind.size());
    }
    return "";
}

void list_orders(const sluice::Event& event, sluice::Delivery& delivery, const Settings& settings) {
    const auto asked = json::parse(event.payload).as_object();
    std::string query;
    if (const auto cursor = text_of(asked, "cursor"); !cursor.empty()) {
        query = "limit=" + std::string(page_size) + "&page_info=" + cursor;
    } else if (const auto* ids = asked.if_contains("ids")) {
        query = "status=any&limit=" + std::string(largest_page) + "&ids=";
        for (const auto& id : ids->as_array()) {
            if (query.back() != '=') query += ',';
            query += id.as_string();
        }
    } else {
        query = "status=any&order=updated_at+asc&limit=" + std::string(page_size) +
                "&updated_at_min=" + text_of(asked, "from") + "&updated_at_max=" + text_of(asked, "to");
    }
    Admin admin(delivery, settings);
    const auto reply = admin.get("orders.json?" + query);
    const auto headers = json::parse(reply.headers).as_object();
    delivery.list_page(reply.body, "/orders", next_page(text_of(headers, "link")));
}

}  // namespace shopify
