// sale.order.line: what a line takes from its product, its amounts, what a confirmed order forbids.
#include <algorithm>

#include "tests/simulators/odoo/behaviour.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/sale.hpp"
#include "tests/simulators/odoo/stock.hpp"
#include "tests/simulators/odoo/tax.hpp"

namespace sluice::sim {

namespace {

constexpr std::string_view kOrder = "sale.order";
constexpr std::string_view kLine = "sale.order.line";
constexpr std::string_view kProduct = "product.product";

// get_product_multiline_description_sale
std::string product_description(Env& env, std::int64_t product) {
    auto text = orm::display_name(env, kProduct, product);
    if (const auto extra = orm::get_text(env, kProduct, product, "description_sale"); !extra.empty())
        text += "\n" + extra;
    return text;
}

json::array set_command(const json::value& ids) {
    return {json::array{6, 0, ids.is_array() ? ids : json::value(json::array())}};
}

// What a line takes from its product when the caller gave nothing.
void fill_from_product(Env& env, json::object& values) {
    const auto* given = values.if_contains("product_id");
    const auto product = given == nullptr ? std::nullopt : as_id(*given);
    if (!product) return;
    if (!orm::exists(env, kProduct, *product)) throw missing_error(kProduct, *product, env.uid());
    const auto missing = [&](std::string_view field) { return !values.contains(field); };
    Env sudo = env.sudo();
    if (missing("name") || !truthy(values.at("name"))) values["name"] = product_description(sudo, *product);
    if (missing("price_unit")) values["price_unit"] = orm::get(sudo, kProduct, *product, "list_price");
    const auto uom = sale::line_uom_field(env);
    if (missing(uom)) values[uom] = orm::get(sudo, kProduct, *product, "uom_id");
    const auto taxes = sale::line_taxes_field(env);
    if (missing(taxes)) values[taxes] = set_command(orm::get(sudo, kProduct, *product, "taxes_id"));
}

void line_defaults(Env& env, json::object& values) {
    const auto fill = [&](std::string_view field, json::value value) {
        if (!values.contains(field)) values[field] = std::move(value);
    };
    if (const auto* type = values.if_contains("display_type"); type != nullptr && truthy(*type)) {
        for (const std::string_view field : {"product_uom_qty", "price_unit", "customer_lead"}) fill(field, 0.0);
    } else {
        fill_from_product(env, values);
        fill("product_uom_qty", 1.0);
        fill("price_unit", 0.0);
        fill("customer_lead", 0.0);
    }
    fill("sequence", 10);
}

void check_accountable(Env& env, std::int64_t line) {
    const bool product = truthy(orm::get(env, kLine, line, "product_id"));
    const bool uom = truthy(orm::get(env, kLine, line, sale::line_uom_field(env)));
    const bool down_payment = truthy(orm::get(env, kLine, line, "is_downpayment"));
    if (!truthy(orm::get(env, kLine, line, "display_type"))) {
        if (!down_payment && (!product || !uom)) {
            throw validation_error(
                "The operation cannot be completed: Missing required fields on accountable sale order line.");
        }
        return;
    }
    const bool amounts = orm::get_number(env, kLine, line, "price_unit") != 0.0 ||
                         orm::get_number(env, kLine, line, "product_uom_qty") != 0.0;
    if (product || uom || amounts) {
        throw validation_error(
            "The operation cannot be completed: Forbidden values on non-accountable sale order line");
    }
}

std::optional<json::value> compute_line(Env& env, std::int64_t id, std::string_view field) {
    const auto order = orm::get_id(env, kLine, id, "order_id");
    if (field == "state" || field == "company_id") return orm::get(env, kOrder, order, field);
    if (field == "order_partner_id") return orm::get(env, kOrder, order, "partner_id");
    if (field == "salesman_id") return orm::get(env, kOrder, order, "user_id");
    if (field == "currency_id") return orm::get(env, kOrder, order, "currency_id");
    if (auto value = stock::line_field(env, id, field)) return value;
    if (field == "qty_invoiced") return json::value(0.0);
    if (field == "product_template_id") {
        const auto product = orm::get_id(env, kLine, id, "product_id");
        return product == 0 ? json::value(false) : orm::get(env, kProduct, product, "product_tmpl_id");
    }
    if (field == "price_reduce_taxexcl" || field == "price_reduce_taxinc") {
        const auto quantity = orm::get_number(env, kLine, id, "product_uom_qty");
        const auto total =
            orm::get_number(env, kLine, id, field == "price_reduce_taxexcl" ? "price_subtotal" : "price_total");
        return json::value(quantity == 0.0 ? 0.0 : total / quantity);
    }
    return std::nullopt;
}

void line_changed(Env& env, const Ids& ids, const json::object& written, bool created) {
    Ids orders;
    for (const auto id : ids) {
        if (!created && written.contains("product_id") && truthy(written.at("product_id"))) {
            // Computed, stored and editable: they follow the product unless written too.
            json::object follow = written;
            fill_from_product(env, follow);
            const auto taxes = sale::line_taxes_field(env);
            for (const std::string_view field :
                 {std::string_view("name"), std::string_view("price_unit"), sale::line_uom_field(env)}) {
                if (!written.contains(field)) orm::store_computed(env, kLine, id, field, follow.at(field));
            }
            if (!written.contains(taxes)) {
                orm::store_computed(env, kLine, id, taxes, follow.at(taxes).as_array()[0].as_array()[2]);
            }
        }
        check_accountable(env, id);
        sale::recompute_line(env, id);
        const auto order = orm::get_id(env, kLine, id, "order_id");
        if (std::find(orders.begin(), orders.end(), order) == orders.end()) orders.push_back(order);
    }
    for (const auto order : orders) sale::recompute_order(env, order);
    if (created || written.contains("product_uom_qty")) stock::launch(env, ids);
}

}  // namespace

Behaviour sale_order_line_behaviour() {
    Behaviour hooks;
    hooks.defaults = line_defaults;
    hooks.compute = compute_line;
    hooks.changed = line_changed;
    hooks.before_unlink = [](Env& env, const Ids& ids) {
        for (const auto id : ids) {
            const auto order = orm::get_id(env, kLine, id, "order_id");
            const bool sold = orm::get_text(env, kOrder, order, "state") == "sale";
            if (sold && !truthy(orm::get(env, kLine, id, "display_type"))) {
                throw user_error(
                    "Once a sales order is confirmed, you can't remove one of its lines (we need to track if something "
                    "gets invoiced or delivered).\nSet the quantity to 0 instead.");
            }
        }
    };
    hooks.dependents = [](Env& env, const Ids& ids) {
        Ids orders;
        for (const auto id : ids) orders.push_back(orm::get_id(env, kLine, id, "order_id"));
        return orders;
    };
    hooks.after_unlink = [](Env& env, const Ids& orders) {
        for (const auto order : orders) {
            if (orm::exists(env, kOrder, order)) sale::recompute_order(env, order);
        }
    };
    hooks.display_name = [](Env& env, std::int64_t id) {
        const auto order = orm::get_text(env, kOrder, orm::get_id(env, kLine, id, "order_id"), "name");
        const auto name = orm::get_text(env, kLine, id, "name");
        const auto partner =
            orm::get_id(env, "res.partner", orm::get_id(env, kLine, id, "order_partner_id"), "commercial_partner_id");
        const auto ref = partner == 0 ? std::string() : orm::get_text(env, "res.partner", partner, "ref");
        const auto whom = partner == 0 || !ref.empty() ? ref : orm::get_text(env, "res.partner", partner, "name");
        return order + " - " + split(name, '\n').front() + (env.version() >= 17 ? " (" + whom + ")" : "");
    };
    return hooks;
}

namespace sale {

std::string_view line_uom_field(const Env& env) {
    return env.model(kLine).has("product_uom_id") ? "product_uom_id" : "product_uom";
}
std::string_view line_taxes_field(const Env& env) {
    return env.model(kLine).has("tax_ids") ? "tax_ids" : "tax_id";
}

void recompute_line(Env& env, std::int64_t line) {
    const auto order = orm::get_id(env, kLine, line, "order_id");
    const int digits = tax::currency_digits(env, orm::get_id(env, kOrder, order, "currency_id"));
    const double price =
        orm::get_number(env, kLine, line, "price_unit") * (1.0 - orm::get_number(env, kLine, line, "discount") / 100.0);
    const Ids taxes = as_ids(orm::get(env, kLine, line, line_taxes_field(env)));
    const auto amounts =
        tax::compute_all(env, taxes, price, orm::get_number(env, kLine, line, "product_uom_qty"), digits);
    orm::store_computed(env, kLine, line, "price_subtotal", amounts.untaxed);
    // A plain float, as against the others: Odoo does not round the sum of several taxes.
    orm::store_computed(env, kLine, line, "price_tax", amounts.tax);
    orm::store_computed(env, kLine, line, "price_total", orm::round_half_up(amounts.untaxed + amounts.tax, digits));
}

}  // namespace sale

}  // namespace sluice::sim
