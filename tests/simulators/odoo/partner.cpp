// res.partner: names, addresses shared with the parent, normalised e-mail (addons/base/models/res_partner.py).
#include <algorithm>
#include <array>

#include "tests/simulators/odoo/behaviour.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"

namespace sluice::sim {

namespace {

constexpr std::string_view kPartner = "res.partner";
constexpr std::array<std::string_view, 6> kAddress = {"street", "street2", "zip", "city", "state_id", "country_id"};

// tools.email_normalize: the one address in the text, lower-case; nothing for none or several.
json::value normalized_email(const std::string& email) {
    std::string address = strip(email);
    if (const auto open = address.rfind('<'); open != std::string::npos) {
        address = address.substr(open + 1, address.find('>', open) - open - 1);
    }
    const auto at = address.find('@');
    const bool one = at != std::string::npos && at > 0 && at + 1 < address.size() &&
                     address.find('@', at + 1) == std::string::npos &&
                     address.find_first_of(", ;") == std::string::npos;
    return one ? json::value(lower(address)) : json::value(false);
}

std::string complete_name(Env& env, std::int64_t id) {
    const auto name = orm::get_text(env, kPartner, id, "name");
    const auto parent = orm::get_id(env, kPartner, id, "parent_id");
    if (parent == 0 && !truthy(orm::get(env, kPartner, id, "company_name"))) return name;
    if (truthy(orm::get(env, kPartner, id, "is_company"))) return name;
    std::string own = name;
    if (own.empty()) {
        const auto type = orm::get_text(env, kPartner, id, "type");
        for (const auto& [key, label] : env.model(kPartner).at("type").selection) {
            if (key == type && key != "contact") own = label;
        }
    }
    const auto head =
        parent != 0 ? orm::get_text(env, kPartner, parent, "name") : orm::get_text(env, kPartner, id, "company_name");
    return strip(head + ", " + own);
}

std::int64_t commercial_partner(Env& env, std::int64_t id) {
    while (!truthy(orm::get(env, kPartner, id, "is_company"))) {
        const auto parent = orm::get_id(env, kPartner, id, "parent_id");
        if (parent == 0) return id;
        id = parent;
    }
    return id;
}

void check_recursion(Env& env, std::int64_t id) {
    std::int64_t at = orm::get_id(env, kPartner, id, "parent_id");
    for (int depth = 0; at != 0; ++depth) {
        if (at == id || depth > 1000) throw validation_error("You cannot create recursive Partner hierarchies.");
        at = orm::get_id(env, kPartner, at, "parent_id");
    }
}

// _fields_sync: a contact has its parent's address, if the parent has one.
void sync_address(Env& env, std::int64_t id, const json::object& written) {
    const auto parent = orm::get_id(env, kPartner, id, "parent_id");
    const bool contact = orm::get_text(env, kPartner, id, "type") == "contact";
    if (parent != 0 && contact && (written.contains("parent_id") || written.contains("type"))) {
        const bool has_address = std::any_of(kAddress.begin(), kAddress.end(), [&](auto field) {
            return truthy(orm::get(env, kPartner, parent, field));
        });
        if (has_address) {
            json::object row = *env.store().find(kPartner, id);
            for (const auto field : kAddress) row[field] = orm::get(env, kPartner, parent, field);
            env.store().put(kPartner, id, std::move(row));
        }
    }
    if (std::any_of(kAddress.begin(), kAddress.end(), [&](auto field) { return written.contains(field); })) {
        for (const auto child : env.store().where(kPartner, "parent_id", json::value(id))) {
            if (orm::get_text(env, kPartner, child, "type") == "contact") {
                sync_address(env, child, {{"parent_id", id}});
            }
        }
    }
}

void recompute(Env& env, std::int64_t id) {
    json::object row = *env.store().find(kPartner, id);
    row["complete_name"] = complete_name(env, id);
    row["email_normalized"] = normalized_email(orm::get_text(env, kPartner, id, "email"));
    row["commercial_partner_id"] = commercial_partner(env, id);
    env.store().put(kPartner, id, std::move(row));
    for (const auto child : env.store().where(kPartner, "parent_id", json::value(id))) recompute(env, child);
}

std::optional<json::value> compute(Env& env, std::int64_t id, std::string_view field) {
    if (field == "company_type")
        return json::value(truthy(orm::get(env, kPartner, id, "is_company")) ? "company" : "person");
    if (field == "commercial_company_name") {
        const auto commercial = commercial_partner(env, id);
        const bool company = truthy(orm::get(env, kPartner, commercial, "is_company"));
        return company ? orm::get(env, kPartner, commercial, "name") : orm::get(env, kPartner, id, "company_name");
    }
    if (field == "email_formatted") {
        const auto email = orm::get_text(env, kPartner, id, "email");
        if (email.empty()) return json::value(false);
        return json::value("\"" + orm::get_text(env, kPartner, id, "name") + "\" <" + email + ">");
    }
    if (field == "parent_name") {
        const auto parent = orm::get_id(env, kPartner, id, "parent_id");
        return parent == 0 ? json::value(false) : orm::get(env, kPartner, parent, "name");
    }
    if (field == "country_code") {
        const auto country = orm::get_id(env, kPartner, id, "country_id");
        return country == 0 ? json::value(false) : orm::get(env, "res.country", country, "code");
    }
    if (field == "self") return json::value(id);
    if (field == "partner_share")
        return json::value(env.store().where("res.users", "partner_id", json::value(id)).empty());
    if (field == "sale_order_count") {
        return json::value(
            static_cast<std::int64_t>(env.store().where("sale.order", "partner_id", json::value(id)).size()));
    }
    return std::nullopt;
}

}  // namespace

Behaviour partner_behaviour() {
    Behaviour hooks;
    hooks.prepare = [](Env&, json::object& values) {
        if (const auto* type = values.if_contains("company_type")) {
            values["is_company"] = as_text(*type) == "company";
            values.erase("company_type");
        }
    };
    hooks.defaults = [](Env& env, json::object& values) {
        if (!values.contains("type")) values["type"] = "contact";
        if (!values.contains("lang"))
            values["lang"] = env.context("lang") != nullptr ? *env.context("lang") : json::value("en_US");
        if (!values.contains("company_id")) values["company_id"] = false;
    };
    hooks.compute = compute;
    hooks.changed = [](Env& env, const Ids& ids, const json::object& written, bool) {
        for (const auto id : ids) {
            if (!truthy(orm::get(env, kPartner, id, "name")) && orm::get_text(env, kPartner, id, "type") == "contact") {
                throw validation_error("The operation cannot be completed: Contacts require a name");
            }
            if (written.contains("parent_id")) check_recursion(env, id);
            sync_address(env, id, written);
            recompute(env, id);
        }
    };
    hooks.display_name = [](Env& env, std::int64_t id) {
        auto name = orm::get_text(env, kPartner, id, "complete_name");
        if (env.context_flag("show_email")) {
            if (const auto email = orm::get_text(env, kPartner, id, "email"); !email.empty())
                name += " <" + email + ">";
        }
        return name;
    };
    return hooks;
}

Behaviour country_behaviour() {
    Behaviour hooks;
    // Two letters are tried as a code first.
    hooks.name_domain = [](Env& env, const std::string& name, const std::string& op) -> std::optional<json::array> {
        if (name.size() != 2 || (op != "ilike" && op != "=")) return std::nullopt;
        std::string code = name;
        std::transform(code.begin(), code.end(), code.begin(),
                       [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
        if (env.store().where("res.country", "code", json::value(code)).empty()) return std::nullopt;
        return json::array{json::array{"code", "=", json::value(code)}};
    };
    return hooks;
}

Behaviour country_state_behaviour() {
    Behaviour hooks;
    hooks.display_name = [](Env& env, std::int64_t id) {
        const auto country = orm::get_id(env, "res.country.state", id, "country_id");
        return orm::get_text(env, "res.country.state", id, "name") + " (" +
               orm::get_text(env, "res.country", country, "code") + ")";
    };
    // By code first, then "Name (CC)" as the display name reads, then by name.
    hooks.name_domain = [](Env& env, const std::string& name, const std::string& op) -> std::optional<json::array> {
        json::array scope;
        if (const auto* country = env.context("country_id")) scope.push_back(json::array{"country_id", "=", *country});
        json::array by_code = scope;
        by_code.push_back(json::array{"code", "=ilike", json::value(name)});
        if (!orm::search(env, "res.country.state", by_code).empty()) return by_code;
        const auto open = name.rfind(" (");
        if (open != std::string::npos && name.ends_with(')')) {
            scope.push_back(
                json::array{"country_id.code", "=", json::value(name.substr(open + 2, name.size() - open - 3))});
            scope.push_back(json::array{"name", json::value(op), json::value(name.substr(0, open))});
            return scope;
        }
        scope.push_back(json::array{"name", json::value(op), json::value(name)});
        return scope;
    };
    return hooks;
}

}  // namespace sluice::sim
