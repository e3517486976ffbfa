#pragma once
// What a record is found by: Odoo fields and the values they must equal.

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/decimal.hpp"
#include "core/json/json.hpp"

namespace sluice::mapping {

/// Of the type it has in Odoo: a domain [["price_include", "=", "false"]] finds what is true (docs/verified.md).
using KeyValue = std::variant<bool, std::int64_t, Decimal, std::string>;

/// Odoo fields (dots allowed) and their values, "=" each, all of which must hold.
using SearchKeys = std::vector<std::pair<std::string, KeyValue>>;

/// "BE", "7.25", "true".
std::string to_string(const KeyValue& value);
/// True for "": such a key would find every record that lacks the value.
bool is_empty(const KeyValue& value);
/// True where there are no keys, or an empty one.
bool is_unusable(const SearchKeys& keys);

/// As JSON of its own type; a decimal is its own digits.
void write_key(json::Writer& writer, const KeyValue& value);
/// [["code", "=", "BE"], ...]
void write_domain(json::Writer& writer, const SearchKeys& keys);

}  // namespace sluice::mapping
