#include "tests/simulators/odoo/tax.hpp"

#include <cmath>

#include "tests/simulators/odoo/behaviour.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"

namespace sluice::sim {

namespace {

constexpr std::string_view kTax = "account.tax";

struct Percentage {
    double amount = 0.0;
    bool included = false;
};

Percentage percentage(Env& env, std::int64_t id) {
    if (orm::get_text(env, kTax, id, "amount_type") != "percent")
        throw not_claimed("taxes other than a percentage of the price");
    if (truthy(orm::get(env, kTax, id, "include_base_amount")))
        throw not_claimed("taxes that affect the base of other taxes");
    const Percentage tax{orm::get_number(env, kTax, id, "amount"), truthy(orm::get(env, kTax, id, "price_include"))};
    if (tax.included && env.version() > 17) throw not_claimed("taxes included in the price, from 18 on");
    return tax;
}

void require_rounding_per_line(Env& env) {
    Env sudo = env.sudo();
    for (const auto& [id, row] : env.store().rows("res.company")) {
        if (orm::get_text(sudo, "res.company", id, "tax_calculation_rounding_method") == "round_globally")
            throw not_claimed("taxes rounded over the whole order");
    }
}

}  // namespace

namespace tax {

Amounts compute_all(Env& env, const Ids& taxes, double price, double quantity, int digits) {
    Env sudo = env.sudo();
    double base = orm::round_half_up(price * quantity, digits);
    if (taxes.empty()) return {base, 0.0};
    require_rounding_per_line(env);
    std::vector<Percentage> percentages;
    for (const auto id : orm::sorted(sudo, kTax, taxes, env.model(kTax).order))
        percentages.push_back(percentage(sudo, id));

    // Positive amounts, negated at the end.
    const double sign = base < 0.0 ? -1.0 : 1.0;
    base *= sign;
    double included = 0.0;
    // The last included tax takes what is missing to the whole, so that no cent is lost.
    std::size_t last_included = percentages.size();
    for (std::size_t i = 0; i < percentages.size(); ++i) {
        if (!percentages[i].included) continue;
        included += percentages[i].amount;
        if (percentages[i].amount != 0.0) last_included = i;
    }
    const double untaxed = orm::round_half_up(base / (1.0 + included / 100.0), digits);
    double total = 0.0;
    double total_included = 0.0;
    for (std::size_t i = 0; i < percentages.size(); ++i) {
        const double exact =
            i == last_included ? base - (untaxed + total_included) : untaxed * percentages[i].amount / 100.0;
        const double amount = orm::round_half_up(exact, digits);
        if (percentages[i].included) total_included += amount;
        total += amount;
    }
    return {sign * untaxed, 0.0 + sign * total};  // never -0.0
}

int currency_digits(Env& env, std::int64_t currency) {
    Env sudo = env.sudo();
    const double rounding = orm::get_number(sudo, "res.currency", currency, "rounding");
    const double digits = -std::log10(rounding);
    if (std::fabs(digits - std::round(digits)) > 1e-9 || digits < -1e-9)
        throw not_claimed("a currency that is not rounded to a power of ten");
    return static_cast<int>(std::lround(digits));
}

}  // namespace tax

Behaviour account_tax_behaviour() {
    Behaviour hooks;
    hooks.defaults = [](Env& env, json::object& values) {
        const auto fill = [&](std::string_view field, json::value value) {
            if (env.model(kTax).has(field) && !values.contains(field)) values[field] = std::move(value);
        };
        fill("amount_type", "percent");
        fill("type_tax_use", "sale");
        fill("sequence", 1);
        fill("price_include", false);
        fill("include_base_amount", false);
        fill("is_base_affected", true);
        fill("company_id", 1);
        fill("country_id",
             orm::get(env, "res.partner", orm::get_id(env, "res.company", 1, "partner_id"), "country_id"));
    };
    return hooks;
}

}  // namespace sluice::sim
