#pragma once
// Reads rules between values: sums, comparisons, what must or must not be there together.

#include <string>
#include <vector>

#include "core/contract/contract.hpp"
#include "core/toml/table_reader.hpp"

namespace sluice::contract {

/// The tables of the array `checks` of what `reader` reads; none where it is absent.
std::vector<Check> read_checks(toml::TableReader& reader, toml::Problems& problems);

}  // namespace sluice::contract
