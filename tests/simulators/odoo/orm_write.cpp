// Changing: create(), write(), unlink(), x2many commands, constraints.
#include <algorithm>

#include "tests/simulators/odoo/access.hpp"
#include "tests/simulators/odoo/behaviour.hpp"
#include "tests/simulators/odoo/convert.hpp"
#include "tests/simulators/odoo/external_ids.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"

namespace sluice::sim::orm {

namespace {

constexpr std::string_view kNotNull =
    "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n- Delete: another model "
    "requires the record being deleted. If possible, archive it instead.\n\n";

bool is_log_field(std::string_view name) {
    return name == "create_uid" || name == "create_date" || name == "write_uid" || name == "write_date";
}

void check_names(const Model& model, const json::object& values) {
    for (const auto& [name, value] : values) {
        if (name == "id") continue;
        const Field& field = model.at(name);
        if (!field.implemented && !(is_empty(value) || (value.is_array() && value.get_array().empty()))) {
            throw not_claimed("writing the field '" + field.name + "' of '" + model.name + "'");
        }
    }
}

// NOT NULL columns; FACTS section 4. The error carries the field for load's message.
// On an update only what is written can turn NULL.
void check_required(Env& env, const Model& model, const json::object& row, const json::object* written) {
    for (const auto& [name, field] : model.fields) {
        if (!field.required || !field.stored || !field.implemented || field.to_many() || !field.delegate.empty())
            continue;
        if (written != nullptr && !written->contains(name)) continue;
        const auto* value = row.if_contains(name);
        const bool number =
            field.type == FieldType::floating || field.type == FieldType::integer || field.type == FieldType::boolean;
        const bool foreign = field.relational() && env.database().schema.find(field.relation) == nullptr;
        if (number || foreign || (value != nullptr && !is_empty(*value))) continue;
        auto error = env.version() >= 18
                         ? validation_error("Missing required value for the field '" + field.label + "' (" + name + ")")
                         : validation_error(std::string(kNotNull) + "Model: " + model.description + " (" + model.name +
                                            ")\nField: " + field.label + " (" + name + ")\n");
        error.field = name;
        throw error;
    }
}

void check_unique(Env& env, const Model& model, std::int64_t id) {
    for (const auto& constraint : model.unique) {
        Ids same;
        bool first = true;
        bool has_null = false;
        for (const auto& name : constraint.fields) {
            const auto value = get(env, model.name, id, name);
            has_null = has_null || is_empty(value);
            Ids found = env.store().where(model.name, name, value);
            if (first) {
                same = std::move(found);
            } else {
                std::erase_if(same,
                              [&](auto other) { return std::find(found.begin(), found.end(), other) == found.end(); });
            }
            first = false;
        }
        if (!has_null && same.size() > 1)
            throw validation_error("The operation cannot be completed: " + constraint.message);
    }
}

std::int64_t command_id(const json::array& command, std::size_t at) {
    if (command.size() <= at) throw value_error("not enough values to unpack (expected 3, got 2)");
    const auto& value = command[at];
    if (value.is_string()) throw invalid_integer_text(value.get_string());
    return as_id(value).value_or(0);
}

json::object command_values(const json::array& command) {
    if (command.size() < 3 || !command[2].is_object()) {
        throw attribute_error("'" + py_type_name(command.size() < 3 ? json::value() : command[2]) +
                              "' object has no attribute 'items'");
    }
    return command[2].get_object();
}

void apply_one2many(Env& env, const Field& field, std::int64_t id, const json::array& command) {
    const auto unlink_or_detach = [&](std::int64_t line) {
        const Field& inverse = env.model(field.relation).at(field.inverse);
        if (inverse.required) {
            unlink(env, field.relation, {line});
        } else {
            write(env, field.relation, {line}, {{field.inverse, false}});
        }
    };
    switch (command_id(command, 0)) {
        case 0: {
            json::object values = command_values(command);
            values[field.inverse] = id;
            create(env, field.relation, std::move(values));
            return;
        }
        case 1:
            write(env, field.relation, {command_id(command, 1)}, command_values(command));
            return;
        case 2:
            unlink(env, field.relation, {command_id(command, 1)});
            return;
        case 3:
            unlink_or_detach(command_id(command, 1));
            return;
        case 4: {
            const auto line = command_id(command, 1);
            ensure_exists(env, field.relation, {line});
            Env sudo = env.sudo();
            if (get_id(sudo, field.relation, line, field.inverse) != id) {
                write(env, field.relation, {line}, {{field.inverse, id}});
            }
            return;
        }
        case 5:
        case 6: {
            const Ids keep = command_id(command, 0) == 6 && command.size() > 2 ? as_ids(command[2]) : Ids{};
            for (const auto line : env.store().where(field.relation, field.inverse, json::value(id))) {
                if (std::find(keep.begin(), keep.end(), line) == keep.end()) unlink_or_detach(line);
            }
            for (const auto line : keep) write(env, field.relation, {line}, {{field.inverse, id}});
            return;
        }
        default:
            throw value_error("Wrong value for " + field.name + ": " + py_repr(command));
    }
}

void apply_many2many(Env& env, const Field& field, Ids& linked, const json::array& command) {
    const auto link = [&](std::int64_t target) {
        if (env.database().schema.find(field.relation) == nullptr) {
            throw not_claimed("records of '" + field.relation + "' (field '" + field.name + "')");
        }
        if (!exists(env, field.relation, target)) throw missing_error(field.relation, target, env.uid());
        if (std::find(linked.begin(), linked.end(), target) == linked.end()) linked.push_back(target);
    };
    const auto kind = command_id(command, 0);
    switch (kind) {
        case 0:
            linked.push_back(create(env, field.relation, command_values(command)));
            return;
        case 1:
            write(env, field.relation, {command_id(command, 1)}, command_values(command));
            return;
        case 2:
            unlink(env, field.relation, {command_id(command, 1)});
            [[fallthrough]];
        case 3:
            std::erase(linked, command_id(command, 1));
            return;
        case 4:
            link(command_id(command, 1));
            return;
        case 5:
            linked.clear();
            return;
        case 6: {
            linked.clear();
            if (command.size() > 2) {
                for (const auto target : as_ids(command[2])) link(target);
            }
            return;
        }
        default:
            throw value_error("Wrong value for " + field.name + ": " + py_repr(command));
    }
}

void apply_commands(Env& env, std::string_view model, std::int64_t id, const Field& field, const json::value& value) {
    if (is_empty(value)) return;
    if (!value.is_array()) {
        throw value_error("Wrong value for " + std::string(model) + "." + field.name + ": " + py_repr(value));
    }
    Ids linked;
    if (field.type == FieldType::many2many) linked = as_ids(get(env, model, id, field.name));
    for (const auto& item : value.get_array()) {
        if (!item.is_array() || item.get_array().empty()) {
            throw not_claimed("x2many values other than commands (field '" + field.name + "')");
        }
        if (field.type == FieldType::one2many) {
            apply_one2many(env, field, id, item.get_array());
        } else {
            apply_many2many(env, field, linked, item.get_array());
        }
    }
    if (field.type == FieldType::many2many) {
        json::object row = *env.store().find(model, id);
        row[field.name] = to_array(linked);
        env.store().put(model, id, std::move(row));
    }
}

// Moves the values of delegated fields out of `values`.
json::object take_delegated(const Model& model, json::object& values) {
    json::object delegated;
    for (const auto& [name, field] : model.fields) {
        if (field.delegate.empty()) continue;
        if (const auto* value = values.if_contains(name)) {
            delegated[name] = *value;
            values.erase(name);
        }
    }
    return delegated;
}

void log_write(Env& env, json::object& row) {
    row["write_uid"] = env.uid();
    row["write_date"] = stamp_text(env.now());
}

}  // namespace

json::object default_get(Env& env, std::string_view model_name) {
    const Model& model = env.model(model_name);
    json::object values;
    for (const auto& [key, value] : env.context()) {
        const std::string_view name = key;
        if (name.starts_with("default_") && model.has(name.substr(8))) values[name.substr(8)] = value;
    }
    if (model.has("active") && !values.contains("active")) values["active"] = true;
    if (const auto& defaults = behaviour(model_name).defaults) defaults(env, values);
    return values;
}

std::int64_t create(Env& env, std::string_view model_name, json::object values) {
    access::check(env, model_name, access::Operation::create);
    const Model& model = env.model(model_name);
    check_names(model, values);
    const json::object written = values;
    std::string external_id;
    if (const auto* given = values.if_contains("id")) {
        if (given->is_string()) external_id = as_text(*given);
        values.erase("id");
    }
    const auto& hooks = behaviour(model_name);
    if (hooks.prepare) hooks.prepare(env, values);
    if (!model.delegate_model.empty()) {
        json::object delegated = take_delegated(model, values);
        if (const auto* base = values.if_contains(model.delegate_field); base != nullptr && truthy(*base)) {
            write(env, model.delegate_model, as_ids(*base), std::move(delegated));
        } else {
            Env inner = env.with_context("create_product_product", false);
            values[model.delegate_field] = create(inner, model.delegate_model, std::move(delegated));
        }
    }
    for (const auto& [key, value] : env.context()) {
        const std::string_view name = key;
        const Field* field = name.starts_with("default_") ? model.find(name.substr(8)) : nullptr;
        if (field == nullptr || values.contains(field->name)) continue;
        // A default that points into a model the simulator has not (a mail template) is left out.
        if (field->relational() && env.database().schema.find(field->relation) == nullptr) continue;
        values[field->name] = value;
    }
    if (model.has("active") && !values.contains("active")) values["active"] = true;
    if (hooks.defaults) hooks.defaults(env, values);

    json::object row;
    for (const auto& [name, value] : values) {
        if (is_log_field(name)) continue;
        const Field& field = model.at(name);
        if (!field.to_many() && field.implemented) row[name] = convert_to_column(env, model, field, value);
    }
    row["create_uid"] = env.uid();
    row["create_date"] = stamp_text(env.now());
    log_write(env, row);
    check_required(env, model, row, nullptr);
    const auto id = env.store().next(model_name);
    env.store().put(model_name, id, std::move(row));
    for (const auto& [name, value] : values) {
        const Field& field = model.at(name);
        if (field.to_many()) apply_commands(env, model_name, id, field, value);
    }
    if (hooks.changed) hooks.changed(env, {id}, written, true);
    check_unique(env, model, id);
    if (!external_id.empty()) external_ids::assign(env, external_id, model_name, id);
    return id;
}

void write(Env& env, std::string_view model_name, const Ids& ids, json::object values) {
    access::check(env, model_name, access::Operation::write);
    if (ids.empty()) return;
    const Model& model = env.model(model_name);
    values.erase("id");
    check_names(model, values);
    ensure_exists(env, model_name, ids);
    const json::object written = values;
    const auto& hooks = behaviour(model_name);
    if (hooks.prepare) hooks.prepare(env, values);
    if (!model.delegate_model.empty()) {
        if (json::object delegated = take_delegated(model, values); !delegated.empty()) {
            for (const auto id : ids) {
                write(env, model.delegate_model, {get_id(env, model_name, id, model.delegate_field)}, delegated);
            }
        }
    }
    for (const auto id : ids) {
        json::object row = *env.store().find(model_name, id);
        for (const auto& [name, value] : values) {
            if (is_log_field(name)) continue;
            const Field& field = model.at(name);
            if (!field.to_many() && field.implemented) row[name] = convert_to_column(env, model, field, value);
        }
        log_write(env, row);
        check_required(env, model, row, &values);
        env.store().put(model_name, id, std::move(row));
        for (const auto& [name, value] : values) {
            const Field& field = model.at(name);
            if (field.to_many()) apply_commands(env, model_name, id, field, value);
        }
    }
    if (hooks.changed) hooks.changed(env, ids, written, false);
    for (const auto id : ids) check_unique(env, model, id);
}

void unlink(Env& env, std::string_view model_name, const Ids& ids) {
    access::check(env, model_name, access::Operation::unlink);
    if (ids.empty()) return;
    ensure_exists(env, model_name, ids);
    const auto& hooks = behaviour(model_name);
    if (hooks.before_unlink) hooks.before_unlink(env, ids);
    const Ids dependents = hooks.dependents ? hooks.dependents(env, ids) : Ids{};
    Env sudo = env.sudo();
    for (const auto id : ids) {
        // ondelete of every many2one that points here: lines of a document cascade, required ones restrict, others
        // empty.
        for (const auto& [other_name, other] : env.database().schema.models()) {
            for (const auto& [field_name, field] : other.fields) {
                if (field.type != FieldType::many2one || field.relation != model_name || !field.stored ||
                    is_log_field(field_name))
                    continue;
                for (const auto user : env.store().where(other_name, field_name, json::value(id))) {
                    if (std::find(ids.begin(), ids.end(), user) != ids.end() && other_name == model_name) continue;
                    const bool line = other_name.starts_with(model_name);
                    if (field.required && line) {
                        unlink(sudo, other_name, {user});
                    } else if (field.required) {
                        throw validation_error(
                            "The operation cannot be completed: another model requires the record being deleted. If "
                            "possible, archive it instead.\n\nModel: " +
                            other.description + " (" + other_name +
                            ")\nConstraint: " + replace_all(other_name, ".", "_") + "_" + field_name + "_fkey\n");
                    } else {
                        json::object row = *env.store().find(other_name, user);
                        row[field_name] = false;
                        env.store().put(other_name, user, std::move(row));
                    }
                }
            }
        }
        external_ids::forget(env, model_name, id);
        env.store().erase(model_name, id);
    }
    if (hooks.after_unlink) hooks.after_unlink(env, dependents);
}

void store_computed(Env& env, std::string_view model, std::int64_t id, std::string_view field, json::value value) {
    const auto* row = env.store().find(model, id);
    if (row == nullptr) return;
    const auto* before = row->if_contains(field);
    if (before != nullptr && *before == value) return;
    json::object changed = *row;
    changed[field] = std::move(value);
    log_write(env, changed);
    env.store().put(model, id, std::move(changed));
}

}  // namespace sluice::sim::orm
