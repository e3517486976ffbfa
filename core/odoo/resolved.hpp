#pragma once
// A mapped record whose references are database ids, and its values in Odoo's three notations.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/decimal.hpp"
#include "core/json/json.hpp"

namespace sluice::odoo {

/// A many2one's database id; 0 is an empty many2one.
struct RecordId {
    std::int64_t value = 0;
};

/// A many2many's database ids, ascending, each once; none is an empty many2many.
struct RecordIds {
    std::vector<std::int64_t> values;
};

/// std::monostate is Odoo's empty (`false`); a date-time is the text Odoo writes.
using ResolvedValue = std::variant<std::monostate, bool, std::int64_t, Decimal, std::string, RecordId, RecordIds>;

struct ResolvedField {
    std::string name;
    ResolvedValue value;
    bool create_only = false;  ///< part of creation alone
};

struct ResolvedLine {
    std::string external_id;  ///< with module and connector
    std::vector<ResolvedField> fields;
};

/// All lines of one one2many field, whatever number of mapping rules made them.
struct ResolvedLines {
    std::string field, model, parent_field;
    bool pairs_foreign = false;  ///< as MappedLines'
    bool unlink_removed = true;  ///< false where any of the rules keeps removed lines: whose line it was cannot be told
    std::vector<ResolvedLine> lines;
};

struct ResolvedRecord {
    std::string model;
    std::string external_id;  ///< with module and connector
    std::vector<ResolvedField> fields;
    std::vector<ResolvedLines> lines;
};

/// A reference's load column is `<field>/.id`.
bool is_reference(const ResolvedValue& value);
/// As a cell of `load`: "1", "10.50", "3,4" for a many2many, "" for empty.
std::string to_load_cell(const ResolvedValue& value);
/// As a value of `write`: a number is its own digits, never a double; a many2many is [[6, 0, ids]] (Command.set).
void write_json(json::Writer& writer, const ResolvedValue& value);

/// Whether Odoo's value (as `read` answers it) is this one already: numbers by value, texts without regard to trailing
/// white space and with "" as `false`, a many2one ([id, name], or the id) by id, a many2many whatever its order.
/// `digits`: what Odoo rounds the field to when it stores it.
bool is_same(const ResolvedValue& wanted, const json::Value& stored, std::optional<int> digits);

/// For the operator, cut to a readable length.
std::string display(const ResolvedValue& value);
std::string display(const json::Value& stored);

}  // namespace sluice::odoo
