// What module `stock` installs, its locations, and helpers the other stock_*.cpp share.
#include <algorithm>
#include <stdexcept>

#include "tests/simulators/odoo/external_ids.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/stock.hpp"

namespace sluice::sim::stock {

namespace {

// NotClaimed for what only the simulator's own code and a seed may make.
void refuse_by_hand(Env& env, const char* what) {
    if (!env.su()) throw not_claimed(what);
}

std::int64_t seed_id(Env& env, const json::value& value) {
    if (const auto id = as_id(value)) return *id;
    const auto target = external_ids::find(env, as_text(value));
    if (!target) throw std::invalid_argument("seed: no record " + as_text(value));
    return target->id;
}

void recompute_location(Env& env, std::int64_t id) {
    const auto parent = orm::get_id(env, kLocation, id, "location_id");
    const auto name = orm::get_text(env, kLocation, id, "name");
    // A view without a parent view begins the name anew (_compute_complete_name).
    const bool below = parent != 0 && orm::get_text(env, kLocation, id, "usage") != "view";
    orm::store_computed(
        env, kLocation, id, "complete_name",
        json::value(below ? orm::get_text(env, kLocation, parent, "complete_name") + "/" + name : name));
    const auto above = parent == 0 ? std::string() : orm::get_text(env, kLocation, parent, "parent_path");
    orm::store_computed(env, kLocation, id, "parent_path", json::value(above + std::to_string(id) + "/"));
    std::int64_t warehouse = 0;
    for (auto at = id; at != 0 && warehouse == 0; at = orm::get_id(env, kLocation, at, "location_id")) {
        const Ids views = env.store().where(kWarehouse, "view_location_id", json::value(at));
        if (!views.empty()) warehouse = views.front();
    }
    orm::store_computed(env, kLocation, id, "warehouse_id",
                        warehouse == 0 ? json::value(false) : json::value(warehouse));
    for (const auto child : env.store().where(kLocation, "location_id", json::value(id)))
        recompute_location(env, child);
}

}  // namespace

void check_version(const Env& env, std::string_view model) {
    if (env.version() == 18 && model.starts_with("stock.") && model != kWarehouse)
        throw not_claimed("the model '" + std::string(model) + "' of 18");
    if (env.version() != 16 && model == kImmediate) throw not_claimed("immediate transfers, which are 16's");
}

std::string now_text(const Env& env) {
    return wire_datetime(stamp_text(env.now()));
}
std::string today_text(const Env& env) {
    return now_text(env).substr(0, 10);
}

int compare(double left, double right) {
    const double difference = orm::round_half_up(left, 2) - orm::round_half_up(right, 2);
    return difference > 0.004 ? 1 : difference < -0.004 ? -1 : 0;
}

double convert_quantity(Env& env, double quantity, std::int64_t from, std::int64_t to) {
    if (from == to || from == 0 || to == 0) return quantity;
    Env sudo = env.sudo();
    const auto factor = [&](std::int64_t uom) { return orm::get_number(sudo, "uom.uom", uom, "factor"); };
    return orm::round_half_up(quantity / factor(from) * factor(to), 2);
}

std::int64_t insert(Env& env, std::string_view model, json::object row) {
    const auto id = env.store().next(model);
    const auto stamp = stamp_text(env.now());
    row["create_uid"] = env.uid();
    row["create_date"] = stamp;
    row["write_uid"] = env.uid();
    row["write_date"] = stamp;
    env.store().put(model, id, std::move(row));
    return id;
}

void update(Env& env, std::string_view model, std::int64_t id, const json::object& values) {
    json::object row = *env.store().find(model, id);
    for (const auto& [name, value] : values) row[name] = value;
    row["write_uid"] = env.uid();
    row["write_date"] = stamp_text(env.now());
    env.store().put(model, id, std::move(row));
}

void install(Env& env, std::int64_t company, std::int64_t partner) {
    const auto location = [&](const char* name, const char* usage, std::int64_t parent, bool own, json::object more,
                              const char* external_id) {
        json::object row{{"name", name}, {"usage", usage}, {"active", true}};
        if (parent != 0) row["location_id"] = parent;
        if (own) row["company_id"] = company;
        for (const auto& [key, value] : more) row[key] = value;
        const auto id = insert(env, kLocation, std::move(row));
        if (external_id != nullptr) external_ids::assign(env, external_id, kLocation, id);
        return id;
    };
    // In the order in which Odoo makes them on a fresh database.
    const auto physical = location("Physical Locations", "view", 0, false, {}, "stock.stock_location_locations");
    const auto partners =
        location("Partners", "view", 0, false, {{"posz", 1}}, "stock.stock_location_locations_partner");
    const auto virtual_ = location("Virtual Locations", "view", 0, false, {}, "stock.stock_location_locations_virtual");
    location("Vendors", "supplier", partners, false, {{"return_location", true}}, "stock.stock_location_suppliers");
    location("Customers", "customer", partners, false, {}, "stock.stock_location_customers");
    location("Inter-company transit", "transit", virtual_, false, {{"active", false}}, "stock.stock_location_inter_wh");
    const auto view = location("WH", "view", physical, true, {}, nullptr);
    const auto stock = location("Stock", "internal", view, true,
                                {{"barcode", "WH-STOCK"}, {"replenish_location", true}}, "stock.stock_location_stock");
    const auto archived = [&](const char* name, const char* barcode, const char* external_id) {
        return location(name, "internal", view, true, {{"barcode", barcode}, {"active", false}}, external_id);
    };
    const auto input = archived("Input", "WH-INPUT", "stock.stock_location_company");
    const auto quality = archived("Quality Control", "WH-QUALITY", nullptr);
    const auto output = archived("Output", "WH-OUTPUT", "stock.stock_location_output");
    const auto packing = archived("Packing Zone", "WH-PACKING", "stock.location_pack_zone");
    location("Inter-warehouse transit", "transit", physical, true, {{"active", false}}, nullptr);
    location("Inventory adjustment", "inventory", virtual_, true, {}, nullptr);
    location("Production", "production", virtual_, true, {}, nullptr);
    location("Scrap", "inventory", virtual_, true, {{"scrap_location", true}}, nullptr);

    const auto warehouse = insert(env, kWarehouse,
                                  {{"name", "My Company"},
                                   {"code", "WH"},
                                   {"active", true},
                                   {"company_id", company},
                                   {"partner_id", partner},
                                   {"view_location_id", view},
                                   {"lot_stock_id", stock},
                                   {"wh_input_stock_loc_id", input},
                                   {"wh_qc_stock_loc_id", quality},
                                   {"wh_output_stock_loc_id", output},
                                   {"wh_pack_stock_loc_id", packing},
                                   {"reception_steps", "one_step"},
                                   {"delivery_steps", "ship_only"},
                                   {"sequence", 10}});
    external_ids::assign(env, "stock.warehouse0", kWarehouse, warehouse);
    const auto type = [&](const char* name, const char* code, const char* sequence_code, const char* barcode,
                          std::int64_t sequence, std::int64_t from, std::int64_t to, json::object more,
                          const char* external_id) {
        json::object row{{"name", name},
                         {"code", code},
                         {"sequence_code", sequence_code},
                         {"barcode", barcode},
                         {"sequence", sequence},
                         {"warehouse_id", warehouse},
                         {"company_id", company},
                         {"active", true},
                         {"reservation_method", "at_confirm"},
                         {"create_backorder", "ask"},
                         {"use_existing_lots", true},
                         {"show_reserved", true},
                         {"product_label_format", "2x7xprice"},
                         {"lot_label_format", "4x12_lots"},
                         {"package_label_to_print", "pdf"}};
        if (from != 0) row["default_location_src_id"] = from;
        if (to != 0) row["default_location_dest_id"] = to;
        for (const auto& [key, value] : more) row[key] = value;
        const auto id = insert(env, kType, std::move(row));
        if (external_id != nullptr) external_ids::assign(env, external_id, kType, id);
        return id;
    };
    const auto in = type("Receipts", "incoming", "IN", "WH-RECEIPTS", 1, 0, stock,
                         {{"use_create_lots", true}, {"use_existing_lots", false}, {"show_reserved", false}},
                         "stock.picking_type_in");
    const auto out = type("Delivery Orders", "outgoing", "OUT", "WH-DELIVERY", 5, stock, 0,
                          {{"print_label", true}, {"return_picking_type_id", in}}, "stock.picking_type_out");
    update(env, kType, in, {{"return_picking_type_id", out}});
    const auto pick = type("Pick", "internal", "PICK", "WH-PICK", 3, stock, packing, {{"active", false}}, nullptr);
    const auto pack = type("Pack", "internal", "PACK", "WH-PACK", 4, packing, stock, {{"active", false}}, nullptr);
    const auto internal = type("Internal Transfers", "internal", "INT", "WH-INTERNAL", 2, stock, stock,
                               {{"active", false}}, "stock.picking_type_internal");
    update(env, kWarehouse, warehouse,
           {{"in_type_id", in},
            {"out_type_id", out},
            {"pick_type_id", pick},
            {"pack_type_id", pack},
            {"int_type_id", internal}});
    for (const auto root : {physical, partners, virtual_}) recompute_location(env, root);
}

void seed_level(Env& env, const json::object& spec) {
    for (const auto& [key, value] : spec) {
        const std::string_view name = key;
        if (name != "product" && name != "location" && name != "quantity")
            throw std::invalid_argument("seed: unknown key " + std::string(name) + " in stock");
    }
    const auto product = seed_id(env, spec.at("product"));
    const auto location = spec.contains("location") ? seed_id(env, spec.at("location"))
                                                    : external_ids::find(env, "stock.stock_location_stock").value().id;
    if (orm::get_text(env, "product.product", product, "detailed_type") != "product")
        throw std::invalid_argument("seed: stock of a product that is not storable (detailed_type \"product\")");
    change_quant(env, product, location, as_double(spec.at("quantity")), 0.0);
}

bool within(Env& env, std::int64_t location, const Ids& roots) {
    Env sudo = env.sudo();
    for (int depth = 0; location != 0 && depth < 1000; ++depth) {
        if (std::find(roots.begin(), roots.end(), location) != roots.end()) return true;
        location = orm::get_id(sudo, kLocation, location, "location_id");
    }
    return false;
}

bool bypasses_reservation(Env& env, std::int64_t location) {
    Env sudo = env.sudo();
    const auto usage = orm::get_text(sudo, kLocation, location, "usage");
    return usage == "supplier" || usage == "customer" || usage == "inventory" || usage == "production" ||
           truthy(orm::get(sudo, kLocation, location, "scrap_location")) ||
           (usage == "transit" && orm::get_id(sudo, kLocation, location, "company_id") == 0);
}

Behaviour location_behaviour() {
    Behaviour hooks;
    hooks.defaults = [](Env& env, json::object& values) {
        if (!values.contains("usage")) values["usage"] = "internal";
        if (!values.contains("company_id")) {
            const auto& companies = env.store().rows("res.company");
            if (!companies.empty()) values["company_id"] = companies.begin()->first;
        }
    };
    hooks.changed = [](Env& env, const Ids& ids, const json::object&, bool) {
        for (const auto id : ids) recompute_location(env, id);
    };
    hooks.compute = [](Env& env, std::int64_t id, std::string_view field) -> std::optional<json::value> {
        if (field != "child_internal_location_ids") return std::nullopt;
        json::array below;
        for (const auto& [other, row] : env.store().rows(kLocation)) {
            const bool counts = truthy(row->at("active")) && as_text(row->at("usage")) == "internal";
            if (counts && within(env, other, {id})) below.emplace_back(other);
        }
        return json::value(std::move(below));
    };
    return hooks;
}

Behaviour warehouse_behaviour() {
    Behaviour hooks;
    hooks.defaults = [](Env& env, json::object&) { refuse_by_hand(env, "creating warehouses"); };
    return hooks;
}

Behaviour picking_type_behaviour() {
    Behaviour hooks;
    hooks.defaults = [](Env& env, json::object&) { refuse_by_hand(env, "creating operation types"); };
    hooks.display_name = [](Env& env, std::int64_t id) {
        const auto warehouse = orm::get_id(env, kType, id, "warehouse_id");
        const auto name = orm::get_text(env, kType, id, "name");
        return warehouse == 0 ? name : orm::get_text(env, kWarehouse, warehouse, "name") + ": " + name;
    };
    return hooks;
}

}  // namespace sluice::sim::stock
