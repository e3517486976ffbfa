#include "tests/simulators/odoo/sale.hpp"

#include <algorithm>
#include <array>

#include "tests/simulators/odoo/behaviour.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/stock.hpp"
#include "tests/simulators/odoo/tax.hpp"

namespace sluice::sim {

namespace {

constexpr std::string_view kOrder = "sale.order";
constexpr std::string_view kLine = "sale.order.line";
constexpr std::string_view kPartner = "res.partner";

std::int64_t company_of(Env& env) {
    Env sudo = env.sudo();
    const auto company =
        orm::exists(sudo, "res.users", env.uid()) ? orm::get_id(sudo, "res.users", env.uid(), "company_id") : 0;
    return company != 0 ? company : 1;
}

// res.partner.address_get: the first contact of the type below the partner, else the partner.
std::int64_t address_of(Env& env, std::int64_t partner, std::string_view type) {
    if (orm::get_text(env, kPartner, partner, "type") == type) return partner;
    Ids waiting = {partner};
    for (std::size_t i = 0; i < waiting.size() && i < 1000; ++i) {
        if (orm::get_text(env, kPartner, waiting[i], "type") == type) return waiting[i];
        for (const auto child : env.store().where(kPartner, "parent_id", json::value(waiting[i]))) {
            if (truthy(orm::get(env, kPartner, child, "active")) &&
                !truthy(orm::get(env, kPartner, child, "is_company"))) {
                waiting.push_back(child);
            }
        }
    }
    return partner;
}

std::string next_name(Env& env) {
    auto number = std::to_string(env.store().next("ir.sequence.sale.order"));
    if (number.size() < 5) number.insert(0, 5 - number.size(), '0');
    return "S" + number;
}

void partner_defaults(Env& env, json::object& values, bool overwrite) {
    const auto* given = values.if_contains("partner_id");
    if (given == nullptr || !given->is_int64()) return;
    const auto partner = given->get_int64();
    if (!orm::exists(env, kPartner, partner)) throw missing_error(kPartner, partner, env.uid());
    const auto fill = [&](std::string_view field, json::value value) {
        if (overwrite || !values.contains(field)) values[field] = std::move(value);
    };
    if (!values.contains("partner_invoice_id")) fill("partner_invoice_id", address_of(env, partner, "invoice"));
    if (!values.contains("partner_shipping_id")) fill("partner_shipping_id", address_of(env, partner, "delivery"));
}

void order_defaults(Env& env, json::object& values) {
    const auto fill = [&](std::string_view field, json::value value) {
        if (!values.contains(field)) values[field] = std::move(value);
    };
    fill("state", "draft");
    fill("date_order", json::value(wire_datetime(stamp_text(env.now()))));
    fill("company_id", company_of(env));
    fill("picking_policy", "direct");
    // From 17 on an order needs no price list.
    if (env.version() == 16 && !env.store().rows("product.pricelist").empty())
        fill("pricelist_id", env.store().rows("product.pricelist").begin()->first);
    if (!env.store().rows("stock.warehouse").empty())
        fill("warehouse_id", env.store().rows("stock.warehouse").begin()->first);
    if (values.contains("partner_id")) {
        partner_defaults(env, values, false);
        Env sudo = env.sudo();
        if (orm::exists(sudo, "res.users", env.uid())) fill("user_id", env.uid());
    }
}

std::optional<json::value> compute_order(Env& env, std::int64_t id, std::string_view field) {
    if (field == "currency_id") {
        const auto pricelist = orm::get_id(env, kOrder, id, "pricelist_id");
        if (pricelist != 0) return orm::get(env, "product.pricelist", pricelist, "currency_id");
        return orm::get(env, "res.company", orm::get_id(env, kOrder, id, "company_id"), "currency_id");
    }
    if (auto value = stock::order_field(env, id, field)) return value;
    if (field == "type_name") {
        const auto state = orm::get_text(env, kOrder, id, "state");
        return json::value(state == "draft" || state == "sent" || state == "cancel" ? "Quotation" : "Sales Order");
    }
    if (field == "country_code") {
        const auto company = orm::get_id(env, kOrder, id, "company_id");
        const auto country =
            orm::get_id(env, kPartner, orm::get_id(env, "res.company", company, "partner_id"), "country_id");
        return country == 0 ? json::value(false) : orm::get(env, "res.country", country, "code");
    }
    return std::nullopt;
}

void order_changed(Env& env, const Ids& ids, const json::object& written, bool created) {
    for (const auto id : ids) {
        if (created && (!written.contains("name") || !truthy(written.at("name")))) {
            json::object row = *env.store().find(kOrder, id);
            row["name"] = next_name(env);
            env.store().put(kOrder, id, std::move(row));
        }
        if (!created && written.contains("partner_id")) {
            // The addresses follow the customer unless they are written too.
            json::object follow = written;
            partner_defaults(env, follow, false);
            for (const std::string_view field : {"partner_invoice_id", "partner_shipping_id"}) {
                if (follow.contains(field)) orm::store_computed(env, kOrder, id, field, follow.at(field));
            }
        }
        sale::recompute_order(env, id);
    }
}

void order_before_unlink(Env& env, const Ids& ids) {
    for (const auto id : ids) {
        const auto state = orm::get_text(env, kOrder, id, "state");
        if (state != "draft" && state != "cancel") {
            throw user_error(
                "You can not delete a sent quotation or a confirmed sales order. You must first cancel it.");
        }
    }
}

json::object cancel_wizard_action(Env& env, std::int64_t order) {
    // The view's and the template's ids are other records' in every database; here they are counters of their own.
    json::object context{{"default_template_id", 1},
                         {"default_order_id", order},
                         {"mark_so_as_canceled", true},
                         {"default_email_layout_xmlid", "mail.mail_notification_layout_with_responsible_signature"},
                         {"model_description", env.model(kOrder).description}};
    if (env.version() == 16) context["default_use_template"] = true;
    return {{"name", "Cancel " + orm::get_text(env, kOrder, order, "type_name")},
            {"view_mode", "form"},
            {"res_model", "sale.order.cancel"},
            {"view_id", 1},
            {"type", "ir.actions.act_window"},
            {"context", std::move(context)},
            {"target", "new"}};
}

void set_state(Env& env, const Ids& orders, std::string_view state) {
    if (!orders.empty()) orm::write(env, kOrder, orders, {{"state", json::value(state)}});
    for (const auto order : orders) stock::touch_lines(env, order);
}

}  // namespace

Behaviour sale_order_behaviour() {
    Behaviour hooks;
    hooks.defaults = [](Env& env, json::object& values) {
        order_defaults(env, values);
        // The column is NOT NULL before the sequence gives the name; ("New") stands until then.
        if (!values.contains("name") || !truthy(values.at("name"))) values["name"] = "New";
    };
    hooks.compute = compute_order;
    hooks.changed = order_changed;
    hooks.before_unlink = order_before_unlink;
    return hooks;
}

namespace sale {

void recompute_order(Env& env, std::int64_t order) {
    const int digits = tax::currency_digits(env, orm::get_id(env, kOrder, order, "currency_id"));
    double untaxed = 0.0;
    double taxes = 0.0;
    for (const auto line : env.store().where(kLine, "order_id", json::value(order))) {
        untaxed += orm::get_number(env, kLine, line, "price_subtotal");
        taxes += orm::get_number(env, kLine, line, "price_tax");
    }
    orm::store_computed(env, kOrder, order, "amount_untaxed", orm::round_half_up(untaxed, digits));
    orm::store_computed(env, kOrder, order, "amount_tax", orm::round_half_up(taxes, digits));
    orm::store_computed(env, kOrder, order, "amount_total", orm::round_half_up(untaxed + taxes, digits));
}

json::value action_confirm(Env& env, const Ids& orders) {
    orm::ensure_exists(env, kOrder, orders);
    for (const auto order : orders) {
        const auto state = orm::get_text(env, kOrder, order, "state");
        if (state != "draft" && state != "sent") {
            if (env.version() >= 17) throw user_error("Some orders are not in a state requiring confirmation.");
            throw user_error("It is not allowed to confirm an order in the following states: cancel, done, sale");
        }
        for (const auto line : env.store().where(kLine, "order_id", json::value(order))) {
            if (!truthy(orm::get(env, kLine, line, "display_type")) &&
                !truthy(orm::get(env, kLine, line, "product_id"))) {
                throw user_error("A line on these orders missing a product, you cannot confirm it.");
            }
        }
    }
    if (!orders.empty()) {
        orm::write(env, kOrder, orders, {{"state", "sale"}, {"date_order", wire_datetime(stamp_text(env.now()))}});
        for (const auto order : orders) {
            stock::touch_lines(env, order);
            stock::launch(env, as_ids(orm::get(env, kOrder, order, "order_line")));
        }
    }
    return true;
}

json::value action_cancel(Env& env, const Ids& orders) {
    orm::ensure_exists(env, kOrder, orders);
    const bool past_draft = std::any_of(orders.begin(), orders.end(), [&](auto order) {
        return orm::get_text(env, kOrder, order, "state") != "draft";
    });
    if (past_draft && env.version() < 19 && !env.context_flag("disable_cancel_warning")) {
        if (orders.size() > 1) {
            throw value_error("Expected singleton: sale.order(" + std::to_string(orders[0]) + ", " +
                              std::to_string(orders[1]) + ")");
        }
        return cancel_wizard_action(env, orders.front());
    }
    stock::cancel_deliveries(env, orders);
    set_state(env, orders, "cancel");
    return true;
}

json::value action_draft(Env& env, const Ids& orders) {
    orm::ensure_exists(env, kOrder, orders);
    Ids reset;
    std::copy_if(orders.begin(), orders.end(), std::back_inserter(reset), [&](auto order) {
        const auto state = orm::get_text(env, kOrder, order, "state");
        return state == "cancel" || state == "sent";
    });
    set_state(env, reset, "draft");
    return true;
}

json::value wizard_cancel(Env& env, const Ids& wizards) {
    orm::ensure_exists(env, "sale.order.cancel", wizards);
    for (const auto wizard : wizards) {
        Env quiet = env.with_context("disable_cancel_warning", true);
        action_cancel(quiet, {orm::get_id(env, "sale.order.cancel", wizard, "order_id")});
    }
    return true;
}

}  // namespace sale

}  // namespace sluice::sim
