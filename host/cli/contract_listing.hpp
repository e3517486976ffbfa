#pragma once
// A contract as it runs, with the origin of every value.

#include <string>

#include "core/contract/contract_text.hpp"

namespace sluice::host {

/// A line for each value, "KEY  VALUE", and the file and line it comes from; "+" marks what an extension says. A table
/// written on one line of one file stays one value.
std::string render_contract(const contract::ContractText& text);

}  // namespace sluice::host
