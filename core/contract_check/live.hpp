#pragma once
// What a database has, asked of it.

#include <string>

#include "core/contract/contract.hpp"
#include "core/contract_check/field_lists.hpp"
#include "core/contract_check/needs.hpp"
#include "core/odoo/client.hpp"

namespace sluice::contract_check {

/// Asks for one model: `fields_get`, `default_get` of its required fields, and what the account may do
/// (check_access_rights, from 18 on has_access). `recorded`: the lists of the same version, which know of some fields
/// that Odoo fills them; may be empty. No facts where Odoo knows no such model. Errors: Odoo does not answer, or lets
/// nobody in.
Result<std::optional<ModelFacts>> ask_model(odoo::Caller& odoo, const std::string& model, int version,
                                            const FieldLists& recorded);

/// Asks for every model that is needed and not in the lists yet, also those search keys lead through.
Result<void> ask_needed(odoo::Caller& odoo, const std::vector<const contract::Flow*>& flows, const FieldLists& recorded,
                        FieldLists& lists);

}  // namespace sluice::contract_check
