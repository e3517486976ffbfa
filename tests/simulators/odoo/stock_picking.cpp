// stock.picking: a transfer's state, its buttons, and the wizard that asks for a backorder.
#include <algorithm>
#include <array>
#include <set>

#include "tests/simulators/odoo/access.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/stock.hpp"

namespace sluice::sim::stock {

namespace {

std::string text(Env& env, std::string_view model, std::int64_t id, std::string_view field) {
    Env sudo = env.sudo();
    return orm::get_text(sudo, model, id, field);
}
double number(Env& env, std::int64_t move, std::string_view field) {
    Env sudo = env.sudo();
    return orm::get_number(sudo, kMove, move, field);
}
bool picked(Env& env, std::int64_t move) {
    Env sudo = env.sudo();
    return truthy(orm::get(sudo, kMove, move, "picked"));
}
bool closed(Env& env, std::int64_t move) {
    const auto state = text(env, kMove, move, "state");
    return state == "done" || state == "cancel";
}

int weight(const std::string& state) {
    static constexpr std::array<std::string_view, 4> kOrder = {"confirmed", "partially_available", "waiting",
                                                               "assigned"};
    const auto found = std::find(kOrder.begin(), kOrder.end(), state);
    return found == kOrder.end() ? 0 : static_cast<int>(found - kOrder.begin()) + 1;
}

// stock.move._get_relevant_state_among_moves
std::string relevant_state(Env& env, const Ids& moves, bool all_at_once) {
    Ids todo = moves;
    std::erase_if(todo, [&](auto move) {
        return closed(env, move) ||
               (text(env, kMove, move, "state") == "assigned" && number(env, move, "product_uom_qty") == 0.0);
    });
    if (todo.empty()) return "assigned";
    std::stable_sort(todo.begin(), todo.end(), [&](auto left, auto right) {
        const auto a = weight(text(env, kMove, left, "state"));
        const auto b = weight(text(env, kMove, right, "state"));
        return a != b ? a < b : number(env, left, "product_uom_qty") < number(env, right, "product_uom_qty");
    });
    const auto first = text(env, kMove, todo.front(), "state");
    if (all_at_once) return first == "partially_available" ? "confirmed" : first;
    const bool some = std::any_of(todo.begin(), todo.end(), [&](auto move) {
        const auto state = text(env, kMove, move, "state");
        return state == "assigned" || state == "partially_available";
    });
    if (first != "assigned" && some) return "partially_available";
    const auto last = text(env, kMove, todo.back(), "state");
    return last == "confirmed" && number(env, todo.back(), "product_uom_qty") == 0.0 ? "assigned" : last;
}

std::string state_of(Env& env, std::int64_t picking, const Ids& moves) {
    bool draft = moves.empty(), all_cancel = true, all_closed = true;
    for (const auto move : moves) {
        const auto state = text(env, kMove, move, "state");
        draft = draft || state == "draft";
        all_cancel = all_cancel && state == "cancel";
        all_closed = all_closed && (state == "cancel" || state == "done");
    }
    if (draft) return "draft";
    if (all_cancel) return "cancel";
    if (all_closed) return "done";
    Env sudo = env.sudo();
    if (bypasses_reservation(env, orm::get_id(sudo, kPicking, picking, "location_id"))) return "assigned";
    const auto state = relevant_state(env, moves, text(env, kPicking, picking, "move_type") == "one");
    return state == "partially_available" ? "assigned" : state;
}

void recompute_picking(Env& env, std::int64_t picking) {
    const Ids moves = moves_of(env, picking);
    if (!moves.empty())
        orm::store_computed(env, kPicking, picking, "state", json::value(state_of(env, picking, moves)));
    const bool one = text(env, kPicking, picking, "move_type") == "one";
    std::string scheduled, deadline;
    const auto take = [&](std::string& best, const std::string& date) {
        if (!date.empty() && (best.empty() || (one ? date > best : date < best))) best = date;
    };
    for (const auto move : moves) {
        if (!closed(env, move)) take(scheduled, text(env, kMove, move, "date"));
        take(deadline, text(env, kMove, move, "date_deadline"));
    }
    if (!scheduled.empty()) orm::store_computed(env, kPicking, picking, "scheduled_date", json::value(scheduled));
    if (!deadline.empty()) orm::store_computed(env, kPicking, picking, "date_deadline", json::value(deadline));
    const auto promised = text(env, kPicking, picking, "date_deadline");
    const bool late =
        !promised.empty() && promised.substr(0, 19) < text(env, kPicking, picking, "scheduled_date").substr(0, 19);
    orm::store_computed(env, kPicking, picking, "has_deadline_issue", json::value(late));
    for (const auto move : moves)
        orm::store_computed(env, kMove, move, "priority", json::value(text(env, kPicking, picking, "priority")));
}

// A new name of the type's sequence: WH/OUT/00001.
std::string next_name(Env& env, std::int64_t type) {
    Env sudo = env.sudo();
    const auto warehouse = orm::get_id(sudo, kType, type, "warehouse_id");
    auto digits = std::to_string(env.store().next("ir.sequence." + std::string(kType) + "." + std::to_string(type)));
    if (digits.size() < 5) digits.insert(0, 5 - digits.size(), '0');
    return (warehouse == 0 ? std::string() : text(env, kWarehouse, warehouse, "code") + "/") +
           text(env, kType, type, "sequence_code") + "/" + digits;
}

Ids all_moves(Env& env, const Ids& pickings) {
    Ids moves;
    for (const auto picking : pickings) {
        const Ids own = moves_of(env, picking);
        moves.insert(moves.end(), own.begin(), own.end());
    }
    return moves;
}

void checked(Env& env, const Ids& pickings) {
    access::check(env, kPicking, access::Operation::write);
    orm::ensure_exists(env, kPicking, pickings);
}

// _sanity_check
void check_quantities(Env& env, const Ids& pickings) {
    for (const auto picking : pickings) {
        const Ids moves = moves_of(env, picking);
        if (moves.empty()) {
            if (pickings.size() > 1)
                throw user_error("Transfers " + text(env, kPicking, picking, "name") +
                                 ": Please add some items to move.");
            throw user_error(
                "You can\xE2\x80\x99t validate an empty transfer. Please add some products to move before "
                "proceeding.");
        }
        const bool none = std::all_of(moves.begin(), moves.end(), [&](auto move) {
            return closed(env, move) || compare(number(env, move, "quantity"), 0.0) == 0;
        });
        if (none && pickings.size() == 1) {
            throw user_error(
                "You cannot validate a transfer if no quantities are reserved. To force the transfer, encode "
                "quantities.");
        }
    }
}

// stock.move._get_picked_quantity
double picked_quantity(Env& env, std::int64_t move) {
    Env sudo = env.sudo();
    const Ids lines = lines_of(env, move);
    const auto taken = [&](std::int64_t line) { return truthy(orm::get(sudo, kMoveLine, line, "picked")); };
    if (!picked(env, move) || std::all_of(lines.begin(), lines.end(), taken)) return number(env, move, "quantity");
    double sum = 0.0;
    for (const auto line : lines) sum += taken(line) ? orm::get_number(sudo, kMoveLine, line, "quantity") : 0.0;
    return sum;
}

bool needs_backorder(Env& env, std::int64_t picking) {
    Env sudo = env.sudo();
    if (text(env, kType, orm::get_id(sudo, kPicking, picking, "picking_type_id"), "create_backorder") != "ask")
        return false;
    const Ids moves = moves_of(env, picking);
    return std::any_of(moves.begin(), moves.end(), [&](auto move) {
        if (text(env, kMove, move, "state") == "cancel") return false;
        const double asked = number(env, move, "product_uom_qty");
        return (asked != 0.0 && !picked(env, move)) || compare(picked_quantity(env, move), asked) < 0;
    });
}

json::object wizard_action(Env& env, std::string_view model, std::string_view title, const Ids& pickings,
                           const Ids& validated) {
    json::object context = env.context();
    context["button_validate_picking_ids"] = to_array(validated);
    context["default_show_transfers"] = validated.size() > 1;
    json::array links;
    for (const auto picking : pickings) links.push_back(json::array{4, picking});
    context["default_pick_ids"] = std::move(links);
    // The view's id is another record's in every database; here it is a counter of its own.
    return {{"name", title},
            {"type", "ir.actions.act_window"},
            {"view_mode", "form"},
            {"res_model", model},
            {"views", json::array{json::array{1, "form"}}},
            {"view_id", 1},
            {"target", "new"},
            {"context", std::move(context)}};
}

// What is left goes into a transfer of its own, and is reserved there.
std::int64_t create_backorder(Env& env, std::int64_t picking) {
    Ids left = moves_of(env, picking);
    std::erase_if(left, [&](auto move) { return closed(env, move); });
    if (left.empty()) return 0;
    recompute_move_states(env, left);
    json::object values = *env.store().find(kPicking, picking);
    for (const char* field : {"name", "create_uid", "create_date", "write_uid", "write_date", "date_done", "printed",
                              "state", "carrier_tracking_ref", "signature"})
        values.erase(field);
    values["backorder_id"] = picking;
    values["is_locked"] = true;
    const auto backorder = create_picking(env, std::move(values));
    for (const auto move : left) {
        update(env, kMove, move, {{"picking_id", backorder}, {"reference", text(env, kPicking, backorder, "name")}});
        set_picked(env, move, false);
        for (const auto line : lines_of(env, move)) {
            update(env, kMoveLine, line,
                   {{"picking_id", backorder}, {"reference", text(env, kPicking, backorder, "name")}});
        }
    }
    assign_moves(env, left);
    return backorder;
}

void finish(Env& env, std::int64_t picking, bool cancel_backorder) {
    Ids moves = moves_of(env, picking);
    std::erase_if(moves, [&](auto move) { return closed(env, move) || text(env, kMove, move, "state") == "draft"; });
    const Ids done = finish_moves(env, moves, cancel_backorder);
    Ids touched = {picking};
    if (!done.empty() && !cancel_backorder) {
        if (const auto backorder = create_backorder(env, picking); backorder != 0) touched.push_back(backorder);
    }
    update(env, kPicking, picking, {{"date_done", now_text(env)}, {"priority", "0"}});
    recompute_pickings(env, touched);
    // Goods that come in are given to the moves that wait for them (_trigger_assign).
    Env sudo = env.sudo();
    const auto code = text(env, kPicking, picking, "picking_type_code");
    if (code != "incoming" && code != "internal") return;
    for (const auto move : done) {
        Ids waiting = env.store().where(kMove, "product_id", orm::get(sudo, kMove, move, "product_id"));
        const auto place = orm::get_id(sudo, kMove, move, "location_dest_id");
        std::erase_if(waiting, [&](auto other) {
            const auto state = text(env, kMove, other, "state");
            return (state != "confirmed" && state != "partially_available") ||
                   orm::get_id(sudo, kMove, other, "location_id") != place;
        });
        assign_moves(env, waiting);
        Ids pickings;
        for (const auto other : waiting) pickings.push_back(orm::get_id(sudo, kMove, other, "picking_id"));
        std::erase(pickings, 0);
        recompute_pickings(env, pickings);
    }
}

Ids ids_of_context(Env& env, std::string_view key) {
    const auto* value = env.context(key);
    return value == nullptr ? Ids{} : as_ids(*value);
}

json::value validate_from_wizard(Env& env, const Ids& not_to_backorder) {
    const Ids pickings = ids_of_context(env, "button_validate_picking_ids");
    if (pickings.empty()) return true;
    json::object context = env.context();
    context["skip_backorder"] = true;
    if (!not_to_backorder.empty()) context["picking_ids_not_to_backorder"] = to_array(not_to_backorder);
    Env inner = env.with_context(std::move(context));
    return button_validate(inner, pickings);
}

json::value availability(Env& env, std::int64_t picking, bool state_key) {
    const auto state = text(env, kPicking, picking, "state");
    if ((state != "waiting" && state != "confirmed" && state != "assigned") ||
        text(env, kPicking, picking, "picking_type_code") != "outgoing")
        return false;
    const Ids moves = moves_of(env, picking);
    const bool late = std::any_of(moves.begin(), moves.end(), [&](auto move) { return short_of_goods(env, move); });
    if (state_key) return json::value(late ? "late" : "available");
    return json::value(late ? "Not Available" : "Available");
}

std::optional<json::value> compute(Env& env, std::int64_t id, std::string_view field) {
    Env sudo = env.sudo();
    const auto of_type = [&](std::string_view name) {
        const auto type = orm::get_id(sudo, kPicking, id, "picking_type_id");
        return type == 0 ? json::value(false) : orm::get(sudo, kType, type, name);
    };
    if (field == "picking_type_code") return of_type("code");
    if (field == "picking_type_entire_packs") return of_type("show_entire_packs");
    if (field == "use_create_lots" || field == "use_existing_lots" || field == "show_operations" ||
        field == "show_reserved")
        return of_type(field);
    if (field == "product_id") {
        const Ids moves = as_ids(orm::get(sudo, kPicking, id, "move_ids"));
        return moves.empty() ? json::value(false) : orm::get(sudo, kMove, moves.front(), "product_id");
    }
    if (field == "country_code") {
        const auto company = orm::get_id(sudo, kPicking, id, "company_id");
        const auto partner = orm::get_id(sudo, "res.company", company, "partner_id");
        const auto country = orm::get_id(sudo, "res.partner", partner, "country_id");
        return country == 0 ? json::value(false) : orm::get(sudo, "res.country", country, "code");
    }
    if (field == "move_line_exist")
        return json::value(!env.store().where(kMoveLine, "picking_id", json::value(id)).empty());
    if (field == "return_count")
        return json::value(static_cast<std::int64_t>(env.store().where(kPicking, "return_id", json::value(id)).size()));
    if (field == "is_signed") return json::value(truthy(orm::get(sudo, kPicking, id, "signature")));
    if (field == "products_availability") return availability(env, id, false);
    if (field == "products_availability_state") return availability(env, id, true);
    return std::nullopt;
}

}  // namespace

void recompute_pickings(Env& env, const Ids& pickings) {
    Ids orders;
    std::set<std::int64_t> lines;
    Env sudo = env.sudo();
    for (const auto picking : pickings) {
        if (picking == 0) continue;
        recompute_picking(env, picking);
        if (const auto order = orm::get_id(sudo, kPicking, picking, "sale_id");
            order != 0 && std::find(orders.begin(), orders.end(), order) == orders.end())
            orders.push_back(order);
        for (const auto move : moves_of(env, picking)) {
            if (const auto line = orm::get_id(sudo, kMove, move, "sale_line_id"); line != 0) lines.insert(line);
        }
    }
    for (const auto line : lines) recompute_delivered(env, line);
    for (const auto order : orders) recompute_order(env, order);
}

std::int64_t create_picking(Env& env, json::object values) {
    Env sudo = env.sudo();
    const auto type = values.at("picking_type_id").as_int64();
    const auto fill = [&](std::string_view field, json::value value) {
        if (!values.contains(field)) values[field] = std::move(value);
    };
    values["name"] = next_name(env, type);
    fill("company_id", orm::get(sudo, kType, type, "company_id"));
    fill("state", "draft");
    fill("move_type", "direct");
    fill("priority", "0");
    fill("is_locked", true);
    fill("printed", false);
    fill("has_deadline_issue", false);
    fill("date", json::value(now_text(env)));
    fill("scheduled_date", json::value(now_text(env)));
    return insert(env, kPicking, std::move(values));
}

json::value action_confirm(Env& env, const Ids& pickings) {
    checked(env, pickings);
    Ids drafts = all_moves(env, pickings);
    std::erase_if(drafts, [&](auto move) { return text(env, kMove, move, "state") != "draft"; });
    confirm_moves(env, drafts);
    recompute_pickings(env, pickings);
    return true;
}

json::value action_assign(Env& env, const Ids& pickings) {
    checked(env, pickings);
    Ids moves = all_moves(env, pickings);
    std::erase_if(moves, [&](auto move) { return closed(env, move); });
    if (moves.empty()) throw user_error("Nothing to check the availability for.");
    confirm_moves(env, moves);
    recompute_pickings(env, pickings);
    return true;
}

json::value do_unreserve(Env& env, const Ids& pickings) {
    checked(env, pickings);
    unreserve_moves(env, all_moves(env, pickings));
    recompute_pickings(env, pickings);
    return none_result();
}

json::value action_cancel(Env& env, const Ids& pickings) {
    checked(env, pickings);
    cancel_pickings(env, pickings);
    return true;
}

void cancel_pickings(Env& env, const Ids& pickings) {
    cancel_moves(env, all_moves(env, pickings));
    for (const auto picking : pickings) {
        update(env, kPicking, picking, {{"is_locked", true}});
        if (moves_of(env, picking).empty()) orm::store_computed(env, kPicking, picking, "state", json::value("cancel"));
    }
    recompute_pickings(env, pickings);
}

json::value button_validate(Env& env, const Ids& all) {
    checked(env, all);
    Ids pickings = all;
    if (env.version() >= 18) {
        // What is done already is left out; before, it is an error.
        std::erase_if(pickings, [&](auto picking) { return text(env, kPicking, picking, "state") == "done"; });
        if (pickings.empty()) return true;
    }
    for (const auto picking : pickings) {
        if (text(env, kPicking, picking, "state") == "draft" && !moves_of(env, picking).empty())
            throw not_claimed("validating a draft transfer");
    }
    if (!env.context_flag("skip_sanity_check")) check_quantities(env, pickings);
    for (const auto picking : pickings) {
        const Ids moves = moves_of(env, picking);
        const bool some =
            std::any_of(moves.begin(), moves.end(), [&](auto move) { return number(env, move, "quantity") != 0.0; });
        const bool chosen = std::any_of(moves.begin(), moves.end(), [&](auto move) { return picked(env, move); });
        // Nothing is chosen: all that is there ships; 16 asks first.
        if (some && !chosen && env.version() == 16) {
            const Ids given = ids_of_context(env, "button_validate_picking_ids");
            return wizard_action(env, kImmediate, "Immediate Transfer?", pickings, given.empty() ? pickings : given);
        }
        if (some && !chosen) {
            for (const auto move : moves) set_picked(env, move, true);
        }
    }
    if (!env.context_flag("skip_backorder")) {
        Ids short_;
        std::copy_if(pickings.begin(), pickings.end(), std::back_inserter(short_),
                     [&](auto picking) { return needs_backorder(env, picking); });
        const Ids given = ids_of_context(env, "button_validate_picking_ids");
        if (!short_.empty()) {
            return wizard_action(env, kBackorder, "Create Backorder?", short_, given.empty() ? pickings : given);
        }
    }
    const Ids without = ids_of_context(env, "picking_ids_not_to_backorder");
    Env sudo = env.sudo();
    for (const bool cancel : {true, false}) {
        for (const auto picking : pickings) {
            const auto policy =
                text(env, kType, orm::get_id(sudo, kPicking, picking, "picking_type_id"), "create_backorder");
            const bool asked = std::find(without.begin(), without.end(), picking) != without.end();
            const bool never = policy == "never" || (asked && policy != "always");
            if (never == cancel) finish(env, picking, cancel);
        }
    }
    return true;
}

json::value process_immediate(Env& env, const Ids& wizards) {
    access::check(env, kBackorder, access::Operation::read);
    orm::ensure_exists(env, kImmediate, wizards);
    for (const auto wizard : wizards) {
        for (const auto picking : as_ids(orm::get(env, kImmediate, wizard, "pick_ids"))) {
            for (const auto move : moves_of(env, picking)) set_picked(env, move, true);
        }
    }
    const Ids pickings = ids_of_context(env, "button_validate_picking_ids");
    return pickings.empty() ? json::value(true) : button_validate(env, pickings);
}

json::value process(Env& env, const Ids& wizards) {
    access::check(env, kBackorder, access::Operation::read);
    orm::ensure_exists(env, kBackorder, wizards);
    Ids without;
    for (const auto wizard : wizards) {
        for (const auto line : env.store().where(kBackorderLine, "backorder_confirmation_id", json::value(wizard))) {
            if (!truthy(orm::get(env, kBackorderLine, line, "to_backorder")))
                without.push_back(orm::get_id(env, kBackorderLine, line, "picking_id"));
        }
    }
    return validate_from_wizard(env, without);
}

json::value process_cancel_backorder(Env& env, const Ids& wizards) {
    access::check(env, kBackorder, access::Operation::read);
    orm::ensure_exists(env, kBackorder, wizards);
    Ids without;
    for (const auto wizard : wizards) {
        for (const auto picking : as_ids(orm::get(env, kBackorder, wizard, "pick_ids"))) without.push_back(picking);
    }
    return validate_from_wizard(env, without);
}

Behaviour picking_behaviour() {
    Behaviour hooks;
    // A seed's transfer: {"picking_type_id", "partner_id", "move_ids": [[0, 0, {"product_id", "product_uom_qty"}]]}.
    hooks.defaults = [](Env& env, json::object& values) {
        if (!env.su()) throw not_claimed("creating transfers by hand");
        const auto given = values.contains("picking_type_id") ? as_id(values.at("picking_type_id")) : std::nullopt;
        if (!given) throw validation_error("A seeded transfer needs picking_type_id.");
        const auto fill = [&](std::string_view field, json::value value) {
            if (!values.contains(field)) values[field] = std::move(value);
        };
        fill("name", json::value(next_name(env, *given)));
        fill("company_id", orm::get(env, kType, *given, "company_id"));
        const auto place = [&](std::string_view field, std::string_view of_type, std::string_view usage) {
            const auto own = orm::get_id(env, kType, *given, of_type);
            const Ids others = env.store().where(kLocation, "usage", json::value(usage));
            if (own != 0 || !others.empty()) fill(field, own != 0 ? own : others.front());
        };
        place("location_id", "default_location_src_id", "supplier");
        place("location_dest_id", "default_location_dest_id", "customer");
        values["state"] = "draft";
        fill("move_type", "direct");
        fill("priority", "0");
        fill("is_locked", true);
        fill("date", json::value(now_text(env)));
        fill("scheduled_date", json::value(now_text(env)));
    };
    hooks.prepare = [](Env& env, json::object& values) {
        if (env.su()) return;
        static const std::set<std::string_view> kWritable = {
            "note",           "origin",    "priority", "user_id",    "printed",       "partner_id",          "date",
            "scheduled_date", "is_locked", "owner_id", "carrier_id", "carrier_price", "carrier_tracking_ref"};
        for (const auto& [name, value] : values) {
            if (!kWritable.contains(name))
                throw not_claimed("writing the field '" + std::string(name) + "' of 'stock.picking'");
            if (std::string_view(name) == "owner_id" && truthy(value)) throw not_claimed("owners of stock");
        }
    };
    hooks.changed = [](Env& env, const Ids& ids, const json::object& written, bool created) {
        if (created) {
            // A seed's transfer stands as after its confirmation.
            for (const auto id : ids) {
                Ids moves = moves_of(env, id);
                confirm_moves(env, moves);
            }
            recompute_pickings(env, ids);
            return;
        }
        for (const auto id : ids) {
            const auto state = text(env, kPicking, id, "state");
            if (written.contains("scheduled_date")) {
                if (state == "done" || state == "cancel") {
                    throw user_error("You cannot change the Scheduled Date on a done or cancelled transfer.");
                }
                for (const auto move : moves_of(env, id))
                    update(env, kMove, move, {{"date", orm::get(env, kPicking, id, "scheduled_date")}});
            }
            if (written.contains("partner_id")) {
                for (const auto move : moves_of(env, id))
                    update(env, kMove, move, {{"partner_id", orm::get(env, kPicking, id, "partner_id")}});
            }
        }
        recompute_pickings(env, ids);
    };
    hooks.before_unlink = [](Env&, const Ids&) { throw not_claimed("deleting transfers"); };
    hooks.compute = compute;
    return hooks;
}

Behaviour backorder_behaviour() {
    Behaviour hooks;
    hooks.changed = [](Env& env, const Ids& ids, const json::object& written, bool created) {
        if (!created || written.contains("backorder_confirmation_line_ids")) return;
        // default_get: a line for each transfer of the context.
        for (const auto id : ids) {
            for (const auto picking : as_ids(orm::get(env, kBackorder, id, "pick_ids"))) {
                insert(env, kBackorderLine,
                       {{"backorder_confirmation_id", id}, {"picking_id", picking}, {"to_backorder", true}});
            }
        }
    };
    return hooks;
}

}  // namespace sluice::sim::stock
