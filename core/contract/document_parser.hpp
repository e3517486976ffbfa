#pragma once
// Reads what a change in Odoo becomes for the other system: a JSON document.

#include "core/contract/field_parser.hpp"

namespace sluice::contract {

/// The table `document` of a flow.
DocumentRule parse_document(const toml::Node& node, const std::string& path, const MappingScope& scope);

}  // namespace sluice::contract
