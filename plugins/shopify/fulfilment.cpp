#include "fulfilment.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "admin.hpp"

namespace shopify {
namespace {

constexpr std::string_view order_document = R"(query Order($id: ID!) {
  order(id: $id) {
    id
    fulfillmentOrders(first: 10) {
      pageInfo { hasNextPage }
      nodes { id status lineItems(first: 40) { pageInfo { hasNextPage } nodes { id remainingQuantity lineItem { id } } } }
    }
    fulfillments(first: 20) {
      id status trackingInfo(first: 1) { number }
      fulfillmentLineItems(first: 40) { pageInfo { hasNextPage } nodes { quantity lineItem { id } } }
    }
  }
})";
constexpr std::string_view create_document = R"(mutation Fulfil($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id } userErrors { field message } }
})";
constexpr std::string_view tracking_document =
    R"(mutation Track($id: ID!, $tracking: FulfillmentTrackingInput!, $notify: Boolean) {
  fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $tracking, notifyCustomer: $notify) {
    fulfillment { id } userErrors { field message }
  }
})";

/// Pieces by the shop's line item ("gid://shopify/LineItem/1").
using Pieces = std::map<std::string, std::int64_t>;

std::string gid(std::string_view type, std::string_view number) {
    return "gid://shopify/" + std::string(type) + "/" + std::string(number);
}

/// "450789469" of "order_450789469", the external id the contract gave the order.
std::string order_number(const json::object& picking) {
    constexpr std::string_view prefix = "order_";
    const auto name = text_of(picking.at("external_ids").as_object(), "sale_id");
    if (!name.starts_with(prefix)) throw sluice::Rejected("the delivery's order is none of this shop: `" + name + "`");
    return name.substr(prefix.size());
}

/// `quantity` since Odoo 17, `quantity_done` before.
std::string quantity_field(sluice::Delivery& delivery) {
    const auto fields =
        json::parse(delivery.odoo("stock.move", "fields_get",
                                  R"({"allfields":["quantity","quantity_done"],"attributes":["type"]})"))
            .as_object();
    return fields.contains("quantity") ? "quantity" : "quantity_done";
}

/// What of the order's own lines a delivery shipped. A line that a person added in Odoo is no line of the shop.
Pieces shipped_pieces(sluice::Delivery& delivery, std::int64_t picking, const std::string& order) {
    const auto field = quantity_field(delivery);
    const json::object search{
        {"domain", json::array{{"picking_id", "=", picking}, {"state", "=", "done"}, {"sale_line_id", "!=", false}}},
        {"fields", {field, "sale_line_id"}},
        {"load", false}};
    const auto moves = json::parse(delivery.odoo("stock.move", "search_read", json::serialize(search))).as_array();
    json::array lines;
    for (const auto& move : moves) lines.push_back(move.at("sale_line_id"));
    if (lines.empty()) return {};
    const auto names =
        json::parse(delivery.odoo("sale.order.line", "get_external_id", json::serialize(json::object{{"ids", lines}})))
            .as_object();
    const auto mark = "order_" + order + "_line_";
    Pieces pieces;
    for (const auto& move : moves) {
        const auto name = text_of(names, std::to_string(move.at("sale_line_id").to_number<std::int64_t>()));
        const auto at = name.find(mark);
        if (at == std::string::npos) continue;
        const auto number = name.substr(at + mark.size());
        const auto quantity = whole_number(move.at(field), "the quantity of line " + number);
        if (quantity > 0) pieces[gid("LineItem", number)] += quantity;
    }
    return pieces;
}

json::object read_order(Admin& admin, const std::string& order) {
    auto data = admin.query(order_document, {{"id", gid("Order", order)}});
    auto* found = data.if_contains("order");
    if (found == nullptr || !found->is_object()) throw sluice::Rejected("the shop has no order " + order);
    return std::move(found->as_object());
}

/// Which delivery of ours made which fulfilment of an order: {"PICKING": "gid://shopify/Fulfillment/1"} as this
/// connector's state.
class Claimed {
public:
    Claimed(sluice::Delivery& delivery, const std::string& order) : delivery_(delivery), name_("fulfilments/" + order) {
        const auto kept = delivery.state(name_);
        if (!kept.empty()) ids_ = json::parse(kept).as_object();
    }
    /// The delivery's fulfilment; "" where it has none yet.
    std::string of(std::int64_t picking) const { return text_of(ids_, std::to_string(picking)); }
    bool has(std::string_view fulfilment) const {
        return std::ranges::any_of(ids_, [&](const auto& claim) { return claim.value().as_string() == fulfilment; });
    }
    void add(std::int64_t picking, std::string_view fulfilment) {
        ids_[std::to_string(picking)] = json::string(fulfilment);
        delivery_.put_state(name_, json::serialize(ids_));
    }

private:
    sluice::Delivery& delivery_;
    std::string name_;
    json::object ids_;
};

bool is_void(const json::object& fulfilment) {
    const auto status = text_of(fulfilment, "status");
    return status == "CANCELLED" || status == "ERROR" || status == "FAILURE";
}

/// A fulfilment with exactly these pieces that none of ours has claimed; "" where there is none. It is the lost answer
/// of an earlier attempt, or a person's in the shop: either way the pieces are accounted for.
std::string same_fulfilment(const json::object& order, const Pieces& pieces, const Claimed& claimed) {
    for (const auto& one : order.at("fulfillments").as_array()) {
        const auto& fulfilment = one.as_object();
        const auto id = text_of(fulfilment, "id");
        if (is_void(fulfilment) || claimed.has(id)) continue;
        Pieces there;
        for (const auto& item : nodes_of(fulfilment, "fulfillmentLineItems", "lines in a fulfilment"))
            there[text_of(item.at("lineItem").as_object(), "id")] += item.at("quantity").to_number<std::int64_t>();
        if (there == pieces) return id;
    }
    return "";
}

/// Whether a fulfilment that is there should get this tracking number: it has another one or none. No number in Odoo
/// takes none away that a person gave it in the shop.
bool wants_tracking(const json::object& order, std::string_view id, const std::string& tracking) {
    if (tracking.empty()) return false;
    for (const auto& one : order.at("fulfillments").as_array()) {
        const auto& fulfilment = one.as_object();
        if (text_of(fulfilment, "id") != id) continue;
        const auto& infos = fulfilment.at("trackingInfo").as_array();
        return !is_void(fulfilment) && (infos.empty() || text_of(infos.front().as_object(), "number") != tracking);
    }
    return false;
}

/// The shop's fulfilment orders that the pieces are taken from. Throws Rejected where less is left to fulfil.
json::array allocate(const json::object& order, Pieces pieces) {
    static const std::set<std::string, std::less<>> open_states{"OPEN", "IN_PROGRESS"};
    json::array groups;
    for (const auto& node : nodes_of(order, "fulfillmentOrders", "fulfilment orders")) {
        // A closed one may still have remaining pieces: those of a cancelled order.
        if (!open_states.contains(text_of(node.as_object(), "status"))) continue;
        json::array items;
        for (const auto& item : nodes_of(node.as_object(), "lineItems", "lines in a fulfilment order")) {
            const auto wanted = pieces.find(text_of(item.at("lineItem").as_object(), "id"));
            if (wanted == pieces.end()) continue;
            const auto taken = std::min(wanted->second, item.at("remainingQuantity").to_number<std::int64_t>());
            if (taken <= 0) continue;
            items.push_back(json::object{{"id", item.at("id")}, {"quantity", taken}});
            wanted->second -= taken;
        }
        if (!items.empty())
            groups.push_back(json::object{{"fulfillmentOrderId", node.at("id")}, {"fulfillmentOrderLineItems", items}});
    }
    for (const auto& [line, left] : pieces) {
        if (left > 0)
            throw sluice::Rejected(std::to_string(left) + " pieces of " + line +
                                   " were shipped, and the shop has none of them left to fulfil");
    }
    return groups;
}

}  // namespace

void send_fulfilment(const sluice::Event& event, sluice::Delivery& delivery, const Settings& settings) {
    const auto picking = json::parse(event.payload).as_object();
    if (picking.contains("gone")) return delivery.explain("the delivery is gone from Odoo; nothing was sent");
    const auto name = text_of(picking, "name");
    const auto order = order_number(picking);
    const auto picking_id = picking.at("id").to_number<std::int64_t>();
    const auto tracking = text_of(picking, "carrier_tracking_ref");
    const auto pieces = shipped_pieces(delivery, picking_id, order);
    if (pieces.empty()) return delivery.explain(name + " shipped nothing of the shop's lines");

    Admin admin(delivery, settings);
    Claimed claimed(delivery, order);
    const auto there = read_order(admin, order);
    auto known = claimed.of(picking_id);
    if (known.empty()) {
        known = same_fulfilment(there, pieces, claimed);
        if (!known.empty()) claimed.add(picking_id, known);
    }
    if (!known.empty() && wants_tracking(there, known, tracking)) {
        const auto updated =
            admin.mutate("fulfillmentTrackingInfoUpdate", tracking_document,
                         {{"id", known}, {"tracking", {{"number", tracking}}}, {"notify", settings.notify_customer}});
        refuse_user_errors(updated, "the tracking number of " + name);
        return delivery.explain("gave " + known + " the tracking number of " + name);
    }
    if (!known.empty()) return delivery.explain(name + " is fulfilled already, as " + known);

    json::object fulfillment{{"lineItemsByFulfillmentOrder", allocate(there, pieces)},
                             {"notifyCustomer", settings.notify_customer}};
    if (!tracking.empty()) fulfillment["trackingInfo"] = json::object{{"number", tracking}};
    const auto made = admin.mutate("fulfillmentCreate", create_document, {{"fulfillment", std::move(fulfillment)}});
    refuse_user_errors(made, "the fulfilment of " + name);
    const auto id = text_of(made.at("fulfillment").as_object(), "id");
    claimed.add(picking_id, id);
    delivery.explain("fulfilled " + name + " as " + id);
}

}  // namespace shopify
