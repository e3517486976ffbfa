#pragma once
// Reads field rules: one row of a mapping.

#include <string>
#include <vector>

#include "core/contract/rule_readers.hpp"

namespace sluice::contract {

/// The rules of a table `field = { ... }`, in the order of the text. `path` names it in messages.
std::vector<FieldRule> parse_fields(const toml::Node& table, const std::string& path, const MappingScope& scope);

/// The rules of search keys (`by`, `candidates`): Odoo fields with dots, and only sources that give one text.
std::vector<FieldRule> parse_search_keys(const toml::Node& table, const std::string& path, const MappingScope& scope);

/// The rules of a table "/target" = { ... } of a JSON document.
std::vector<FieldRule> parse_targets(const toml::Node& table, const std::string& path, const MappingScope& scope);

}  // namespace sluice::contract
