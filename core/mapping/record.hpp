#pragma once
// What a mapping makes of a document: a record for Odoo, its references not looked up yet.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/boxed.hpp"
#include "core/base/decimal.hpp"
#include "core/mapping/place.hpp"
#include "core/mapping/search_key.hpp"

namespace sluice::mapping {

struct MappedRecord;

/// A reference found by a search on natural keys, all of which must match.
struct Find {
    std::string model;
    SearchKeys by;
    enum class OnNone { reject, empty } on_none = OnNone::reject;
    enum class OnMany { reject, first } on_many = OnMany::reject;  ///< first: the lowest id
    Place pointer;  ///< where in the document the key came from, for the dead letter
    /// At most one: with OnNone::empty, nothing found is an error all the same unless this finds something.
    std::vector<Find> empty_if;
};

/// The references of a many2many: what each finds, and no other. None is an empty many2many, which is a statement too:
/// Odoo fills some from elsewhere where nothing is said (a sale.order.line's taxes from its product).
struct FindEach {
    std::vector<Find> finds;
};

/// A date-time in UTC as Odoo writes it, "2022-01-01 00:00:00", or a date, "2022-01-01".
struct DateTime {
    std::string text;
};

/// The value of one field. std::monostate is Odoo's empty (`false`). Records are made of many, so the largest is boxed.
using FieldValue = std::variant<std::monostate, bool, std::int64_t, Decimal, std::string, DateTime, Boxed<Find>,
                                FindEach, std::shared_ptr<const MappedRecord>>;

struct Field {
    std::string name;
    FieldValue value;
    Place pointer;  ///< the document place it came from; empty for constants
    /// Written when the record is created, never compared or changed afterwards: Odoo itself changes it later
    /// (confirming a sale.order sets its date_order).
    bool create_only = false;
};

/// A child record of a one2many field.
struct MappedLine {
    std::string external_id;
    std::vector<Field> fields;
};

/// All lines of one one2many field: a record has one of these a field, whatever number of the contract's rules fill it.
struct MappedLines {
    std::string field;         ///< "order_line"
    std::string model;         ///< "sale.order.line"
    std::string parent_field;  ///< "order_id": the many2one back to the header
    enum class Removed { unlink, keep } removed = Removed::unlink;
    /// Lines that are not Sluice's are taken for these, in their order: to compare with what somebody else wrote.
    bool pairs_foreign = false;
    std::vector<MappedLine> lines;
};

/// What to do with an existing record whose `field` has one of `values` and which would change.
struct Protection {
    std::string field;
    std::vector<std::string> values;
    enum class Action { reject, skip } action = Action::reject;
};

/// A value that a field of the record must reach, by calls of the record's own methods once it is written.
struct Transition {
    std::string field;
    std::vector<std::string> done;                              ///< the values to reach
    std::vector<std::pair<std::string, std::string>> calls;     ///< from which value which method leads on
    Protection::Action otherwise = Protection::Action::reject;  ///< what any other value does
    std::string pointer;                                        ///< the document place that asks for it
};

struct MappedRecord {
    std::string model;
    std::string external_id;  ///< without module: RecordWriter adds `__sluice__.` and the connector's name
    /// Natural keys that find the record (or candidates for its external id), tried in order.
    std::vector<SearchKeys> candidates;
    /// An existing record found by a natural key alone is this record (a partner by e-mail); otherwise only one with
    /// this external id is.
    bool adopt = false;
    /// An existing record is used as it is, never written.
    bool create_only = false;
    std::vector<Field> fields;
    std::vector<MappedLines> lines;
    std::optional<Protection> protection;
    std::vector<Transition> transitions;
};

/// One rule a document breaks.
struct Broken {
    std::string pointer;  ///< JSON Pointer into the document
    std::string message;  ///< "required, and absent"
};

}  // namespace sluice::mapping
