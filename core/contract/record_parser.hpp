#pragma once
// Reads the records of a flow: its own, and those it refers to by name.

#include "core/contract/field_parser.hpp"

namespace sluice::contract {

/// A record's table. `name` is "" for the flow's own.
RecordRule parse_record(const toml::Node& node, const std::string& path, const std::string& name,
                        const MappingScope& scope);

/// Reports named records that refer to each other in a circle, each circle once, at the place of `tables` of one of
/// them.
void check_circles(const std::map<std::string, RecordRule>& records, const toml::Node& tables,
                   toml::Problems& problems);

}  // namespace sluice::contract
