// Reading: values, names, read().
#include <cmath>

#include "tests/simulators/odoo/access.hpp"
#include "tests/simulators/odoo/behaviour.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"

namespace sluice::sim::orm {

namespace {

// What an empty column reads as (odoo.fields.Field.convert_to_record).
json::value empty_value(const Field& field) {
    switch (field.type) {
        case FieldType::integer:
            return 0;
        case FieldType::floating:
        case FieldType::monetary:
            return 0.0;
        case FieldType::one2many:
        case FieldType::many2many:
            return json::array();
        default:
            return false;
    }
}

json::value one2many_value(Env& env, const Field& field, std::int64_t id) {
    Ids ids = env.store().where(field.relation, field.inverse, json::value(id));
    const Model& comodel = env.model(field.relation);
    if (comodel.has("active") && !(env.context("active_test") != nullptr && !env.context_flag("active_test"))) {
        std::erase_if(ids, [&](std::int64_t line) { return !truthy(get(env, field.relation, line, "active")); });
    }
    if (ids.size() > 1) ids = sorted(env, field.relation, std::move(ids), comodel.order);
    return to_array(ids);
}

const json::object& row_of(Env& env, std::string_view model, std::int64_t id) {
    const auto* row = env.store().find(model, id);
    if (row == nullptr) throw missing_error(model, id, env.uid());
    return *row;
}

}  // namespace

bool exists(Env& env, std::string_view model, std::int64_t id) {
    return env.store().find(model, id) != nullptr;
}

json::value get(Env& env, std::string_view model_name, std::int64_t id, std::string_view field_name) {
    const Model& model = env.model(model_name);
    const Field& field = model.at(field_name);
    const json::object& row = row_of(env, model_name, id);
    if (field_name == "id") return id;
    if (field_name == "__last_update") return get(env, model_name, id, "write_date");  // 16's
    if (field_name == "display_name") return json::value(display_name(env, model_name, id));
    if (!field.delegate.empty()) {
        const auto base = get_id(env, model_name, id, field.delegate);
        return base == 0 ? empty_value(field) : get(env, model.delegate_model, base, field_name);
    }
    if (const auto* stored = row.if_contains(field_name); stored != nullptr && !is_empty(*stored)) return *stored;
    if (!field.implemented) {
        throw not_claimed("the field '" + field.name + "' of '" + model.name + "'");
    }
    if (const auto& compute = behaviour(model_name).compute) {
        if (auto value = compute(env, id, field_name)) return *value;
    }
    if (field.type == FieldType::one2many) {
        return env.database().schema.find(field.relation) == nullptr ? json::value(json::array())
                                                                     : one2many_value(env, field, id);
    }
    return empty_value(field);
}

std::int64_t get_id(Env& env, std::string_view model, std::int64_t id, std::string_view field) {
    return as_id(get(env, model, id, field)).value_or(0);
}

std::string get_text(Env& env, std::string_view model, std::int64_t id, std::string_view field) {
    return as_text(get(env, model, id, field));
}

double get_number(Env& env, std::string_view model, std::int64_t id, std::string_view field) {
    return as_double(get(env, model, id, field));
}

std::string display_name(Env& env, std::string_view model_name, std::int64_t id) {
    if (const auto& name = behaviour(model_name).display_name) return name(env, id);
    const Model& model = env.model(model_name);
    // BaseModel._compute_display_name: the record's name, or "model,id".
    if (model.has(model.rec_name)) return get_text(env, model_name, id, model.rec_name);
    return model.name + "," + std::to_string(id);
}

json::value wire_value(Env& env, const Field& field, std::string_view model, std::int64_t id, bool classic) {
    json::value value = get(env, model, id, field.name);
    switch (field.type) {
        case FieldType::many2one: {
            const auto target = as_id(value);
            if (!target) return false;
            if (!classic) return value;
            Env sudo = env.sudo();  // names of linked records are read without access checks
            if (!exists(sudo, field.relation, *target)) return false;
            return json::array{*target, json::value(display_name(sudo, field.relation, *target))};
        }
        case FieldType::datetime:
            return value.is_string() ? json::value(wire_datetime(value.get_string())) : json::value(false);
        case FieldType::floating:
        case FieldType::monetary:
            return as_double(value);
        default:
            return value;
    }
}

json::array read(Env& env, std::string_view model_name, const Ids& ids, const std::vector<std::string>& fields,
                 bool classic) {
    access::check(env, model_name, access::Operation::read);
    const Model& model = env.model(model_name);
    for (const auto& name : fields) {
        const Field& field = model.at(name);
        if (!field.implemented) throw not_claimed("the field '" + name + "' of '" + model.name + "'");
    }
    json::array out;
    for (const auto id : ids) {
        if (!exists(env, model_name, id)) continue;
        json::object record{{"id", id}};
        for (const auto& name : fields) {
            if (name != "id") record[name] = wire_value(env, model.at(name), model_name, id, classic);
        }
        out.push_back(std::move(record));
    }
    return out;
}

void ensure_exists(Env& env, std::string_view model, const Ids& ids) {
    for (const auto id : ids) {
        if (!exists(env, model, id)) throw missing_error(model, id, env.uid());
    }
}

double round_half_up(double value, int digits) {
    // odoo.tools.float_round of 17: scaled, nudged by an epsilon of its own magnitude, rounded away from zero; doubles
    // decide a tie. What it leaves (1999 * 0.01 is 19.990000000000002) becomes 19.99 in PostgreSQL's numeric columns.
    if (value == 0.0) return 0.0;
    const double unit = std::pow(10.0, -digits);
    const double normalized = value / unit;
    const double epsilon = std::pow(2.0, std::log2(std::fabs(normalized)) - 52);
    return std::round(normalized + std::copysign(epsilon, normalized)) / std::pow(10.0, digits);
}

}  // namespace sluice::sim::orm
