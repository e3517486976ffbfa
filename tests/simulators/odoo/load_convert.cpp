// ir.fields.converter: one cell of load() into a value, with the importer's messages.
#include <algorithm>
#include <charconv>
#include <optional>

#include "tests/simulators/odoo/external_ids.hpp"
#include "tests/simulators/odoo/load.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"

namespace sluice::sim {

namespace {

bool is_reference(std::string_view step) {
    return step == "id" || step == ".id" || step == kByName;
}

template <typename Number>
std::optional<Number> parse_number(const std::string& text) {
    Number number{};
    const auto trimmed = strip(text);
    const auto [end, error] = std::from_chars(trimmed.data(), trimmed.data() + trimmed.size(), number);
    if (error != std::errc() || end != trimmed.data() + trimmed.size()) return std::nullopt;
    return number;
}

// The action that shows what could have been meant.
json::object possible_values(const Field& field, std::string_view subfield) {
    json::object action{{"name", "Possible Values"},
                        {"type", "ir.actions.act_window"},
                        {"target", "new"},
                        {"view_mode", "tree,form"},
                        {"views", json::array{json::array{false, "list"}, json::array{false, "form"}}},
                        {"context", json::object{{"create", false}}},
                        {"help", "See all possible values"}};
    if (subfield == kByName) {
        action["res_model"] = field.relation;
    } else {
        action["res_model"] = "ir.model.data";
        action["domain"] = json::array{json::array{"model", "=", json::value(field.relation)}};
    }
    return action;
}

// _referencing_subfield: the one of name, external id and database id that a cell uses.
std::string referencing_subfield(const json::object& record) {
    std::vector<std::string> names;
    for (const auto& [name, value] : record) {
        if (!is_reference(name)) {
            throw ImportError{"Can not create Many-To-One records indirectly, import the field separately", nullptr};
        }
        names.emplace_back(name);
    }
    if (names.size() != 1) {
        throw ImportError{
            "Ambiguous specification for field '%(field)s', only provide one of name, external id or database id",
            nullptr};
    }
    return names.front();
}

json::value to_boolean(const std::string& text) {
    const auto word = lower(text);
    if (word == "1" || word == "true" || word == "yes") return true;
    if (word.empty() || word == "0" || word == "false" || word == "no") return false;
    throw ImportError{"Unknown value '" + text + "' for boolean field '%(field)s'", "Use '1' for yes and '0' for no"};
}

json::value to_selection(const Field& field, const std::string& text) {
    json::array labels;
    for (const auto& [key, label] : field.selection) {
        if (text == key || text == label) return json::value(key);
        labels.emplace_back(label);
    }
    if (field.selection.empty()) return json::value(text);
    throw ImportError{"Value '" + text + "' not found in selection field '%(field)s'", labels};
}

}  // namespace

json::object CellConverter::convert(const Model& model, const json::object& cells, const Log& log) {
    json::object values;
    for (const auto& [name, value] : cells) {
        if (is_reference(name)) continue;
        if (!truthy(value)) {
            values[name] = false;
            continue;
        }
        try {
            values[name] = cell(model, model.at(name), value, log);
        } catch (const ImportError& error) {
            log(std::string(name), error, false);
        }
    }
    return values;
}

json::value CellConverter::cell(const Model& model, const Field& field, const json::value& value, const Log& log) {
    if (field.type == FieldType::many2one) return many2one(field, value.as_array(), log);
    if (field.type == FieldType::many2many) return many2many(field, value.as_array(), log);
    if (field.type == FieldType::one2many) return one2many(field, value.as_array(), log);
    const std::string text = py_str(value);
    switch (field.type) {
        case FieldType::boolean:
            return to_boolean(text);
        case FieldType::integer:
            if (const auto number = parse_number<std::int64_t>(text)) return *number;
            throw ImportError{"'" + text + "' does not seem to be an integer for field '%(field)s'", nullptr};
        case FieldType::floating:
        case FieldType::monetary:
            if (const auto number = parse_number<double>(text)) return *number;
            throw ImportError{"'" + text + "' does not seem to be a number for field '%(field)s'", nullptr};
        case FieldType::date:
            try {
                return json::value(to_date_strict(text));
            } catch (const OdooError&) {
                throw ImportError{"'" + text + "' does not seem to be a valid date for field '%(field)s'",
                                  "Use the format '2012-12-31'"};
            }
        case FieldType::datetime:
            return datetime(text);
        case FieldType::selection:
            return to_selection(field, text);
        case FieldType::text_like:
        case FieldType::html:
        case FieldType::binary:
            return value;
        default:
            throw not_claimed("importing field '" + field.name + "' of '" + model.name + "'");
    }
}

json::value CellConverter::datetime(const std::string& text) const {
    std::string stored;
    try {
        stored = to_datetime_strict(text);
    } catch (const OdooError&) {
        throw ImportError{"'" + text + "' does not seem to be a valid datetime for field '%(field)s'",
                          "Use the format '2012-12-31 23:59:59'"};
    }
    // _input_tz: the context's zone, then the user's, then UTC.
    std::string zone;
    if (const auto* given = env_.context("tz"); given != nullptr && is_known_zone(as_text(*given)))
        zone = as_text(*given);
    if (zone.empty()) {
        Env sudo = env_.sudo();
        if (orm::exists(sudo, "res.users", env_.uid())) zone = orm::get_text(sudo, "res.users", env_.uid(), "tz");
    }
    const auto naive = parse_timestamp(stored);
    return json::value(wire_datetime(stamp_text(local_to_utc(naive.value_or(0), zone))));
}

std::int64_t CellConverter::reference(const Field& field, const std::string& subfield, const std::string& text,
                                      const Log& log) {
    const auto no_match = [&](std::string_view kind) {
        return ImportError{"No matching record found for " + std::string(kind) + " '" + text + "' in field '%(field)s'",
                           possible_values(field, subfield)};
    };
    if (subfield == ".id") {
        const auto id = parse_number<std::int64_t>(text);
        if (!id) {
            throw ImportError{"Invalid database id '" + text + "' for the field '%(field)s'",
                              possible_values(field, subfield)};
        }
        if (*id == 0) return 0;
        if (!orm::exists(env_, field.relation, *id)) throw no_match("database id");
        return *id;
    }
    if (subfield == "id") {
        const auto external_id = external_ids::qualified(env_, text);
        flush_(external_id, {});
        const auto target = external_ids::find(env_, external_id);
        if (!target || !orm::exists(env_, target->model, target->id)) throw no_match("external id");
        if (target->model != field.relation) {
            throw ImportError{"Invalid external ID " + external_id + ": expected model '" + field.relation +
                                  "', found '" + target->model + "'",
                              nullptr};
        }
        return target->id;
    }
    flush_({}, field.relation);
    const auto ids = orm::name_search(env_, field.relation, text, json::array(), "=", 100);
    if (ids.empty()) throw no_match("name");
    if (ids.size() > 1) {
        log(field.name,
            {"Found multiple matches for value '" + text + "' in field '%(field)s' (" + std::to_string(ids.size()) +
                 " matches)",
             nullptr},
            true);
    }
    return ids.front();
}

json::value CellConverter::many2one(const Field& field, const json::array& records, const Log& log) {
    if (records.empty()) return false;
    const auto& record = records[0].as_object();
    const auto subfield = referencing_subfield(record);
    const auto id = reference(field, subfield, py_str(record.at(subfield)), log);
    return id == 0 ? json::value(false) : json::value(id);
}

json::value CellConverter::many2many(const Field& field, const json::array& records, const Log& log) {
    if (records.empty()) return json::array();
    const auto& record = records[0].as_object();
    const auto subfield = referencing_subfield(record);
    json::array ids;
    for (const auto& text : split(py_str(record.at(subfield)), ','))
        ids.emplace_back(reference(field, subfield, text, log));
    return json::array{json::array{6, 0, std::move(ids)}};
}

json::value CellConverter::one2many(const Field& field, const json::array& records, const Log& log) {
    const Model& comodel = env_.model(field.relation);
    json::array commands;
    // An error of a line is the whole field's, told as "Lines/Product".
    const Log line_log = [&](const std::string& name, const ImportError& error, bool warning) {
        const Field* known = comodel.find(name);
        ImportError outer = error;
        outer.message =
            replace_all(outer.message, "%(field)s", "%(field)s/" + (known == nullptr ? name : known->label));
        if (!warning) throw outer;
        log(field.name, outer, true);
    };
    for (const auto& item : records) {
        const auto& record = item.as_object();
        json::object references, cells;
        for (const auto& [name, value] : record) (is_reference(name) ? references : cells)[name] = value;
        json::object values = convert(comodel, cells, line_log);
        std::int64_t id = 0;
        if (!references.empty()) {
            const auto subfield = referencing_subfield(references);
            const auto text = py_str(references.at(subfield));
            try {
                if (!text.empty()) id = reference(field, subfield, text, log);
            } catch (const ImportError&) {
                if (subfield != "id") throw;
                values["id"] = text;  // create() makes the external id
            }
        }
        if (id != 0) {
            commands.push_back(json::array{4, id, 0});
            commands.push_back(json::array{1, id, std::move(values)});
        } else {
            commands.push_back(json::array{0, 0, std::move(values)});
        }
    }
    return commands;
}

}  // namespace sluice::sim
