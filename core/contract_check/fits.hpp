#pragma once
// Which value may go into which type of field.

#include <optional>
#include <string>

#include "core/contract/contract.hpp"
#include "core/contract_check/field_lists.hpp"

namespace sluice::contract_check {

/// What a field rule yields.
enum class Yield { text, integer, decimal, boolean, date, datetime, reference, references, unknown };
Yield yield_of(const contract::FieldRule& rule);
/// "a text", "a reference"
std::string to_string(Yield yield);

/// What would be right where the value does not go into such a field ("give it `as = \"decimal\"`"); nothing where it
/// does, or nobody can tell. `is_key`: it is searched for, not written.
std::optional<std::string> misfit(Yield yield, const contract::FieldRule& rule, const FieldFacts& field, bool is_key);

}  // namespace sluice::contract_check
