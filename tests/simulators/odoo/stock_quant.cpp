// stock.quant: what lies where and how much of it is promised; inventory adjustments; the products' levels.
#include <algorithm>
#include <set>

#include "tests/simulators/odoo/access.hpp"
#include "tests/simulators/odoo/external_ids.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/stock.hpp"

namespace sluice::sim::stock {

namespace {

constexpr std::string_view kProduct = "product.product";
constexpr std::string_view kManager = "Inventory/Administrator";

bool storable(Env& env, std::int64_t product) {
    Env sudo = env.sudo();
    return orm::get_text(sudo, kProduct, product, "detailed_type") == "product";
}

// _gather, strict: the rows of exactly that location. No lots, packages or owners here.
Ids quants_at(Env& env, std::int64_t product, std::int64_t location) {
    Ids ids = env.store().where(kQuant, "product_id", json::value(product));
    Env sudo = env.sudo();
    std::erase_if(ids, [&](auto id) { return orm::get_id(sudo, kQuant, id, "location_id") != location; });
    return ids;
}

double number(Env& env, std::int64_t quant, std::string_view field) {
    Env sudo = env.sudo();
    return orm::get_number(sudo, kQuant, quant, field);
}

// stock.location._get_next_inventory_date: without a cyclic count the company's yearly one, December 31.
json::value next_count(Env& env, std::int64_t location) {
    Env sudo = env.sudo();
    const auto usage = orm::get_text(sudo, kLocation, location, "usage");
    if (usage != "internal" && usage != "transit") return false;
    if (orm::get_id(sudo, kLocation, location, "company_id") == 0) return false;
    if (orm::get_number(sudo, kLocation, location, "cyclic_inventory_frequency") != 0.0)
        throw not_claimed("locations that are counted in cycles");
    const auto today = today_text(env);
    auto year = std::stoi(today.substr(0, 4));
    if (today.substr(5) == "12-31") ++year;
    return json::value(std::to_string(year) + "-12-31");
}

std::int64_t new_quant(Env& env, std::int64_t product, std::int64_t location, json::object values) {
    Env sudo = env.sudo();
    if (!orm::exists(env, kProduct, product)) throw missing_error(kProduct, product, env.uid());
    if (!orm::exists(env, kLocation, location)) throw missing_error(kLocation, location, env.uid());
    if (!storable(env, product)) throw validation_error("Quants cannot be created for consumables or services.");
    if (orm::get_text(sudo, kLocation, location, "usage") == "view") {
        throw validation_error("You cannot take products from or deliver products to a location of type \"view\" (" +
                               orm::get_text(sudo, kLocation, location, "name") + ").");
    }
    values["product_id"] = product;
    values["location_id"] = location;
    values["company_id"] = orm::get(sudo, kLocation, location, "company_id");
    if (!values.contains("in_date")) values["in_date"] = now_text(env);
    if (!values.contains("inventory_date")) values["inventory_date"] = next_count(env, location);
    for (const std::string_view field : {"quantity", "reserved_quantity", "inventory_quantity"}) {
        if (!values.contains(field)) values[field] = 0.0;
    }
    // Computed once, at the insert; a changed quantity alone does not move it.
    values["inventory_diff_quantity"] = as_double(values["inventory_quantity"]) - as_double(values["quantity"]);
    return insert(env, kQuant, std::move(values));
}

void set_inventory_quantity(Env& env, std::int64_t quant, double quantity, json::object more) {
    more["inventory_quantity"] = quantity;
    more["inventory_diff_quantity"] = quantity - number(env, quant, "quantity");
    more["inventory_quantity_set"] = true;
    update(env, kQuant, quant, more);
}

bool inventory_mode(Env& env) {
    return env.context_flag("inventory_mode") && access::has_group(env, "Inventory/User");
}

std::int64_t required_id(const json::object& values, const char* field) {
    const auto* given = values.if_contains(field);
    if (given == nullptr) throw key_error(field);
    return as_id(*given).value_or(0);
}

double to_quantity(Env& env, const json::object& values, const char* field) {
    const auto* given = values.if_contains(field);
    if (given == nullptr || !truthy(*given)) return 0.0;
    const auto& model = env.model(kQuant);
    model.at(field);
    if (!given->is_number()) throw not_claimed("a quant's quantity that is no number");
    return as_double(*given);
}

std::int64_t create_counted(Env& env, const json::object& values) {
    static const std::set<std::string_view> kAllowed = {"product_id",
                                                        "owner_id",
                                                        "inventory_quantity",
                                                        "inventory_quantity_auto_apply",
                                                        "inventory_diff_quantity",
                                                        "inventory_date",
                                                        "user_id",
                                                        "inventory_quantity_set",
                                                        "is_outdated",
                                                        "lot_id",
                                                        "location_id",
                                                        "package_id"};
    for (const auto& [name, value] : values) {
        if (!kAllowed.contains(name)) throw user_error("Quant's creation is restricted, you can't do this operation.");
        const std::string_view field = name;
        if (field != "product_id" && field != "location_id" && field != "inventory_quantity" && field != "user_id" &&
            truthy(value)) {
            throw not_claimed("creating a quant with '" + std::string(field) + "'");
        }
    }
    const auto product = required_id(values, "product_id");
    const auto location = required_id(values, "location_id");
    const Ids same = quants_at(env, product, location);
    const auto quant = same.empty() ? new_quant(env, product, location, {}) : same.front();
    const auto* user = values.if_contains("user_id");
    set_inventory_quantity(
        env, quant, to_quantity(env, values, "inventory_quantity"),
        {{"user_id", user == nullptr ? json::value(env.uid()) : *user}, {"inventory_date", today_text(env)}});
    return quant;
}

std::int64_t create_quant(Env& env, const json::value& item) {
    if (!item.is_object()) throw attribute_error("'" + py_type_name(item) + "' object has no attribute 'keys'");
    json::object values = item.get_object();
    for (const auto& [name, value] : values) env.model(kQuant).at(name);
    if (inventory_mode(env) &&
        (values.contains("inventory_quantity") || values.contains("inventory_quantity_auto_apply")))
        return create_counted(env, values);
    json::object row;
    for (const auto& [name, value] : values) {
        const std::string_view field = name;
        if (field == "inventory_quantity") {
            row["inventory_quantity"] = to_quantity(env, values, "inventory_quantity");
        } else if (field == "user_id" || field == "inventory_date") {
            row[field] = value;
        } else if (field != "product_id" && field != "location_id") {
            throw not_claimed("creating a quant with '" + std::string(field) + "'");
        }
    }
    return new_quant(env, required_id(values, "product_id"), required_id(values, "location_id"), std::move(row));
}

bool outdated(Env& env, std::int64_t quant) {
    return truthy(orm::get(env, kQuant, quant, "inventory_quantity_set")) &&
           compare(number(env, quant, "inventory_quantity") - number(env, quant, "inventory_diff_quantity"),
                   number(env, quant, "quantity")) != 0;
}

std::int64_t adjustment_location(Env& env) {
    for (const auto id : env.store().where(kLocation, "usage", json::value("inventory"))) {
        Env sudo = env.sudo();
        if (!truthy(orm::get(sudo, kLocation, id, "scrap_location"))) return id;
    }
    throw not_claimed("inventory adjustments without a location for them");
}

// _apply_inventory: a move of the difference, done at once.
void apply(Env& env, std::int64_t quant) {
    Env sudo = env.sudo();
    const auto product = orm::get_id(sudo, kQuant, quant, "product_id");
    const auto place = orm::get_id(sudo, kQuant, quant, "location_id");
    const double difference = number(env, quant, "inventory_diff_quantity");
    const bool more = compare(difference, 0.0) > 0;
    const auto loss = adjustment_location(env);
    std::string name = compare(difference, 0.0) == 0 ? "Product Quantity Confirmed" : "Product Quantity Updated";
    const auto user = orm::get_id(sudo, kQuant, quant, "user_id");
    if (user != 0 && user != kSuperuser) name += " (" + orm::display_name(sudo, "res.users", user) + ")";
    const double quantity = difference < 0.0 ? -difference : difference;
    const auto move = insert(env, kMove,
                             {{"name", name},
                              {"reference", name},
                              {"product_id", product},
                              {"product_uom", orm::get(sudo, kProduct, product, "uom_id")},
                              {"product_uom_qty", quantity},
                              {"product_qty", quantity},
                              {"quantity", 0.0},
                              {"company_id", orm::get(sudo, kQuant, quant, "company_id")},
                              {"state", "confirmed"},
                              {"location_id", more ? loss : place},
                              {"location_dest_id", more ? place : loss},
                              {"is_inventory", true},
                              {"picked", true},
                              {"priority", "0"},
                              {"sequence", 10},
                              {"procure_method", "make_to_stock"},
                              {"propagate_cancel", true},
                              {"date", now_text(env)}});
    add_line(env, move, quantity, more ? loss : place);
    finish_moves(env, {move}, false);
}

}  // namespace

double change_quant(Env& env, std::int64_t product, std::int64_t location, double quantity, double reserved) {
    const Ids same = quants_at(env, product, location);
    if (same.empty()) {
        new_quant(env, product, location, {{"quantity", quantity}, {"reserved_quantity", reserved}});
    } else {
        json::object values;
        if (quantity != 0.0) values["quantity"] = number(env, same.front(), "quantity") + quantity;
        if (reserved != 0.0) values["reserved_quantity"] = number(env, same.front(), "reserved_quantity") + reserved;
        update(env, kQuant, same.front(), values);
    }
    double left = 0.0;
    for (const auto id : quants_at(env, product, location))
        left += number(env, id, "quantity") - number(env, id, "reserved_quantity");
    return left;
}

std::vector<std::pair<std::int64_t, double>> reservable(Env& env, std::int64_t product, std::int64_t location,
                                                        double need) {
    Ids quants = env.store().where(kQuant, "product_id", json::value(product));
    std::erase_if(quants, [&](auto id) {
        Env sudo = env.sudo();
        return !within(env, orm::get_id(sudo, kQuant, id, "location_id"), {location});
    });
    // First in, first out.
    std::stable_sort(quants.begin(), quants.end(), [&](auto left, auto right) {
        Env sudo = env.sudo();
        return orm::get_text(sudo, kQuant, left, "in_date") < orm::get_text(sudo, kQuant, right, "in_date");
    });
    double free = 0.0;
    for (const auto id : quants) free += number(env, id, "quantity") - number(env, id, "reserved_quantity");
    double rest = std::min(need, free);
    std::vector<std::pair<std::int64_t, double>> taken;
    for (const auto id : quants) {
        if (compare(rest, 0.0) <= 0) break;
        const double here = number(env, id, "quantity") - number(env, id, "reserved_quantity");
        if (compare(here, 0.0) <= 0) continue;
        taken.emplace_back(id, std::min(here, rest));
        rest -= std::min(here, rest);
    }
    return taken;
}

json::value create_quants(Call& call) {
    access::check(call.env, kQuant, access::Operation::create);
    const auto& values = call.values[0];
    if (!values.is_array()) return create_quant(call.env, values);
    json::array ids;
    for (const auto& item : values.get_array()) ids.emplace_back(create_quant(call.env, item));
    return ids;
}

json::value action_apply_inventory(Env& env, const Ids& quants) {
    access::check(env, kQuant, access::Operation::read);
    orm::ensure_exists(env, kQuant, quants);
    Ids conflicts;
    std::copy_if(quants.begin(), quants.end(), std::back_inserter(conflicts),
                 [&](auto id) { return outdated(env, id); });
    if (!conflicts.empty()) {
        json::object context = env.context();
        context["default_quant_ids"] = to_array(quants);
        context["default_quant_to_fix_ids"] = to_array(conflicts);
        return json::object{{"name", "Conflict in Inventory Adjustment"},
                            {"type", "ir.actions.act_window"},
                            {"view_mode", "form"},
                            {"views", json::array{json::array{false, "form"}}},
                            {"res_model", "stock.inventory.conflict"},
                            {"target", "new"},
                            {"context", std::move(context)}};
    }
    if (env.version() < 18 && !access::has_group(env, kManager))
        throw user_error("Only a stock manager can validate an inventory adjustment.");
    for (const auto quant : quants) {
        // 19 takes a count that nobody set for one of nothing: applied twice it empties the shelf
        // (idem-apply-inventory).
        if (env.version() >= 19 && !truthy(orm::get(env, kQuant, quant, "inventory_quantity_set"))) {
            const double counted = number(env, quant, "inventory_quantity");
            update(env, kQuant, quant, {{"inventory_diff_quantity", counted - number(env, quant, "quantity")}});
        }
        apply(env, quant);
        const auto place = orm::get_id(env, kQuant, quant, "location_id");
        update(env, kLocation, place, {{"last_inventory_date", today_text(env)}});
        update(env, kQuant, quant,
               {{"inventory_date", next_count(env, place)},
                {"inventory_quantity", 0.0},
                {"user_id", false},
                {"inventory_diff_quantity", 0.0},
                {"inventory_quantity_set", false}});
    }
    return none_result();
}

Behaviour quant_behaviour() {
    Behaviour hooks;
    // RPC's create() is create_quants; this one is a seed's.
    hooks.defaults = [](Env& env, json::object& values) {
        if (!env.su()) throw not_claimed("making quants other than by create()");
        const auto product = values.contains("product_id") ? as_id(values.at("product_id")).value_or(0) : 0;
        const auto location = values.contains("location_id") ? as_id(values.at("location_id")).value_or(0) : 0;
        if (product == 0 || location == 0 || !storable(env, product))
            throw validation_error("Quants cannot be created for consumables or services.");
        values["company_id"] = orm::get(env, kLocation, location, "company_id");
        values["in_date"] = now_text(env);
        values["inventory_date"] = next_count(env, location);
        const auto given = [&](const char* field) { return values.contains(field) ? as_double(values[field]) : 0.0; };
        values["inventory_diff_quantity"] = given("inventory_quantity") - given("quantity");
    };
    hooks.prepare = [](Env& env, json::object& values) {
        if (env.su()) return;
        for (const auto& [name, value] : values) {
            const std::string_view field = name;
            const bool identity = field == "product_id" || field == "location_id" || field == "lot_id" ||
                                  field == "package_id" || field == "owner_id";
            if (identity && inventory_mode(env))
                throw user_error("Quant's editing is restricted, you can't do this operation.");
            if (field != "inventory_quantity" && field != "user_id" && field != "inventory_date")
                throw not_claimed("writing the field '" + std::string(field) + "' of 'stock.quant'");
        }
    };
    hooks.changed = [](Env& env, const Ids& ids, const json::object& written, bool created) {
        if (created || !written.contains("inventory_quantity")) return;
        for (const auto id : ids) set_inventory_quantity(env, id, number(env, id, "inventory_quantity"), {});
    };
    hooks.compute = [](Env& env, std::int64_t id, std::string_view field) -> std::optional<json::value> {
        Env sudo = env.sudo();
        const auto product = [&] { return orm::get_id(sudo, kQuant, id, "product_id"); };
        const auto place = [&] { return orm::get_id(sudo, kQuant, id, "location_id"); };
        if (field == "available_quantity")
            return json::value(number(env, id, "quantity") - number(env, id, "reserved_quantity"));
        if (field == "product_tmpl_id") return orm::get(sudo, kProduct, product(), "product_tmpl_id");
        if (field == "product_uom_id") return orm::get(sudo, kProduct, product(), "uom_id");
        if (field == "product_categ_id") return orm::get(sudo, kProduct, product(), "categ_id");
        if (field == "tracking" || field == "priority") return orm::get(sudo, kProduct, product(), field);
        if (field == "warehouse_id" || field == "cyclic_inventory_frequency" || field == "storage_category_id")
            return orm::get(sudo, kLocation, place(), field);
        if (field == "is_outdated") return json::value(outdated(sudo, id));
        if (field == "sn_duplicated" || field == "on_hand") return json::value(false);
        if (field == "last_count_date") {
            std::string last;
            for (const auto line : env.store().where(kMoveLine, "product_id", json::value(product()))) {
                const bool counted = truthy(orm::get(sudo, kMoveLine, line, "is_inventory")) &&
                                     orm::get_text(sudo, kMoveLine, line, "state") == "done";
                const bool here = orm::get_id(sudo, kMoveLine, line, "location_id") == place() ||
                                  orm::get_id(sudo, kMoveLine, line, "location_dest_id") == place();
                if (counted && here) last = std::max(last, orm::get_text(sudo, kMoveLine, line, "date").substr(0, 10));
            }
            return last.empty() ? json::value(false) : json::value(last);
        }
        return std::nullopt;
    };
    hooks.display_name = [](Env& env, std::int64_t id) {
        Env sudo = env.sudo();
        return orm::display_name(sudo, kLocation, orm::get_id(sudo, kQuant, id, "location_id"));
    };
    return hooks;
}

namespace {

// product.product._get_domain_locations._search_ids: ids as they are, texts by name.
Ids searched(Env& env, std::string_view model, const json::value& given) {
    const json::array items = given.is_array() ? given.get_array() : json::array{given};
    Ids ids;
    for (const auto& item : items) {
        if (const auto id = as_id(item)) {
            ids.push_back(*id);
        } else if (item.is_string()) {
            const Ids found = orm::search(
                env, model,
                json::array{json::array{json::value(env.model(model).rec_name), "ilike", json::value(item)}});
            ids.insert(ids.end(), found.begin(), found.end());
        }
    }
    return ids;
}

Ids roots_of_context(Env& env) {
    Env sudo = env.sudo();
    const auto* location = env.context("location");
    const auto* warehouse = env.context("warehouse");
    const bool by_location = location != nullptr && truthy(*location);
    const auto views = [&](const Ids& warehouses) {
        Ids ids;
        for (const auto id : warehouses) ids.push_back(orm::get_id(sudo, kWarehouse, id, "view_location_id"));
        return ids;
    };
    if (warehouse != nullptr && truthy(*warehouse)) {
        const Ids inside = views(searched(sudo, kWarehouse, *warehouse));
        if (!by_location) return inside;
        Ids ids = searched(sudo, kLocation, *location);
        std::erase_if(ids, [&](auto id) { return !within(env, id, inside); });
        return ids;
    }
    if (by_location) return searched(sudo, kLocation, *location);
    return views(orm::search(sudo, kWarehouse, json::array()));
}

}  // namespace

Levels levels(Env& env, std::int64_t product) {
    for (const std::string_view key : {"lot_id", "owner_id", "package_id", "from_date", "to_date", "strict"}) {
        if (env.context_flag(key)) throw not_claimed("stock levels under the context key '" + std::string(key) + "'");
    }
    Env sudo = env.sudo();
    Levels sums;
    if (orm::get_text(sudo, kProduct, product, "type") == "service") return sums;
    const Ids roots = roots_of_context(env);
    for (const auto id : env.store().where(kQuant, "product_id", json::value(product))) {
        if (!within(env, orm::get_id(sudo, kQuant, id, "location_id"), roots)) continue;
        sums.available += number(env, id, "quantity");
        sums.reserved += number(env, id, "reserved_quantity");
    }
    for (const auto id : env.store().where(kMove, "product_id", json::value(product))) {
        const auto state = orm::get_text(sudo, kMove, id, "state");
        if (state == "draft" || state == "done" || state == "cancel") continue;
        const bool from = within(env, orm::get_id(sudo, kMove, id, "location_id"), roots);
        const bool to = within(env, orm::get_id(sudo, kMove, id, "location_dest_id"), roots);
        const double quantity = orm::get_number(sudo, kMove, id, "product_qty");
        if (to && !from) sums.incoming += quantity;
        if (from && !to) sums.outgoing += quantity;
    }
    return sums;
}

std::optional<json::value> level_field(Env& env, std::int64_t product, std::string_view field) {
    const bool level = field == "qty_available" || field == "free_qty" || field == "virtual_available" ||
                       field == "incoming_qty" || field == "outgoing_qty";
    if (!level) return std::nullopt;
    const auto sums = levels(env, product);
    const auto rounded = [](double value) { return json::value(orm::round_half_up(value, 2)); };
    if (field == "qty_available") return rounded(sums.available);
    if (field == "free_qty") return rounded(sums.available - sums.reserved);
    if (field == "incoming_qty") return rounded(sums.incoming);
    if (field == "outgoing_qty") return rounded(sums.outgoing);
    return rounded(sums.available + sums.incoming - sums.outgoing);
}

}  // namespace sluice::sim::stock
