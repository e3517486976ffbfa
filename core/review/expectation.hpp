#pragma once
// What a contract test says of a record, held against the record.

#include <string>
#include <vector>

#include "core/json/json.hpp"
#include "core/mapping/record.hpp"
#include "core/toml/tree.hpp"

namespace sluice::review {

/// One place where something else came out.
struct Difference {
    std::string path;  ///< "/fields/name", "/lines/order_line/0/fields/price_unit"; "" for the whole
    std::string expected, got;
};

/// How a record is compared with a table. What the table does not say is not looked at, except with `whole`, where the
/// record's `fields` (and those of its lines) must be all said. A text equals a text, and a number or boolean that is
/// what it says; "" is an empty field. Arrays have the same length. `lines` may be a table: the lines of each Odoo
/// field as an array.
std::vector<Difference> compare(const toml::Node& expected, const json::Value& record, bool whole);

/// The same for a whole record as JSON: nothing more, nothing less; the order of members does not count.
std::vector<Difference> compare(const json::Value& expected, const json::Value& record);

/// A broken rule as a test names it.
struct ExpectedBroken {
    std::string pointer;
    std::string message;  ///< a part of the rule's message
};
/// Each rule of either side that has none on the other.
std::vector<Difference> compare(const std::vector<ExpectedBroken>& expected, const std::vector<mapping::Broken>& got);

}  // namespace sluice::review
