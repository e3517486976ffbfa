#pragma once
// What an Odoo has: models, their fields, and what the account may do with them.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::contract_check {

/// What is done to the records of a model.
struct Access {
    bool read = false, write = false, create = false, unlink = false;
    bool operator==(const Access&) const = default;
};

/// One field as `fields_get` describes it (odoo/fields.py, Field.get_description).
struct FieldFacts {
    std::string type;            ///< "char", "many2one", ...
    std::string relation;        ///< of a relational one: the other model
    std::string relation_field;  ///< of a one2many: the many2one back
    std::vector<std::string> selection;
    bool required = false, readonly = false, stored = true, searchable = true;
    /// Of a required one: whether Odoo gives it a value by itself (a default, or it computes it); nothing: not known.
    std::optional<bool> filled;
};

struct ModelFacts {
    std::map<std::string, FieldFacts, std::less<>> fields;
    std::optional<Access> may;  ///< what the account may do; nothing: not known
};

/// What is known of one Odoo.
struct FieldLists {
    int version = 0;     ///< 17
    std::string source;  ///< "Odoo 17.0 (database shop)", "the lists recorded of Odoo 17", for people
    /// A model that was asked for and is not there has no facts; one that is no key was never asked for.
    std::map<std::string, std::optional<ModelFacts>, std::less<>> models;

    /// Null where there are no facts.
    const ModelFacts* find(std::string_view model) const;
};

/// Lists recorded of real servers, {MODEL: {FIELD: [{"in": "16-18", "type", "relation", ...}, ...]}}, of several
/// versions. Immutable; any thread.
class RecordedLists {
public:
    static Result<RecordedLists> parse(std::string_view text);
    /// Ascending.
    const std::vector<int>& versions() const { return versions_; }
    /// Of one of versions(); empty lists for any other.
    const FieldLists& of(int version) const;
    /// Whether the selection field has this value in any version.
    bool has_value_somewhere(std::string_view model, std::string_view field, std::string_view value) const;

private:
    std::vector<int> versions_;
    std::map<int, FieldLists> lists_;
};

}  // namespace sluice::contract_check
