#pragma once
// Which Odoo models a contract's flows touch, and what they do to them.

#include <functional>
#include <map>
#include <set>
#include <string>

#include "core/contract/contract.hpp"
#include "core/contract_check/field_lists.hpp"

namespace sluice::contract_check {

/// By model.
using Needs = std::map<std::string, Access, std::less<>>;

/// What the flow's declarations need; what the plugin calls by itself is among them only
/// as far as it says so (odoo_reads). A search key with dots needs
/// read on the models it leads through, which only `lists` knows: call again once these are known (unknown_models).
Needs needs_of(const contract::Flow& flow, const FieldLists& lists);

/// `into` grows by `more`.
void add(Needs& into, const Needs& more);

/// Those of the needed models that the lists were never asked for.
std::set<std::string> unknown_models(const Needs& needs, const FieldLists& lists);

}  // namespace sluice::contract_check
