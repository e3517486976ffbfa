#pragma once
// ir.model.access: which groups may do what on a model, and the AccessError that names them. No record rules.

#include <string_view>
#include <vector>

#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim::access {

enum class Operation { read, write, create, unlink };

// Raises AccessError unless the environment is sudo or one of the user's groups has the right.
void check(Env& env, std::string_view model, Operation operation);
bool allowed(Env& env, std::string_view model, Operation operation);
bool has_group(Env& env, std::string_view group);

// The groups of a kind of user: "user" (internal, sales and inventory user), "manager" (administrator of sales,
// inventory, invoicing; no settings), "admin" (settings and access rights too).
std::vector<std::string_view> groups_of_kind(std::string_view kind);

}  // namespace sluice::sim::access
