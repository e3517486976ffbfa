// product.template, product.product (one variant a template), product.category (addons/product/models).
#include "tests/simulators/odoo/behaviour.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/stock.hpp"

namespace sluice::sim {

namespace {

constexpr std::string_view kProduct = "product.product";
constexpr std::string_view kTemplate = "product.template";

std::int64_t only_variant(Env& env, std::int64_t id) {
    const auto variants = env.store().where(kProduct, "product_tmpl_id", json::value(id));
    return variants.size() == 1 ? variants.front() : 0;
}

std::int64_t first_id(Env& env, std::string_view model) {
    const auto& rows = env.store().rows(model);
    return rows.empty() ? 0 : rows.begin()->first;
}

std::string named(const json::value& code, const std::string& name) {
    return truthy(code) ? "[" + as_text(code) + "] " + name : name;
}

void template_defaults(Env& env, json::object& values) {
    const auto fill = [&](std::string_view field, json::value value) {
        if (env.model(kTemplate).has(field) && !values.contains(field)) values[field] = std::move(value);
    };
    if (env.version() < 19) fill("categ_id", first_id(env, "product.category"));
    fill("uom_id", first_id(env, "uom.uom"));
    fill("uom_po_id", values.contains("uom_id") ? values["uom_id"] : json::value(false));
    fill("detailed_type", "consu");
    fill("sale_ok", true);
    fill("purchase_ok", true);
    fill("list_price", 1.0);
    fill("tracking", "none");
    fill("invoice_policy", "order");
    fill("sale_line_warn", "no-message");
    fill("purchase_line_warn", "no-message");
    fill("purchase_method", "receive");
    fill("sequence", 1);
    fill("priority", "0");
    if (!values.contains("taxes_id")) {
        const auto company = first_id(env, "res.company");
        const auto tax = company == 0 ? 0 : orm::get_id(env, "res.company", company, "account_sale_tax_id");
        if (tax != 0) values["taxes_id"] = json::array{json::array{6, 0, json::array{tax}}};
    }
    if (!values.contains("type")) values["type"] = json::value(values.at("detailed_type"));
}

// From 18 on goods are "consu" and `is_storable` tells those that are counted; before, `detailed_type` says both.
bool has_storable(Env& env) {
    return env.model(kTemplate).has("is_storable");
}

// The simulator goes by 17's field in every version.
void keep_detailed_type(Env& env, std::int64_t id) {
    const auto type = orm::get_text(env, kTemplate, id, "type");
    const bool counted = type == "consu" && truthy(orm::get(env, kTemplate, id, "is_storable"));
    const std::string kept = counted ? "product" : type;
    if (orm::get_text(env, kTemplate, id, "detailed_type") != kept)
        stock::update(env, kTemplate, id, {{"detailed_type", kept}});
}

void check_barcode(Env& env, std::int64_t id) {
    const auto barcode = orm::get(env, kProduct, id, "barcode");
    if (!truthy(barcode)) return;
    const auto same = env.store().where(kProduct, "barcode", barcode);
    if (same.size() < 2) return;
    std::string names;
    for (const auto other : same) names += (names.empty() ? "" : ", ") + orm::display_name(env, kProduct, other);
    throw validation_error("Barcode(s) already assigned:\n\n- Barcode \"" + as_text(barcode) +
                           "\" already assigned to product(s): " + names +
                           "\n\nNote: products that you don't have access to will not be shown above.");
}

}  // namespace

Behaviour product_template_behaviour() {
    Behaviour hooks;
    hooks.prepare = [](Env& env, json::object& values) {
        const auto* detailed = values.if_contains("detailed_type");
        if (detailed == nullptr) return;
        const auto given = as_text(*detailed);
        const bool goods = has_storable(env) && given == "product";
        if (has_storable(env)) values["is_storable"] = goods;
        values["type"] = goods ? "consu" : given;
    };
    hooks.defaults = template_defaults;
    hooks.compute = [](Env& env, std::int64_t id, std::string_view field) -> std::optional<json::value> {
        if (field == "product_variant_ids")
            return json::value(to_array(env.store().where(kProduct, "product_tmpl_id", json::value(id))));
        if (field == "product_variant_id") {
            const auto variants = env.store().where(kProduct, "product_tmpl_id", json::value(id));
            return variants.empty() ? json::value(false) : json::value(variants.front());
        }
        if (field == "product_variant_count") {
            return json::value(
                static_cast<std::int64_t>(env.store().where(kProduct, "product_tmpl_id", json::value(id)).size()));
        }
        if (field == "currency_id") return orm::get(env, "res.company", first_id(env, "res.company"), "currency_id");
        if (field == "uom_name") {
            const auto uom = orm::get_id(env, kTemplate, id, "uom_id");
            return uom == 0 ? json::value(false) : orm::get(env, "uom.uom", uom, "name");
        }
        if (field == "qty_available" || field == "virtual_available" || field == "incoming_qty" ||
            field == "outgoing_qty") {
            const auto variant = only_variant(env, id);
            return variant == 0 ? json::value(0.0) : *stock::level_field(env, variant, field);
        }
        if (field == "default_code" || field == "barcode" || field == "standard_price") {
            const auto variant = only_variant(env, id);
            return variant == 0 ? json::value(false) : orm::get(env, kProduct, variant, field);
        }
        return std::nullopt;
    };
    hooks.changed = [](Env& env, const Ids& ids, const json::object& written, bool created) {
        const bool from_variant =
            env.context("create_product_product") != nullptr && !env.context_flag("create_product_product");
        for (const auto id : ids) {
            if (has_storable(env)) keep_detailed_type(env, id);
            json::object own;
            for (const std::string_view field : {"default_code", "barcode", "standard_price", "weight", "volume"}) {
                if (const auto* value = written.if_contains(field)) own[field] = *value;
            }
            if (created && !from_variant) {
                own["product_tmpl_id"] = id;
                orm::create(env, kProduct, std::move(own));
            } else if (const auto variant = created ? 0 : only_variant(env, id); variant != 0 && !own.empty()) {
                orm::write(env, kProduct, {variant}, std::move(own));
            }
        }
    };
    hooks.display_name = [](Env& env, std::int64_t id) {
        const auto variant = only_variant(env, id);
        const auto code = variant == 0 ? json::value(false) : orm::get(env, kProduct, variant, "default_code");
        return named(code, orm::get_text(env, kTemplate, id, "name"));
    };
    return hooks;
}

Behaviour product_product_behaviour() {
    Behaviour hooks;
    hooks.prepare = [](Env&, json::object& values) {
        if (const auto* price = values.if_contains("lst_price")) {
            values["list_price"] = json::value(*price);
            values.erase("lst_price");
        }
    };
    hooks.compute = [](Env& env, std::int64_t id, std::string_view field) -> std::optional<json::value> {
        if (field == "lst_price") return orm::get(env, kProduct, id, "list_price");
        if (auto level = stock::level_field(env, id, field)) return level;
        if (field == "price_extra") return json::value(0.0);
        if (field == "code") return orm::get(env, kProduct, id, "default_code");
        if (field == "partner_ref") return json::value(orm::display_name(env, kProduct, id));
        return std::nullopt;
    };
    hooks.changed = [](Env& env, const Ids& ids, const json::object& written, bool) {
        if (!written.contains("barcode")) return;
        for (const auto id : ids) check_barcode(env, id);
    };
    hooks.display_name = [](Env& env, std::int64_t id) {
        return named(orm::get(env, kProduct, id, "default_code"), orm::get_text(env, kProduct, id, "name"));
    };
    // product.product._name_search: code, barcode, "[code] name", then the name.
    hooks.name_domain = [](Env& env, const std::string& name, const std::string& op) -> std::optional<json::array> {
        for (const std::string_view field : {"default_code", "barcode"}) {
            if (!env.store().where(kProduct, field, json::value(name)).empty()) {
                return json::array{json::array{json::value(field), "=", json::value(name)}};
            }
        }
        if (name.starts_with('[')) {
            const auto close = name.find(']');
            const auto code = close == std::string::npos ? std::string() : name.substr(1, close - 1);
            if (!code.empty() && !env.store().where(kProduct, "default_code", json::value(code)).empty()) {
                return json::array{json::array{"default_code", "=", json::value(code)}};
            }
        }
        return json::array{"|", json::array{"default_code", json::value(op), json::value(name)},
                           json::array{"name", json::value(op), json::value(name)}};
    };
    return hooks;
}

Behaviour product_category_behaviour() {
    Behaviour hooks;
    hooks.changed = [](Env& env, const Ids& ids, const json::object&, bool) {
        for (const auto id : ids) {
            auto name = orm::get_text(env, "product.category", id, "name");
            if (const auto parent = orm::get_id(env, "product.category", id, "parent_id"); parent != 0) {
                name = orm::get_text(env, "product.category", parent, "complete_name") + " / " + name;
            }
            orm::store_computed(env, "product.category", id, "complete_name", json::value(name));
        }
    };
    hooks.display_name = [](Env& env, std::int64_t id) {
        return orm::get_text(env, "product.category", id, "complete_name");
    };
    return hooks;
}

}  // namespace sluice::sim
