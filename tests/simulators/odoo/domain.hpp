#pragma once
// Search domains (odoo.osv.expression): parsed to a tree, checked as Odoo checks them, evaluated on one record.

#include <memory>
#include <string>
#include <vector>

#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim {

struct Domain {
    enum class Kind { all, none, both, either, negation, leaf };

    Kind kind = Kind::all;
    std::vector<Domain> parts;  // two for both/either, one for negation
    std::string field;          // leaf: a path "order_id.partner_id"
    std::string op;
    json::value right;
};

// Raises AssertionError/TypeError for what is no list, ValueError for a bad leaf, operator or field.
Domain parse_domain(Env& env, std::string_view model, const json::value& domain);
// Whether the tree names the field (then active_test leaves it alone).
bool mentions(const Domain& domain, std::string_view field);
bool matches(Env& env, std::string_view model, std::int64_t id, const Domain& domain);
// Ids that can match at all, from an index or a list of ids; nothing when every record has to be looked at.
std::optional<Ids> candidates(Env& env, std::string_view model, const Domain& domain);

}  // namespace sluice::sim
