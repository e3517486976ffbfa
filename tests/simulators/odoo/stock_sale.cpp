// sale_stock: the deliveries of sale orders.
#include <algorithm>

#include "tests/simulators/odoo/external_ids.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/sale.hpp"
#include "tests/simulators/odoo/stock.hpp"

namespace sluice::sim::stock {

namespace {

constexpr std::string_view kOrder = "sale.order";
constexpr std::string_view kLine = "sale.order.line";
constexpr std::string_view kProduct = "product.product";
constexpr Micros kDay = 86'400'000'000;

std::string text(Env& env, std::string_view model, std::int64_t id, std::string_view field) {
    Env sudo = env.sudo();
    return orm::get_text(sudo, model, id, field);
}
std::int64_t id_of(Env& env, std::string_view model, std::int64_t id, std::string_view field) {
    Env sudo = env.sudo();
    return orm::get_id(sudo, model, id, field);
}
double number(Env& env, std::string_view model, std::int64_t id, std::string_view field) {
    Env sudo = env.sudo();
    return orm::get_number(sudo, model, id, field);
}

Ids moves_of_line(Env& env, std::int64_t line) {
    Ids moves = env.store().where(kMove, "sale_line_id", json::value(line));
    std::erase_if(moves, [&](auto move) {
        return text(env, kMove, move, "state") == "cancel" ||
               id_of(env, kMove, move, "product_id") != id_of(env, kLine, line, "product_id") ||
               text(env, kLocation, id_of(env, kMove, move, "location_dest_id"), "usage") != "customer";
    });
    return moves;
}

bool ships(Env& env, std::int64_t line) {
    const auto product = id_of(env, kLine, line, "product_id");
    if (product == 0) return false;
    const auto type = text(env, kProduct, product, "type");
    return type == "consu" || type == "product";
}

std::int64_t uom_of(Env& env, std::int64_t line) {
    return id_of(env, kLine, line, sale::line_uom_field(env));
}

// What the line's moves bring or brought, in the line's unit.
double procured(Env& env, std::int64_t line) {
    double sum = 0.0;
    for (const auto move : moves_of_line(env, line)) {
        const bool done = text(env, kMove, move, "state") == "done";
        sum += convert_quantity(env, number(env, kMove, move, done ? "quantity" : "product_uom_qty"),
                                id_of(env, kMove, move, "product_uom"), uom_of(env, line));
    }
    return sum;
}

std::string planned(Env& env, std::int64_t line) {
    const auto order = id_of(env, kLine, line, "order_id");
    const auto promised = text(env, kOrder, order, "commitment_date");
    if (!promised.empty()) return wire_datetime(promised);
    const auto from = parse_timestamp(text(env, kOrder, order, "date_order")).value_or(env.now());
    const auto days = static_cast<Micros>(number(env, kLine, line, "customer_lead"));
    return wire_datetime(stamp_text(from + days * kDay));
}

// The order's open delivery that takes further moves (_search_picking_for_assignation), or a new one.
std::int64_t picking_for(Env& env, std::int64_t order, std::int64_t type, std::int64_t from, std::int64_t to) {
    for (const auto picking : env.store().where(kPicking, "sale_id", json::value(order))) {
        const auto state = text(env, kPicking, picking, "state");
        Env sudo = env.sudo();
        if (state != "done" && state != "cancel" && id_of(env, kPicking, picking, "picking_type_id") == type &&
            id_of(env, kPicking, picking, "location_id") == from &&
            id_of(env, kPicking, picking, "location_dest_id") == to &&
            !truthy(orm::get(sudo, kPicking, picking, "printed")))
            return picking;
    }
    Env sudo = env.sudo();
    return create_picking(env, {{"origin", text(env, kOrder, order, "name")},
                                {"partner_id", orm::get(sudo, kOrder, order, "partner_shipping_id")},
                                {"picking_type_id", type},
                                {"location_id", from},
                                {"location_dest_id", to},
                                {"move_type", orm::get(sudo, kOrder, order, "picking_policy")},
                                {"sale_id", order}});
}

void reduce(Env& env, std::int64_t line, double surplus) {
    for (const auto move : moves_of_line(env, line)) {
        if (text(env, kMove, move, "state") == "done") continue;
        const double here = number(env, kMove, move, "product_uom_qty");
        if (compare(here, surplus) < 0) continue;
        set_demand(env, move, orm::round_half_up(here - surplus, 2));
        recompute_pickings(env, {id_of(env, kMove, move, "picking_id")});
        return;
    }
    throw not_claimed("the return of what a confirmed order does not ask for any more");
}

// A move for what the line still needs; joined with the line's open one in the same delivery.
void procure(Env& env, std::int64_t line, double missing, Ids& fresh, Ids& pickings) {
    Env sudo = env.sudo();
    const auto order = id_of(env, kLine, line, "order_id");
    const auto warehouse = id_of(env, kOrder, order, "warehouse_id");
    const auto product = id_of(env, kLine, line, "product_id");
    if (text(env, kWarehouse, warehouse, "delivery_steps") != "ship_only")
        throw not_claimed("deliveries in several steps");
    if (text(env, kProduct, product, "tracking") != "none")
        throw not_claimed("products tracked by lot or serial number");
    const auto type = id_of(env, kWarehouse, warehouse, "out_type_id");
    const auto from = id_of(env, kWarehouse, warehouse, "lot_stock_id");
    const auto to = external_ids::find(env, "stock.stock_location_customers").value().id;
    const auto uom = id_of(env, kProduct, product, "uom_id");
    const double quantity = convert_quantity(env, missing, uom_of(env, line), uom);
    Env system = env.with_user(kSuperuser);  // stock rules run as the superuser
    const auto picking = picking_for(system, order, type, from, to);
    if (std::find(pickings.begin(), pickings.end(), picking) == pickings.end()) pickings.push_back(picking);
    for (const auto move : moves_of_line(env, line)) {
        if (text(env, kMove, move, "state") == "done" || id_of(env, kMove, move, "picking_id") != picking) continue;
        update(env, kMove, move,
               {{"product_uom_qty", number(env, kMove, move, "product_uom_qty") + quantity},
                {"product_qty", number(env, kMove, move, "product_qty") + quantity}});
        recompute_move_states(env, {move});
        update(env, kPicking, picking, {});  // its computes pass through the move that is merged away
        fresh.push_back(move);
        return;
    }
    const auto date = planned(env, line);
    const auto out_text = text(env, kProduct, product, "description_pickingout");
    json::object row{{"name", orm::display_name(sudo, kProduct, product)},
                     {"origin", text(env, kOrder, order, "name")},
                     {"reference", text(env, kPicking, picking, "name")},
                     {"product_id", product},
                     {"product_uom", uom},
                     {"product_uom_qty", quantity},
                     {"product_qty", quantity},
                     {"quantity", 0.0},
                     {"picked", false},
                     {"state", "draft"},
                     {"picking_id", picking},
                     {"picking_type_id", type},
                     {"location_id", from},
                     {"location_dest_id", to},
                     {"warehouse_id", warehouse},
                     {"company_id", orm::get(sudo, kOrder, order, "company_id")},
                     {"partner_id", orm::get(sudo, kOrder, order, "partner_shipping_id")},
                     {"sale_line_id", line},
                     {"sequence", orm::get(sudo, kLine, line, "sequence")},
                     {"priority", "0"},
                     {"procure_method", "make_to_stock"},
                     {"propagate_cancel", false},
                     {"description_picking", out_text.empty() ? text(env, kProduct, product, "name") : out_text},
                     {"date", date},
                     {"date_deadline", date}};
    fresh.push_back(insert(system, kMove, std::move(row)));
}

}  // namespace

void launch(Env& env, const Ids& lines) {
    Ids fresh, pickings;
    for (const auto line : lines) {
        const auto order = id_of(env, kLine, line, "order_id");
        Env sudo = env.sudo();
        if (text(env, kOrder, order, "state") != "sale" || truthy(orm::get(sudo, kOrder, order, "locked")) ||
            !ships(env, line))
            continue;
        const double missing = number(env, kLine, line, "product_uom_qty") - procured(env, line);
        if (compare(missing, 0.0) < 0) reduce(env, line, -missing);
        if (compare(missing, 0.0) > 0) procure(env, line, missing, fresh, pickings);
    }
    confirm_moves(env, fresh);
    recompute_pickings(env, pickings);
}

void cancel_deliveries(Env& env, const Ids& orders) {
    for (const auto order : orders) {
        for (const auto picking : env.store().where(kPicking, "sale_id", json::value(order))) {
            if (text(env, kPicking, picking, "state") != "done") cancel_pickings(env, {picking});
        }
    }
}

void recompute_order(Env& env, std::int64_t order) {
    bool all_cancelled = true, all_closed = true, some_done = false;
    std::string first;
    for (const auto picking : env.store().where(kPicking, "sale_id", json::value(order))) {
        const auto state = text(env, kPicking, picking, "state");
        all_cancelled = all_cancelled && state == "cancel";
        all_closed = all_closed && (state == "done" || state == "cancel");
        some_done = some_done || state == "done";
        const auto date = text(env, kPicking, picking, "date_done");
        const auto usage = text(env, kLocation, id_of(env, kPicking, picking, "location_dest_id"), "usage");
        if (state == "done" && usage == "customer" && !date.empty() && (first.empty() || date < first)) first = date;
    }
    const json::value status = all_cancelled ? json::value(false)
                               : all_closed  ? json::value("full")
                               : some_done   ? json::value("partial")
                                             : json::value("pending");
    const auto store = [&](std::string_view field, json::value value) {
        const auto* row = env.store().find(kOrder, order);
        const auto* before = row == nullptr ? nullptr : row->if_contains(field);
        if ((before == nullptr || is_empty(*before)) && is_empty(value)) return;  // NULL stays NULL
        orm::store_computed(env, kOrder, order, field, std::move(value));
    };
    store("delivery_status", status);
    store("effective_date", first.empty() ? json::value(false) : json::value(first));
}

void recompute_delivered(Env& env, std::int64_t line) {
    if (!ships(env, line)) return;
    double sum = 0.0;
    for (const auto move : moves_of_line(env, line)) {
        if (text(env, kMove, move, "state") != "done") continue;
        sum += convert_quantity(env, number(env, kMove, move, "quantity"), id_of(env, kMove, move, "product_uom"),
                                uom_of(env, line));
    }
    if (compare(sum, number(env, kLine, line, "qty_delivered")) != 0)
        orm::store_computed(env, kLine, line, "qty_delivered", json::value(sum));
}

std::optional<json::value> order_field(Env& env, std::int64_t order, std::string_view field) {
    const bool deliveries = field == "picking_ids" || field == "delivery_count" || field == "delivery_status";
    if (deliveries && env.version() == 18 && text(env, kOrder, order, "state") == "sale")
        throw not_claimed("the deliveries of 18");
    if (field == "delivery_count")
        return json::value(
            static_cast<std::int64_t>(env.store().where(kPicking, "sale_id", json::value(order)).size()));
    if (field != "invoice_status") return std::nullopt;
    if (text(env, kOrder, order, "state") != "sale") return json::value("no");
    bool any = false, invoiced = true, upselling = true;
    for (const auto line : env.store().where(kLine, "order_id", json::value(order))) {
        if (!text(env, kLine, line, "display_type").empty()) continue;
        const auto status = text(env, kLine, line, "invoice_status");
        if (status == "to invoice") return json::value(status);
        any = true;
        invoiced = invoiced && status == "invoiced";
        upselling = upselling && (status == "invoiced" || status == "upselling");
    }
    return json::value(!any ? "no" : invoiced ? "invoiced" : upselling ? "upselling" : "no");
}

std::optional<json::value> line_field(Env& env, std::int64_t line, std::string_view field) {
    if (field == "qty_delivered_method") {
        const auto product = id_of(env, kLine, line, "product_id");
        if (product == 0) return json::value(false);
        return json::value(ships(env, line) ? "stock_move" : "manual");
    }
    const auto to_invoice = [&] {
        const bool sold = text(env, kOrder, id_of(env, kLine, line, "order_id"), "state") == "sale";
        if (!sold || !text(env, kLine, line, "display_type").empty()) return 0.0;
        const auto product = id_of(env, kLine, line, "product_id");
        const bool ordered = product != 0 && text(env, kProduct, product, "invoice_policy") == "order";
        return number(env, kLine, line, ordered ? "product_uom_qty" : "qty_delivered");
    };
    if (field == "qty_to_invoice") return json::value(to_invoice());
    if (field == "invoice_status") {
        if (text(env, kOrder, id_of(env, kLine, line, "order_id"), "state") != "sale") return json::value("no");
        if (compare(to_invoice(), 0.0) != 0) return json::value("to invoice");
        const double asked = number(env, kLine, line, "product_uom_qty");
        const auto product = id_of(env, kLine, line, "product_id");
        const bool ordered = product != 0 && text(env, kProduct, product, "invoice_policy") == "order";
        if (ordered && compare(number(env, kLine, line, "qty_delivered"), asked) > 0) return json::value("upselling");
        return json::value(compare(0.0, asked) >= 0 ? "invoiced" : "no");
    }
    if (field == "qty_to_deliver")
        return json::value(number(env, kLine, line, "product_uom_qty") - number(env, kLine, line, "qty_delivered"));
    return std::nullopt;
}

void touch_lines(Env& env, std::int64_t order) {
    for (const auto line : env.store().where(kLine, "order_id", json::value(order))) update(env, kLine, line, {});
}

}  // namespace sluice::sim::stock
