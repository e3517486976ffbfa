#pragma once
// What of a contract's rules the plugin's code must provide.

#include <string>
#include <vector>

#include "core/contract/contract.hpp"

namespace sluice::contract {

/// Every hook that rules name and that is not among `provided`, where the first rule that names it stands. `files` are
/// the names of the contract's texts.
std::vector<Problem> missing_hooks(const Contract& contract, const std::vector<std::string>& provided,
                                   const std::vector<std::string>& files);

}  // namespace sluice::contract
