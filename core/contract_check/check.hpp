#pragma once
// A contract against what an Odoo has.

#include <functional>
#include <string>
#include <vector>

#include "core/contract/contract.hpp"
#include "core/contract_check/field_lists.hpp"
#include "core/contract_check/findings.hpp"
#include "core/odoo/version_names.hpp"

namespace sluice::contract_check {

/// What a check knows besides the contract; outlives it.
struct Against {
    const FieldLists& lists;          ///< of the Odoo in question; its models as far as needs_of() names them
    const RecordedLists& recorded;    ///< of every version: what is only another version's is told from a slip
    const odoo::VersionNames& names;  ///< what the writer renames by itself
};

/// Everything of the contract's flows that does not fit, in the order of the contract's flows, as far as the lists
/// know: models, fields (unknown, read-only, of another type, required and not written), selection values, lines'
/// fields and the ways back, search keys, triggers' models, domains and fields, and, where the lists say what the
/// account may do, rights. `file` is the contract's name in messages; a flow for which `is_on` is false is passed over.
std::vector<Finding> check(const contract::Contract& contract, const std::string& file, const Against& against,
                           const std::function<bool(const contract::Flow&)>& is_on);

}  // namespace sluice::contract_check
