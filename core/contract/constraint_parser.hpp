#pragma once
// Reads what a field's value must be like: length, pattern, range, the shape of a date.

#include "core/contract/contract.hpp"
#include "core/contract/rule_readers.hpp"
#include "core/toml/table_reader.hpp"

namespace sluice::contract {

/// `min_length`, `max_length`, `pattern`, `min` and `max` of a rule whose `as` is known already. What does not go with
/// that is a problem, and so is a range in which nothing lies.
void read_constraints(toml::TableReader& reader, FieldRule& rule);

/// `format` and `zone` of a rule whose `as` is known already. What another system sends (not `outward`) must have a
/// zone somewhere to be a moment.
void read_clock(toml::TableReader& reader, FieldRule& rule, bool outward);

/// `period_cutoff` of a rule that is read but for it. A date that moves must stay when the record is updated:
/// `of_record` it needs `create_only`.
void read_period_cutoff(toml::TableReader& reader, FieldRule& rule, const MappingScope& scope, bool of_record);

/// A decimal written as an integer or a text; nothing where it is absent or wrong, which is then a problem.
std::optional<Decimal> read_decimal(toml::TableReader& reader, std::string_view key);

}  // namespace sluice::contract
