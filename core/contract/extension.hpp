#pragma once
// An operator's extension of a shipped contract: custom fields, another owner, limit or constant, in a file of its own.
// What it may change, and what not: contracts/README.md.

#include <expected>
#include <string_view>
#include <vector>

#include "core/contract/contract_text.hpp"

namespace sluice::contract {

/// The contract with the extension laid over it; the tree's places say which line comes from which of the two files.
/// What is wrong with either is a problem with its own file, everything at once. An extension may change only what
/// cannot break the contract's promises: not what is captured, how a record is known again, amounts, or what guards a
/// record.
std::expected<ContractText, std::vector<Problem>> read_extended_contract(std::string_view contract,
                                                                         std::string_view contract_file,
                                                                         std::string_view extension,
                                                                         std::string_view extension_file);

}  // namespace sluice::contract
