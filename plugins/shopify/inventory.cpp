#include "inventory.hpp"

#include <algorithm>
#include <optional>

#include "admin.hpp"

namespace shopify {
namespace {

/// How often the shop may change the level in between before the event waits for its back-off.
constexpr int most_rounds = 3;

constexpr std::string_view level_document = R"(query Level($query: String!, $location: ID!) {
  productVariants(first: 5, query: $query) {
    pageInfo { hasNextPage }
    nodes { sku inventoryItem { id tracked inventoryLevel(locationId: $location) { quantities(names: ["available"]) { quantity } } } }
  }
})";
constexpr std::string_view set_document = R"(mutation Set($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id }
    userErrors { code field message }
  }
})";

json::array read_odoo(sluice::Delivery& delivery, std::string_view model, const char* method,
                      const json::object& arguments) {
    return json::parse(delivery.odoo(model, method, json::serialize(arguments))).as_array();
}

/// The internal reference, which is the shop's SKU; "" where nothing is to be sent, and then the delivery says why.
std::string read_sku(sluice::Delivery& delivery, const json::value& product) {
    const auto nothing = [&](const std::string& why) {
        delivery.explain(why + "; nothing was sent");
        return std::string();
    };
    const auto rows = read_odoo(delivery, "product.product", "read",
                                {{"ids", json::array{product}}, {"fields", {"default_code", "active"}}});
    if (rows.empty()) return nothing("the product is gone from Odoo");
    const auto& row = rows.front().as_object();
    // What is left of it is not for sale, and another product may have its reference by now.
    if (!row.at("active").as_bool()) return nothing("the product is archived in Odoo");
    const auto sku = text_of(row, "default_code");
    return sku.empty() ? nothing("the product has no internal reference") : sku;
}

/// Pieces that are sold and that Odoo reserves nothing for yet: the lines of quotations that Sluice wrote, whichever
/// shop's (in the product's own unit, since the contract writes no other). A person's quotation is an offer.
std::int64_t pieces_on_quotations(sluice::Delivery& delivery, const json::value& product) {
    const auto lines = read_odoo(
        delivery, "sale.order.line", "search_read",
        {{"domain", json::array{{"product_id", "=", product}, {"order_id.state", "in", json::array{"draft", "sent"}}}},
         {"fields", {"product_uom_qty"}}});
    if (lines.empty()) return 0;
    json::array ids;
    for (const auto& line : lines) ids.push_back(line.at("id"));
    const auto names = json::parse(delivery.odoo("sale.order.line", "get_external_id",
                                                 json::serialize(json::object{{"ids", std::move(ids)}})))
                           .as_object();
    std::int64_t pieces = 0;
    for (const auto& line : lines) {
        const auto name = text_of(names, std::to_string(line.at("id").to_number<std::int64_t>()));
        if (name.starts_with("__sluice__."))
            pieces += whole_number(line.at("product_uom_qty"), "the quantity of " + name);
    }
    return pieces;
}

/// What Odoo has and has promised to nobody. Throws Rejected where several products could be meant.
std::int64_t free_pieces(sluice::Delivery& delivery, const std::string& sku, const Settings& settings) {
    json::object search{{"domain", json::array{{"default_code", "=", sku}}}, {"fields", {"free_qty"}}};
    if (settings.warehouse_id > 0) search["context"] = json::object{{"warehouse", settings.warehouse_id}};
    const auto rows = read_odoo(delivery, "product.product", "search_read", search);
    if (rows.size() > 1)
        throw sluice::Rejected(std::to_string(rows.size()) + " products in Odoo have the internal reference `" + sku +
                               "`, and the shop has one stock level for it");
    return whole_number(rows.at(0).at("free_qty"), "the free quantity of `" + sku + "`");
}

struct Item {
    std::string id;
    bool tracked = false;
    std::int64_t available = 0;
};

std::string quoted(const std::string& sku) {
    std::string out = "\"";
    for (const char c : sku) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

/// Nothing where the shop does not sell this SKU.
std::optional<Item> read_item(Admin& admin, const std::string& sku, const Settings& settings) {
    const auto data =
        admin.query(level_document, {{"query", "sku:" + quoted(sku)}, {"location", settings.location_id}});
    std::optional<Item> found;
    for (const auto& node : nodes_of(data, "productVariants", "variants with one SKU")) {
        if (text_of(node.as_object(), "sku") != sku) continue;  // the search does not mind the case of letters
        if (found) throw sluice::Rejected("the shop has more than one variant with the SKU `" + sku + "`");
        const auto& item = node.at("inventoryItem").as_object();
        found = Item{.id = text_of(item, "id"), .tracked = item.at("tracked").as_bool()};
        if (!found->tracked) continue;
        const auto& level = item.at("inventoryLevel");
        if (!level.is_object())
            throw sluice::Rejected("`" + sku + "` is not stocked at " + settings.location_id + " in the shop");
        found->available = level.at("quantities").as_array().at(0).at("quantity").to_number<std::int64_t>();
    }
    return found;
}

/// True: set. False: nothing was done, and the level is to be read again.
bool set_level(Admin& admin, const Item& item, std::int64_t to, const std::string& key, const Settings& settings) {
    const json::object quantity{{"inventoryItemId", item.id},
                                {"locationId", settings.location_id},
                                {"quantity", to},
                                {"changeFromQuantity", item.available}};
    json::object input{{"name", "available"}, {"reason", "correction"}, {"quantities", json::array{quantity}}};
    const auto root = admin.mutate("inventorySetQuantities", set_document, {{"input", std::move(input)}, {"key", key}});
    if (has_user_error(root, "CHANGE_FROM_QUANTITY_STALE")) return false;
    if (has_user_error(root, "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED")) return false;  // the next round has another key
    if (has_user_error(root, "IDEMPOTENCY_CONCURRENT_REQUEST"))
        throw sluice::Retry("an earlier attempt of the same change is still running at Shopify");
    refuse_user_errors(root, "the stock level");
    return true;
}

}  // namespace

void send_stock_level(const sluice::Event& event, sluice::Delivery& delivery, const Settings& settings) {
    const auto product = json::parse(event.ordering_key);
    const auto sku = read_sku(delivery, product);
    if (sku.empty()) return;
    Admin admin(delivery, settings);
    for (int round = 0; round < most_rounds; ++round) {
        // The shop is read first: a piece that it sells after that makes the set stale. And quotations before what is
        // free: an order that is confirmed in between counts twice for a moment, not never.
        const auto item = read_item(admin, sku, settings);
        if (!item) return delivery.explain("the shop does not sell `" + sku + "`");
        if (!item->tracked) return delivery.explain("the shop does not track `" + sku + "`");
        const auto sold = pieces_on_quotations(delivery, product);
        // What is promised beyond what is there is nothing that the shop could sell.
        const auto level = std::max<std::int64_t>(0, free_pieces(delivery, sku, settings) - sold);
        if (item->available == level)
            return delivery.explain("`" + sku + "` is at " + std::to_string(level) + " already");
        const auto change = std::to_string(item->available) + " -> " + std::to_string(level);
        // Never the key of an earlier attempt: the level may have come back since, and Shopify would only repeat its
        // old answer. The comparison is what makes a repeat harmless.
        const auto key = delivery.effect_key("set " + change + ", attempt " + std::to_string(event.attempt) +
                                             ", round " + std::to_string(round));
        if (set_level(admin, *item, level, key, settings)) return delivery.explain("`" + sku + "` set: " + change);
    }
    throw sluice::Retry("the shop's stock level changes as often as it is read");
}

}  // namespace shopify
