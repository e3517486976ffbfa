#pragma once
// The fields of records and lines that an extension adds or replaces.

#include <string>

#include "core/toml/problems.hpp"
#include "core/toml/tree.hpp"

namespace sluice::contract {

/// One field. `fields` is the contract's table of fields, `record` the record or lines it is of. What carries an
/// amount, is required, or by which a record is known or guarded, is a problem and stays as it is. `path` is the
/// field's, for messages.
void extend_field(const toml::Member& field, toml::Node& fields, const toml::Node& record, const std::string& path,
                  toml::Problems& problems);

/// `lines` of a record, `into` its table in the contract: each element names lines of the contract (`field`, and where
/// that is not enough `each` or `external_id`) and the `fields` all of these get.
void extend_lines(const toml::Member& lines, toml::Node& into, const std::string& path, toml::Problems& problems);

}  // namespace sluice::contract
