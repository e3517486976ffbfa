#pragma once
// What a model adds to the generic ORM: defaults, computed fields, constraints, names. One table entry a model; a model
// without an entry has none of it.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim {

struct Behaviour {
    // Fills what the caller left out (defaults and computes that an insert needs).
    std::function<void(Env&, json::object& values)> defaults;
    // Adjusts incoming values before they are converted (detailed_type -> type).
    std::function<void(Env&, json::object& values)> prepare;
    // A computed field that the row does not hold.
    std::function<std::optional<json::value>(Env&, std::int64_t id, std::string_view field)> compute;
    // Recomputes and checks after an insert or an update; `values` is what the caller wrote.
    std::function<void(Env&, const Ids& ids, const json::object& values, bool created)> changed;
    std::function<void(Env&, const Ids& ids)> before_unlink;
    // Records whose computed fields depend on the ones to be deleted, and their recomputation afterwards.
    std::function<Ids(Env&, const Ids& ids)> dependents;
    std::function<void(Env&, const Ids& dependents)> after_unlink;
    std::function<std::string(Env&, std::int64_t id)> display_name;
    // A domain for name_search, or nothing for the generic one.
    std::function<std::optional<json::array>(Env&, const std::string& name, const std::string& op)> name_domain;
};

const Behaviour& behaviour(std::string_view model);

// One function a subject; each returns the entries of its models.
Behaviour partner_behaviour();
Behaviour users_behaviour();
Behaviour country_behaviour();
Behaviour country_state_behaviour();
Behaviour product_template_behaviour();
Behaviour product_product_behaviour();
Behaviour product_category_behaviour();
Behaviour account_tax_behaviour();
Behaviour sale_order_behaviour();
Behaviour sale_order_line_behaviour();
Behaviour model_data_behaviour();

}  // namespace sluice::sim
