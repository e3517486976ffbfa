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

struct Product {
    std::string sku;
    std::int64_t free = 0;
};

/// Nothing where the product is gone from Odoo.
std::optional<Product> read_product(sluice::Delivery& delivery, std::string_view id, const Settings& settings) {
    json::object arguments{{"ids", json::array{json::parse(id)}}, {"fields", {"default_code", "free_qty"}}};
    if (settings.warehouse_id > 0) arguments["context"] = json::object{{"warehouse", settings.warehouse_id}};
    const auto rows = json::parse(delivery.odoo("product.product", "read", json::serialize(arguments))).as_array();
    if (rows.empty()) return std::nullopt;
    const auto& row = rows.front().as_object();
    const auto free = whole_number(row.at("free_qty"), "the free quantity of product " + std::string(id));
    // What is promised beyond what is there is nothing that the shop could sell.
    return Product{.sku = text_of(row, "default_code"), .free = std::max<std::int64_t>(0, free)};
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

/// True: set. False: the level was another one than we had read.
bool set_level(Admin& admin, const Item& item, std::int64_t to, const std::string& key, const Settings& settings) {
    const json::object quantity{{"inventoryItemId", item.id},
                                {"locationId", settings.location_id},
                                {"quantity", to},
                                {"changeFromQuantity", item.available}};
    json::object input{{"name", "available"}, {"reason", "correction"}, {"quantities", json::array{quantity}}};
    const auto root = admin.mutate("inventorySetQuantities", set_document, {{"input", std::move(input)}, {"key", key}});
    if (has_user_error(root, "CHANGE_FROM_QUANTITY_STALE")) return false;
    if (has_user_error(root, "IDEMPOTENCY_CONCURRENT_REQUEST"))
        throw sluice::Retry("an earlier attempt of the same change is still running at Shopify");
    refuse_user_errors(root, "the stock level");
    return true;
}

}  // namespace

void send_stock_level(const sluice::Event& event, sluice::Delivery& delivery, const Settings& settings) {
    Admin admin(delivery, settings);
    for (int round = 0; round < most_rounds; ++round) {
        const auto product = read_product(delivery, event.ordering_key, settings);
        if (!product) return delivery.explain("the product is gone from Odoo; nothing was sent");
        if (product->sku.empty()) return delivery.explain("the product has no internal reference; nothing was sent");
        const auto item = read_item(admin, product->sku, settings);
        if (!item) return delivery.explain("the shop does not sell `" + product->sku + "`");
        if (!item->tracked) return delivery.explain("the shop does not track `" + product->sku + "`");
        const auto change = std::to_string(item->available) + " -> " + std::to_string(product->free);
        if (item->available == product->free)
            return delivery.explain("`" + product->sku + "` is at " + std::to_string(product->free) + " already");
        // The change is part of the key: another starting point is another change.
        const auto key = delivery.effect_key("set " + change + " round " + std::to_string(round));
        if (set_level(admin, *item, product->free, key, settings))
            return delivery.explain("`" + product->sku + "` set: " + change);
    }
    throw sluice::Retry("the shop's stock level changes as often as it is read");
}

}  // namespace shopify
