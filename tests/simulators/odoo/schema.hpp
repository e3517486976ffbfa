#pragma once
// Model metadata: which models and fields exist, their types and labels, and which of them the simulator implements.
// schema/<version>.json is what fields_get of a real server lists; schema/overlay.json adds what it does not tell
// (labels, order, delegation, which computed fields are implemented here, and the fields of 17 that the simulator works
// with in every version: no RPC call can name them where the version has none). Immutable after construction.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/simulators/odoo/value.hpp"

namespace sluice::sim {

enum class FieldType {
    text_like,  // char, text
    html,
    integer,
    floating,
    monetary,
    boolean,
    date,
    datetime,
    selection,
    many2one,
    one2many,
    many2many,
    binary,
    other,
};

struct Field {
    std::string name;
    FieldType type = FieldType::other;
    std::string type_name;  // as fields_get names it
    std::string relation;
    std::string inverse;  // one2many: the many2one on the other side
    std::string label;
    std::string delegate;  // many2one through which another model's field is inherited (_inherits)
    std::vector<std::pair<std::string, std::string>> selection;
    int digits = -1;
    bool required = false;
    bool readonly = false;
    bool stored = false;
    bool implemented = false;
    bool internal = false;  // the simulator's own, or of 17 only: kept where this version stores the same otherwise

    bool to_many() const { return type == FieldType::one2many || type == FieldType::many2many; }
    bool relational() const { return to_many() || type == FieldType::many2one; }
};

struct UniqueConstraint {
    std::vector<std::string> fields;
    std::string message;
};

struct Model {
    std::string name;
    std::string description;
    std::string class_name;  // in Python's TypeErrors
    bool partial = false;    // only some of its fields are here: what is not is NotClaimed, not unknown
    std::string order;
    std::string rec_name = "name";
    std::string delegate_model, delegate_field;  // _inherits
    std::vector<std::string> search_names;       // _rec_names_search
    std::vector<UniqueConstraint> unique;
    std::map<std::string, Field, std::less<>> fields;

    const Field* find(std::string_view field) const;
    // The field, or ValueError "Invalid field ..." as Odoo raises it.
    const Field& at(std::string_view field) const;
    bool has(std::string_view field) const { return find(field) != nullptr; }

    // Fields that only exist with a module ("modules" of the overlay).
    std::map<std::string, std::map<std::string, Field>, std::less<>> module_fields;
};

class Schema {
public:
    explicit Schema(int version);

    const Model* find(std::string_view model) const;
    // The model; NotClaimed when it is a model of Odoo that has no metadata here.
    const Model& at(std::string_view model) const;
    // Adds the fields of a module (again: nothing); false for a module without any.
    bool install(std::string_view module);
    // Takes a field away, as somebody does in Studio; false where it is not there.
    bool remove(std::string_view model, std::string_view field);
    // A model of Odoo's that this simulator does not know, told by its module's prefix.
    static bool is_odoo_model(std::string_view model);
    const std::map<std::string, Model, std::less<>>& models() const { return models_; }

private:
    void add_field(Model& model, std::string_view name, const json::object& spec);
    void add_internal(const json::object& overlay);
    void apply_overlay(Model& model, const json::object& overlay, int version);

    std::map<std::string, Model, std::less<>> models_;
};

}  // namespace sluice::sim
