#include "tests/simulators/odoo/external_ids.hpp"

#include "tests/simulators/odoo/behaviour.hpp"
#include "tests/simulators/odoo/orm.hpp"

namespace sluice::sim {

namespace {

constexpr std::string_view kModel = "ir.model.data";

std::string text(const json::object& row, std::string_view field) {
    const auto* value = row.if_contains(field);
    return value == nullptr ? std::string() : as_text(*value);
}

// The row of an external id, 0 when there is none.
std::int64_t row_id(Env& env, std::string_view external_id) {
    const auto dot = external_id.find('.');
    const auto module = external_id.substr(0, dot);
    const auto name = dot == std::string_view::npos ? std::string_view() : external_id.substr(dot + 1);
    for (const auto id : env.store().where(kModel, "name", json::value(name))) {
        if (text(*env.store().find(kModel, id), "module") == module) return id;
    }
    return 0;
}

Ids rows_of(Env& env, std::string_view model, std::int64_t id) {
    Ids rows;
    for (const auto row : env.store().where(kModel, "res_id", json::value(id))) {
        if (text(*env.store().find(kModel, row), "model") == model) rows.push_back(row);
    }
    return rows;
}

}  // namespace

namespace external_ids {

std::string qualified(Env& env, std::string_view external_id) {
    if (external_id.find('.') != std::string_view::npos) return std::string(external_id);
    const auto* module = env.context("_import_current_module");
    return (module == nullptr ? std::string("__import__") : as_text(*module)) + "." + std::string(external_id);
}

std::optional<Target> find(Env& env, std::string_view external_id) {
    const auto row = row_id(env, external_id);
    if (row == 0) return std::nullopt;
    const auto& data = *env.store().find(kModel, row);
    const auto* noupdate = data.if_contains("noupdate");
    return Target{text(data, "model"), data.at("res_id").as_int64(), noupdate != nullptr && truthy(*noupdate)};
}

void assign(Env& env, std::string_view given, std::string_view model, std::int64_t id) {
    const auto external_id = qualified(env, given);
    const auto row = row_id(env, external_id);
    if (row != 0) {
        json::object changed = *env.store().find(kModel, row);
        changed["model"] = model;
        changed["res_id"] = id;
        env.store().put(kModel, row, std::move(changed));
        return;
    }
    const auto dot = external_id.find('.');
    const auto stamp = stamp_text(env.now());
    json::object fresh{{"module", external_id.substr(0, dot)},
                       {"name", external_id.substr(dot + 1)},
                       {"model", model},
                       {"res_id", id},
                       {"noupdate", env.context_flag("noupdate")},
                       {"create_uid", env.uid()},
                       {"create_date", stamp},
                       {"write_uid", env.uid()},
                       {"write_date", stamp}};
    env.store().put(kModel, env.store().next(kModel), std::move(fresh));
}

std::string of(Env& env, std::string_view model, std::int64_t id) {
    const Ids rows = rows_of(env, model, id);
    if (rows.empty()) return {};
    const auto& row = *env.store().find(kModel, rows.front());
    return text(row, "module") + "." + text(row, "name");
}

void forget(Env& env, std::string_view model, std::int64_t id) {
    for (const auto row : rows_of(env, model, id)) env.store().erase(kModel, row);
}

}  // namespace external_ids

Behaviour model_data_behaviour() {
    Behaviour hooks;
    hooks.compute = [](Env& env, std::int64_t id, std::string_view field) -> std::optional<json::value> {
        if (field == "complete_name") {
            return json::value(orm::get_text(env, kModel, id, "module") + "." + orm::get_text(env, kModel, id, "name"));
        }
        if (field == "reference") {
            return json::value(orm::get_text(env, kModel, id, "model") + "," +
                               orm::get_text(env, kModel, id, "res_id"));
        }
        return std::nullopt;
    };
    hooks.display_name = [](Env& env, std::int64_t id) { return orm::get_text(env, kModel, id, "complete_name"); };
    return hooks;
}

}  // namespace sluice::sim
