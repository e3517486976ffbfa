// stock.move and stock.move.line: reservation, quantities, doing and cancelling.
#include <algorithm>
#include <map>

#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/stock.hpp"

namespace sluice::sim::stock {

namespace {

constexpr std::string_view kProduct = "product.product";

std::string text(Env& env, std::int64_t move, std::string_view field) {
    Env sudo = env.sudo();
    return orm::get_text(sudo, kMove, move, field);
}
std::int64_t id_of(Env& env, std::int64_t move, std::string_view field) {
    Env sudo = env.sudo();
    return orm::get_id(sudo, kMove, move, field);
}
double number(Env& env, std::int64_t move, std::string_view field) {
    Env sudo = env.sudo();
    return orm::get_number(sudo, kMove, move, field);
}
bool flag(Env& env, std::int64_t move, std::string_view field) {
    Env sudo = env.sudo();
    return truthy(orm::get(sudo, kMove, move, field));
}
double line_quantity(Env& env, std::int64_t line) {
    Env sudo = env.sudo();
    return orm::get_number(sudo, kMoveLine, line, "quantity");
}
std::int64_t line_id(Env& env, std::int64_t line, std::string_view field) {
    Env sudo = env.sudo();
    return orm::get_id(sudo, kMoveLine, line, field);
}
bool line_picked(Env& env, std::int64_t line) {
    Env sudo = env.sudo();
    return truthy(orm::get(sudo, kMoveLine, line, "picked"));
}
bool closed(const std::string& state) {
    return state == "done" || state == "cancel";
}

// The stored computes of a move over its lines.
void recompute_quantity(Env& env, std::int64_t move) {
    double sum = 0.0;
    bool picked = text(env, move, "state") == "done";
    for (const auto line : lines_of(env, move)) {
        sum += line_quantity(env, line);
        picked = picked || line_picked(env, line);
    }
    orm::store_computed(env, kMove, move, "quantity", json::value(sum));
    if (picked) orm::store_computed(env, kMove, move, "picked", json::value(true));
}

void set_state(Env& env, std::int64_t move, std::string_view state, json::object more = {}) {
    more["state"] = json::value(state);
    update(env, kMove, move, more);
    for (const auto line : lines_of(env, move))
        orm::store_computed(env, kMoveLine, line, "state", json::value(state));  // related, stored
    if (state == "done") recompute_quantity(env, move);
}

// What a line promises of its quant; nothing where reservation is bypassed.
void reserve(Env& env, std::int64_t line, double quantity) {
    const auto move = line_id(env, line, "move_id");
    if (quantity == 0.0 || bypasses(env, move)) return;
    if (bypasses_reservation(env, line_id(env, line, "location_id"))) return;
    change_quant(env, id_of(env, move, "product_id"), line_id(env, line, "location_id"), 0.0, quantity);
}

void write_line_quantity(Env& env, std::int64_t line, double quantity) {
    if (quantity < 0.0) throw user_error("Reserving a negative quantity is not allowed.");
    reserve(env, line, -line_quantity(env, line));
    reserve(env, line, quantity);
    update(env, kMoveLine, line, {{"quantity", quantity}, {"quantity_product_uom", quantity}});
    recompute_quantity(env, line_id(env, line, "move_id"));
}

void remove_line(Env& env, std::int64_t line) {
    const auto move = line_id(env, line, "move_id");
    reserve(env, line, -line_quantity(env, line));
    env.store().erase(kMoveLine, line);
    recompute_quantity(env, move);
}

// stock.move._set_quantity: the inverse of a written quantity.
void set_quantity(Env& env, std::int64_t move, double quantity) {
    // Written lines of goods that are not stored leave the state as it is; taken ones do not (stock.move.line).
    Env sudo = env.sudo();
    bool state = orm::get_text(sudo, kProduct, id_of(env, move, "product_id"), "detailed_type") == "product";
    double sum = 0.0;
    for (const auto line : lines_of(env, move)) sum += line_quantity(env, line);
    if (compare(quantity, sum) > 0) {
        double rest = quantity;
        for (const auto line : lines_of(env, move)) {
            if (compare(rest, 0.0) == 0) {
                remove_line(env, line);
                state = true;
                continue;
            }
            const double taken = std::min(rest, line_quantity(env, line));
            if (compare(taken, 0.0) <= 0) continue;
            write_line_quantity(env, line, taken);
            rest -= taken;
        }
        if (compare(rest, 0.0) > 0) add_line(env, move, rest, id_of(env, move, "location_id"));
    } else if (compare(quantity, sum) < 0) {
        double rest = sum - quantity;
        for (const auto line : lines_of(env, move)) {
            if (compare(rest, 0.0) == 0) break;
            const double taken = std::min(rest, line_quantity(env, line));
            if (compare(taken, 0.0) == 0) continue;
            if (compare(taken, line_quantity(env, line)) == 0) {
                remove_line(env, line);
                state = true;
            } else {
                write_line_quantity(env, line, line_quantity(env, line) - taken);
            }
            rest -= taken;
        }
    }
    recompute_quantity(env, move);
    if (state) recompute_move_states(env, {move});
}

// stock.move.line._free_reservation: other deliveries lose what is not there any more.
void free_reservation(Env& env, std::int64_t done, double missing, const Ids& ignored) {
    const auto product = line_id(env, done, "product_id");
    const auto place = line_id(env, done, "location_id");
    const auto own = line_id(env, done, "picking_id");
    if (bypasses_reservation(env, place)) return;
    Env sudo = env.sudo();
    Ids lines = env.store().where(kMoveLine, "product_id", json::value(product));
    std::erase_if(lines, [&](auto line) {
        return closed(orm::get_text(sudo, kMoveLine, line, "state")) || line_id(env, line, "location_id") != place ||
               line_quantity(env, line) <= 0.0 || line_picked(env, line) || line == done ||
               std::find(ignored.begin(), ignored.end(), line) != ignored.end();
    });
    const auto when = [&](std::int64_t line) {
        const auto picking = line_id(env, line, "picking_id");
        return picking != 0 ? orm::get_text(sudo, kPicking, picking, "scheduled_date")
                            : text(env, line_id(env, line, "move_id"), "date");
    };
    // The current transfer first, then those scheduled latest.
    std::stable_sort(lines.begin(), lines.end(), [&](auto left, auto right) {
        const bool left_own = line_id(env, left, "picking_id") == own;
        const bool right_own = line_id(env, right, "picking_id") == own;
        return left_own != right_own ? left_own : when(left) > when(right);
    });
    Ids moves;
    for (const auto line : lines) {
        if (compare(missing, 0.0) <= 0) break;
        moves.push_back(line_id(env, line, "move_id"));
        const double here = line_quantity(env, line);
        if (compare(here, missing) <= 0) {
            missing -= here;
            remove_line(env, line);
        } else {
            write_line_quantity(env, line, here - missing);
            missing = 0.0;
        }
    }
    recompute_move_states(env, moves);
    assign_moves(env, moves);
    Ids pickings;
    for (const auto move : moves) pickings.push_back(id_of(env, move, "picking_id"));
    std::erase(pickings, own);
    std::erase(pickings, 0);
    recompute_pickings(env, pickings);
}

void finish_line(Env& env, std::int64_t line, Ids& ignored) {
    const auto product = line_id(env, line, "product_id");
    const double quantity = line_quantity(env, line);
    Env sudo = env.sudo();
    if (orm::get_text(sudo, kProduct, product, "detailed_type") == "product" && compare(quantity, 0.0) != 0) {
        const auto from = line_id(env, line, "location_id");
        reserve(env, line, -quantity);
        const double left = change_quant(env, product, from, -quantity, 0.0);
        change_quant(env, product, line_id(env, line, "location_dest_id"), quantity, 0.0);
        if (compare(left, 0.0) < 0) free_reservation(env, line, -left, ignored);
    }
    ignored.push_back(line);
    update(env, kMoveLine, line, {{"date", now_text(env)}});
}

// stock.move._split: the rest as a move of its own, reserved before the first one is done.
void split(Env& env, std::int64_t move) {
    const double rest = number(env, move, "product_uom_qty") - number(env, move, "quantity");
    json::object row = *env.store().find(kMove, move);
    for (const char* field : {"create_uid", "create_date", "write_uid", "write_date"}) row.erase(field);
    row["product_uom_qty"] = row["product_qty"] = rest;
    row["quantity"] = 0.0;
    row["picked"] = false;
    row["state"] = "draft";
    const double kept = orm::round_half_up(number(env, move, "product_uom_qty") - rest, 2);
    update(env, kMove, move, {{"product_uom_qty", kept}, {"product_qty", kept}});
    confirm_moves(env, {insert(env, kMove, std::move(row))});
}

}  // namespace

bool bypasses(Env& env, std::int64_t move) {
    Env sudo = env.sudo();
    return bypasses_reservation(env, id_of(env, move, "location_id")) ||
           orm::get_text(sudo, kProduct, id_of(env, move, "product_id"), "detailed_type") != "product";
}

Ids lines_of(Env& env, std::int64_t move) {
    return env.store().where(kMoveLine, "move_id", json::value(move));
}
Ids moves_of(Env& env, std::int64_t picking) {
    return env.store().where(kMove, "picking_id", json::value(picking));
}

std::int64_t add_line(Env& env, std::int64_t move, double quantity, std::int64_t location) {
    Env sudo = env.sudo();
    const auto picking = id_of(env, move, "picking_id");
    const auto product = id_of(env, move, "product_id");
    const auto line = insert(env, kMoveLine,
                             {{"move_id", move},
                              {"picking_id", picking == 0 ? json::value(false) : json::value(picking)},
                              {"product_id", product},
                              {"product_uom_id", id_of(env, move, "product_uom")},
                              {"quantity", quantity},
                              {"quantity_product_uom", quantity},
                              {"picked", flag(env, move, "picked")},
                              {"location_id", location},
                              {"location_dest_id", id_of(env, move, "location_dest_id")},
                              {"company_id", id_of(env, move, "company_id")},
                              {"state", text(env, move, "state")},
                              {"reference", text(env, move, "reference")},
                              {"date", now_text(env)}});
    reserve(env, line, quantity);
    recompute_quantity(env, move);
    return line;
}

void recompute_move_states(Env& env, const Ids& moves) {
    for (const auto move : moves) {
        const auto state = text(env, move, "state");
        const double quantity = number(env, move, "quantity");
        if (closed(state) || (state == "draft" && quantity == 0.0)) continue;
        const std::string_view now = compare(quantity, number(env, move, "product_uom_qty")) >= 0 ? "assigned"
                                     : quantity != 0.0 ? "partially_available"
                                                       : "confirmed";
        if (state != now) set_state(env, move, now);
    }
}

void confirm_moves(Env& env, const Ids& moves) {
    for (const auto move : moves) {
        if (text(env, move, "state") == "draft") set_state(env, move, "confirmed");
    }
    assign_moves(env, moves);
}

void assign_moves(Env& env, const Ids& moves) {
    for (const auto move : moves) {
        const auto state = text(env, move, "state");
        if (flag(env, move, "picked") || (state != "confirmed" && state != "waiting" && state != "partially_available"))
            continue;
        const double need = number(env, move, "product_uom_qty") - number(env, move, "quantity");
        if (compare(need, 0.0) <= 0) {
            set_state(env, move, "assigned");
            continue;
        }
        const auto place = id_of(env, move, "location_id");
        const auto line_at = [&](std::int64_t location) {
            for (const auto line : lines_of(env, move)) {
                if (line_id(env, line, "location_id") == location) return line;
            }
            return std::int64_t{0};
        };
        const auto take = [&](std::int64_t location, double quantity) {
            if (const auto line = line_at(location); line != 0) {
                write_line_quantity(env, line, line_quantity(env, line) + quantity);
            } else {
                add_line(env, move, quantity, location);
            }
        };
        if (bypasses(env, move)) {
            take(place, need);
            set_state(env, move, "assigned");
            continue;
        }
        double taken = 0.0;
        for (const auto& [quant, quantity] : reservable(env, id_of(env, move, "product_id"), place, need)) {
            Env sudo = env.sudo();
            take(orm::get_id(sudo, kQuant, quant, "location_id"), quantity);
            taken += quantity;
        }
        if (compare(taken, 0.0) == 0) continue;
        set_state(env, move, compare(taken, need) == 0 ? "assigned" : "partially_available");
    }
}

void unreserve_moves(Env& env, const Ids& moves) {
    for (const auto move : moves) {
        const auto state = text(env, move, "state");
        if (state == "cancel" || flag(env, move, "picked")) continue;
        if (state == "done") throw user_error("You cannot unreserve a stock move that has been set to 'Done'.");
        for (const auto line : lines_of(env, move)) {
            if (!line_picked(env, line)) remove_line(env, line);
        }
        recompute_move_states(env, {move});
    }
}

void set_picked(Env& env, std::int64_t move, bool picked) {
    update(env, kMove, move, {{"picked", picked}});
    for (const auto line : lines_of(env, move)) update(env, kMoveLine, line, {{"picked", picked}});
}

void cancel_moves(Env& env, const Ids& moves) {
    for (const auto move : moves) {
        if (text(env, move, "state") == "done") {
            throw user_error(
                "You cannot cancel a stock move that has been set to 'Done'. Create a return in order to reverse the "
                "moves which took place.");
        }
    }
    for (const auto move : moves) {
        if (text(env, move, "state") == "cancel") continue;
        set_picked(env, move, false);
        unreserve_moves(env, {move});
        set_state(env, move, "cancel");
    }
}

void set_demand(Env& env, std::int64_t move, double quantity) {
    if (compare(number(env, move, "quantity"), quantity) > 0) unreserve_moves(env, {move});
    update(env, kMove, move, {{"product_uom_qty", quantity}, {"product_qty", quantity}});
    if (compare(quantity, 0.0) == 0) return cancel_moves(env, {move});
    recompute_move_states(env, {move});
    assign_moves(env, {move});
}

Ids finish_moves(Env& env, const Ids& moves, bool cancel_backorder) {
    Ids todo;
    for (const auto move : moves) {
        if (closed(text(env, move, "state"))) continue;
        const bool picked = flag(env, move, "picked");
        const bool inventory = flag(env, move, "is_inventory");
        if ((number(env, move, "quantity") <= 0.0 || !picked) && !inventory &&
            (compare(number(env, move, "product_uom_qty"), 0.0) == 0 || cancel_backorder)) {
            cancel_moves(env, {move});
            continue;
        }
        if (picked) {
            for (const auto line : lines_of(env, move)) {
                if (!line_picked(env, line)) remove_line(env, line);
            }
        }
        if (picked && (number(env, move, "quantity") > 0.0 || inventory)) todo.push_back(move);
    }
    for (const auto move : todo) {
        const double done = number(env, move, "quantity");
        const double asked = number(env, move, "product_uom_qty");
        // A surplus is an extra move that is merged into this one and leaves its demand (_create_extra_move).
        if (!cancel_backorder && compare(done, asked) < 0) split(env, move);
    }
    Ids ignored;
    for (const auto move : todo) {
        for (const auto line : lines_of(env, move)) finish_line(env, line, ignored);
    }
    for (const auto move : todo) set_state(env, move, "done", {{"date", now_text(env)}});
    return todo;
}

bool short_of_goods(Env& env, std::int64_t move) {
    Env plain = env.sudo().with_context(json::object{});
    const auto product = id_of(env, move, "product_id");
    const double asked = number(env, move, "product_qty");
    if (orm::get_text(plain, kProduct, product, "detailed_type") != "product") return false;
    const auto state = text(env, move, "state");
    if (closed(state)) return compare(asked, 0.0) > 0;
    const double reserved = number(env, move, "quantity");
    if (state == "assigned") return compare(reserved, asked) < 0;
    if (state == "draft") throw not_claimed("the forecast of a draft move");
    // Of what is free each move gets its part in the order of the report of forecasts, which is not here.
    const auto sums = levels(plain, product);
    const double free = sums.available - sums.reserved;
    if (sums.incoming > 0.0) throw not_claimed("the forecast of a product that is awaited");
    if (compare(free, 0.0) > 0) {
        for (const auto other : env.store().where(kMove, "product_id", json::value(product))) {
            const auto its = text(env, other, "state");
            if (other != move && (its == "confirmed" || its == "partially_available"))
                throw not_claimed("the forecast of several moves that wait for one product");
        }
    }
    return compare(reserved + std::max(free, 0.0), asked) < 0;
}

Behaviour move_behaviour() {
    Behaviour hooks;
    hooks.defaults = [](Env& env, json::object& values) {
        if (!env.su()) throw not_claimed("creating stock moves by hand");
        const auto fill = [&](std::string_view field, json::value value) {
            if (!values.contains(field)) values[field] = std::move(value);
        };
        const auto picking = values.contains("picking_id") ? as_id(values.at("picking_id")).value_or(0) : 0;
        const auto product = values.contains("product_id") ? as_id(values.at("product_id")).value_or(0) : 0;
        if (picking == 0 || product == 0) throw validation_error("A seeded move needs picking_id and product_id.");
        for (const std::string_view field :
             {"location_id", "location_dest_id", "company_id", "partner_id", "picking_type_id", "origin"})
            fill(field, orm::get(env, kPicking, picking, field));
        fill("name", json::value(orm::display_name(env, kProduct, product)));
        fill("product_uom", orm::get(env, kProduct, product, "uom_id"));
        fill("product_uom_qty", 1.0);
        values["product_qty"] = values["product_uom_qty"];
        values["reference"] = orm::get(env, kPicking, picking, "name");
        values["state"] = "draft";
        values["quantity"] = 0.0;
        values["priority"] = "0";
        fill("sequence", 10);
        fill("procure_method", "make_to_stock");
        fill("date", json::value(now_text(env)));
    };
    hooks.prepare = [](Env& env, json::object& values) {
        if (const auto* done = values.if_contains("quantity_done"); done != nullptr && env.version() == 16) {
            const json::value quantity = *done;
            values.erase("quantity_done");
            values["quantity"] = quantity;
            values["picked"] = truthy(quantity);
        }
        if (env.su()) return;
        for (const auto& [name, value] : values) {
            const std::string_view field = name;
            if (field != "quantity" && field != "picked" && field != "description_picking")
                throw not_claimed("writing the field '" + std::string(field) + "' of 'stock.move'");
        }
    };
    hooks.changed = [](Env& env, const Ids& ids, const json::object& written, bool created) {
        if (created) return;
        Ids pickings;
        for (const auto id : ids) {
            const auto state = text(env, id, "state");
            if (written.contains("quantity") || written.contains("quantity_done")) {
                if (state == "cancel")
                    throw user_error("You cannot change a cancelled stock move, create a new line instead.");
                if (state == "done") throw not_claimed("changing the quantity of a done move");
                if (state == "draft") throw not_claimed("changing the quantity of a draft move");
                set_quantity(env, id, number(env, id, "quantity"));
            }
            if (written.contains("picked")) set_picked(env, id, truthy(written.at("picked")));
            if (written.contains("quantity_done")) set_picked(env, id, truthy(written.at("quantity_done")));
            pickings.push_back(id_of(env, id, "picking_id"));
        }
        recompute_pickings(env, pickings);
    };
    hooks.before_unlink = [](Env&, const Ids&) { throw not_claimed("deleting stock moves"); };
    hooks.compute = [](Env& env, std::int64_t id, std::string_view field) -> std::optional<json::value> {
        Env sudo = env.sudo();
        // Asked for empty columns too: nothing is read before the field is one of these.
        const auto picking = [&] { return id_of(env, id, "picking_id"); };
        const auto product = [&] { return id_of(env, id, "product_id"); };
        // 16 counts apart what is reserved and what is done.
        if (field == "quantity_done")
            return truthy(orm::get(sudo, kMove, id, "picked")) ? orm::get(sudo, kMove, id, "quantity")
                                                               : json::value(0.0);
        if (field == "availability") {
            const double asked = number(env, id, "product_qty");
            if (text(env, id, "state") == "done") return json::value(asked);
            double free = 0.0;
            for (const auto& [quant, quantity] : reservable(env, product(), id_of(env, id, "location_id"), asked))
                free += quantity;
            return json::value(free);
        }
        if (field == "has_tracking") return orm::get(sudo, kProduct, product(), "tracking");
        if (field == "product_type") return orm::get(sudo, kProduct, product(), "detailed_type");
        if (field == "product_tmpl_id") return orm::get(sudo, kProduct, product(), "product_tmpl_id");
        if (field == "product_uom_category_id") {
            return orm::get(sudo, "uom.uom", orm::get_id(sudo, kProduct, product(), "uom_id"), "category_id");
        }
        if (field == "location_usage") return orm::get(sudo, kLocation, id_of(env, id, "location_id"), "usage");
        if (field == "location_dest_usage")
            return orm::get(sudo, kLocation, id_of(env, id, "location_dest_id"), "usage");
        if (field == "is_locked")
            return picking() == 0 ? json::value(false) : orm::get(sudo, kPicking, picking(), "is_locked");
        if (field == "picking_code")
            return picking() == 0 ? json::value(false) : orm::get(sudo, kPicking, picking(), "picking_type_code");
        if (field == "move_lines_count") return json::value(static_cast<std::int64_t>(lines_of(env, id).size()));
        return std::nullopt;
    };
    hooks.display_name = [](Env& env, std::int64_t id) {
        Env sudo = env.sudo();
        const auto picking = id_of(env, id, "picking_id");
        const auto origin = picking == 0 ? std::string() : orm::get_text(sudo, kPicking, picking, "origin");
        const auto code = orm::get_text(sudo, kProduct, id_of(env, id, "product_id"), "default_code");
        return (origin.empty() ? "" : origin + "/") + (code.empty() ? "" : code + ": ") +
               orm::get_text(sudo, kLocation, id_of(env, id, "location_id"), "name") + ">" +
               orm::get_text(sudo, kLocation, id_of(env, id, "location_dest_id"), "name");
    };
    return hooks;
}

Behaviour move_line_behaviour() {
    Behaviour hooks;
    hooks.defaults = [](Env&, json::object&) { throw not_claimed("creating move lines by hand"); };
    hooks.prepare = [](Env&, json::object&) { throw not_claimed("writing move lines by hand"); };
    hooks.before_unlink = [](Env&, const Ids&) { throw not_claimed("deleting move lines"); };
    hooks.compute = [](Env& env, std::int64_t id, std::string_view field) -> std::optional<json::value> {
        Env sudo = env.sudo();
        const auto move = [&] { return line_id(env, id, "move_id"); };
        const auto picking = [&] { return line_id(env, id, "picking_id"); };
        const auto of_picking = [&](std::string_view name) {
            return picking() == 0 ? json::value(false) : orm::get(sudo, kPicking, picking(), name);
        };
        if (field == "is_inventory" || field == "is_locked" || field == "origin" || field == "picking_code" ||
            field == "product_uom_category_id")
            return orm::get(sudo, kMove, move(), field);
        if (field == "location_usage") return orm::get(sudo, kLocation, line_id(env, id, "location_id"), "usage");
        if (field == "location_dest_usage")
            return orm::get(sudo, kLocation, line_id(env, id, "location_dest_id"), "usage");
        if (field == "tracking") return orm::get(sudo, kProduct, line_id(env, id, "product_id"), "tracking");
        if (field == "product_category_name") {
            return orm::get(sudo, "product.category",
                            orm::get_id(sudo, kProduct, line_id(env, id, "product_id"), "categ_id"), "complete_name");
        }
        if (field == "picking_partner_id") return of_picking("partner_id");
        if (field == "picking_type_id") return of_picking("picking_type_id");
        if (field == "picking_location_id") return of_picking("location_id");
        if (field == "picking_location_dest_id") return of_picking("location_dest_id");
        return std::nullopt;
    };
    hooks.display_name = [](Env& env, std::int64_t id) {
        Env sudo = env.sudo();
        return orm::display_name(sudo, kProduct, line_id(env, id, "product_id"));
    };
    return hooks;
}

}  // namespace sluice::sim::stock
