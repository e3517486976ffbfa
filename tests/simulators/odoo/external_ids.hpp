#pragma once
// ir.model.data: external ids, "module.name" <-> (model, id).

#include <optional>
#include <string>
#include <string_view>

#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim::external_ids {

struct Target {
    std::string model;
    std::int64_t id = 0;
    bool noupdate = false;  // as it was when the external id was made
};

// _xmlid_lookup; nothing when unknown. A name without a module gets the import's module from the context.
std::optional<Target> find(Env& env, std::string_view external_id);
// _update_xmlids: makes or repoints the external id.
void assign(Env& env, std::string_view external_id, std::string_view model, std::int64_t id);
// The record's first external id, "" when it has none (get_external_id).
std::string of(Env& env, std::string_view model, std::int64_t id);
void forget(Env& env, std::string_view model, std::int64_t id);
// "__import__.x" for "x".
std::string qualified(Env& env, std::string_view external_id);

}  // namespace sluice::sim::external_ids
