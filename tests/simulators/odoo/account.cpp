#include "tests/simulators/odoo/account.hpp"

#include <algorithm>
#include <cstdio>

#include "tests/simulators/odoo/access.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/stock.hpp"
#include "tests/simulators/odoo/tax.hpp"

namespace sluice::sim::account {

namespace {

constexpr std::string_view kProduct = "product.product";
constexpr int kCents = 2;

std::string state_of(Env& env, std::int64_t move) {
    return orm::get_text(env, kMove, move, "state");
}

Ids lines_of(Env& env, std::int64_t move) {
    return env.store().where(kMoveLine, "move_id", json::value(move));
}

void recompute(Env& env, std::int64_t move) {
    double untaxed = 0.0;
    double total = 0.0;
    for (const auto line : lines_of(env, move)) {
        const auto taxes = as_ids(orm::get(env, kMoveLine, line, "tax_ids"));
        const auto amounts = tax::compute_all(env, taxes, orm::get_number(env, kMoveLine, line, "price_unit"),
                                              orm::get_number(env, kMoveLine, line, "quantity"), kCents);
        orm::store_computed(env, kMoveLine, line, "price_subtotal", amounts.untaxed);
        orm::store_computed(env, kMoveLine, line, "price_total",
                            orm::round_half_up(amounts.untaxed + amounts.tax, kCents));
        untaxed += amounts.untaxed;
        total += amounts.untaxed + amounts.tax;
    }
    orm::store_computed(env, kMove, move, "amount_untaxed", orm::round_half_up(untaxed, kCents));
    orm::store_computed(env, kMove, move, "amount_tax", orm::round_half_up(total - untaxed, kCents));
    orm::store_computed(env, kMove, move, "amount_total", orm::round_half_up(total, kCents));
    orm::store_computed(env, kMove, move, "amount_residual", orm::round_half_up(total, kCents));
}

std::string next_name(Env& env, const std::string& year) {
    std::size_t posted = 0;
    for (const auto& [id, row] : env.store().rows(kMove)) {
        const auto* name = row->if_contains("name");
        if (name != nullptr && as_text(*name).starts_with("INV/" + year + "/")) ++posted;
    }
    char number[16];
    std::snprintf(number, sizeof number, "%05zu", posted + 1);
    return "INV/" + year + "/" + number;
}

// Of the wizard's context.
Ids moves_to_pay(Env& env) {
    const auto* model = env.context("active_model");
    const auto* ids = env.context("active_ids");
    if (model == nullptr || *model != json::value(kMove) || ids == nullptr) {
        throw not_claimed("a payment wizard of other records than the context's account.move");
    }
    auto moves = as_ids(*ids);
    orm::ensure_exists(env, kMove, moves);
    if (moves.size() != 1) throw not_claimed("a payment of several invoices at once");
    return moves;
}

void pay(Env& env, std::int64_t move, std::int64_t wizard, Ids& payments) {
    const double amount = orm::get_number(env, kRegister, wizard, "amount");
    const double residual = orm::get_number(env, kMove, move, "amount_residual");
    const double paid = std::min(amount, residual);
    json::object row{{"amount", amount},
                     {"date", orm::get(env, kRegister, wizard, "payment_date")},
                     {"partner_id", orm::get(env, kMove, move, "partner_id")},
                     {"reconciled_invoice_ids", paid > 0.0 ? json::array{move} : json::array{}}};
    row[env.version() >= 18 ? "memo" : "ref"] = orm::get(env, kRegister, wizard, "communication");
    if (env.version() < 18) row["state"] = "posted";
    payments.push_back(stock::insert(env, kPayment, std::move(row)));
    const double left = orm::round_half_up(residual - paid, kCents);
    orm::store_computed(env, kMove, move, "amount_residual", left);
    orm::store_computed(env, kMove, move, "payment_state", json::value(left == 0.0 ? "paid" : "partial"));
}

}  // namespace

json::value action_post(Env& env, const Ids& moves) {
    access::check(env, kMove, access::Operation::write);
    orm::ensure_exists(env, kMove, moves);
    for (const auto move : moves) {
        if (orm::get_text(env, kMove, move, "move_type") != "out_invoice")
            throw not_claimed("posting an entry that is no customer invoice");
        if (state_of(env, move) != "draft") {
            throw user_error("The entry " + orm::get_text(env, kMove, move, "name") + " (id " + std::to_string(move) +
                             ") must be in draft.");
        }
        if (lines_of(env, move).empty()) throw user_error("You need to add a line before posting.");
        auto date = orm::get_text(env, kMove, move, "invoice_date");
        if (date.empty()) date = stock::today_text(env);
        stock::update(env, kMove, move,
                      {{"state", "posted"}, {"invoice_date", date}, {"name", next_name(env, date.substr(0, 4))}});
    }
    return false;
}

json::value action_create_payments(Env& env, const Ids& wizards) {
    access::check(env, kPayment, access::Operation::create);
    orm::ensure_exists(env, kRegister, wizards);
    Ids payments;
    for (const auto wizard : wizards) {
        for (const auto move : as_ids(orm::get(env, kRegister, wizard, "move_ids"))) pay(env, move, wizard, payments);
    }
    if (payments.size() != 1) throw not_claimed("several payments at once");
    return json::object{{"name", "Payments"},    {"type", "ir.actions.act_window"},
                        {"res_model", kPayment}, {"context", json::object{{"create", false}}},
                        {"view_mode", "form"},   {"res_id", payments.front()}};
}

Behaviour move_behaviour() {
    Behaviour hooks;
    hooks.defaults = [](Env&, json::object& values) {
        const auto fill = [&](std::string_view field, json::value value) {
            if (!values.contains(field)) values[field] = std::move(value);
        };
        fill("move_type", "entry");
        fill("name", "/");
        fill("state", "draft");
        fill("payment_state", "not_paid");
        for (const std::string_view field : {"amount_untaxed", "amount_tax", "amount_total", "amount_residual"})
            fill(field, 0.0);
    };
    hooks.changed = [](Env& env, const Ids& moves, const json::object& written, bool created) {
        for (const auto move : moves) {
            if (created) recompute(env, move);
            if (!created && written.contains("invoice_line_ids") && state_of(env, move) != "draft")
                throw not_claimed("changing the lines of a posted invoice");
        }
    };
    hooks.before_unlink = [](Env& env, const Ids& moves) {
        for (const auto move : moves) {
            if (state_of(env, move) == "draft") continue;
            if (orm::get_text(env, kMove, move, "payment_state") != "not_paid")
                throw not_claimed("deleting an invoice that is paid");
            throw user_error(
                "You can't delete a posted journal item. Don’t play games with your accounting records; reset the "
                "journal entry to draft before deleting it.");
        }
    };
    return hooks;
}

Behaviour move_line_behaviour() {
    Behaviour hooks;
    hooks.defaults = [](Env& env, json::object& values) {
        const auto fill = [&](std::string_view field, json::value value) {
            if (!values.contains(field)) values[field] = std::move(value);
        };
        fill("quantity", 1.0);
        const auto* given = values.if_contains("product_id");
        if (const auto product = given == nullptr ? std::nullopt : as_id(*given)) {
            Env sudo = env.sudo();
            fill("name", json::value(orm::display_name(sudo, kProduct, *product)));
            fill("price_unit", orm::get(sudo, kProduct, *product, "list_price"));
            fill("tax_ids", json::array{json::array{6, 0, orm::get(sudo, kProduct, *product, "taxes_id")}});
        }
        fill("price_unit", 0.0);
    };
    hooks.changed = [](Env& env, const Ids& lines, const json::object&, bool) {
        for (const auto line : lines) recompute(env, orm::get_id(env, kMoveLine, line, "move_id"));
    };
    return hooks;
}

Behaviour register_behaviour() {
    Behaviour hooks;
    hooks.defaults = [](Env& env, json::object& values) {
        const auto moves = moves_to_pay(env);
        const auto move = moves.front();
        if (state_of(env, move) != "posted")
            throw user_error("You can only register payment for posted journal entries.");
        const double residual = orm::get_number(env, kMove, move, "amount_residual");
        if (residual == 0.0) {
            throw user_error(
                "You can't register a payment because there is nothing left to pay on the selected journal items.");
        }
        const auto fill = [&](std::string_view field, json::value value) {
            if (!values.contains(field)) values[field] = std::move(value);
        };
        fill("amount", residual);
        fill("payment_date", json::value(stock::today_text(env)));
        fill("communication", orm::get(env, kMove, move, "name"));
        values["move_ids"] = json::array{json::array{6, 0, to_array(moves)}};
    };
    return hooks;
}

}  // namespace sluice::sim::account
