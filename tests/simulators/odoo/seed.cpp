#include "tests/simulators/odoo/seed.hpp"

#include <stdexcept>

#include "tests/simulators/odoo/external_ids.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/schema_data.hpp"
#include "tests/simulators/odoo/stock.hpp"
#include "tests/simulators/odoo/transaction.hpp"
#include "tests/simulators/odoo/users.hpp"

namespace sluice::sim {

namespace {

// No model of Odoo's that a caller could name: the modules a seed installed.
constexpr std::string_view kModules = "simulator.module";

void install_module(Database& database, const std::string& name) {
    if (!database.schema.install(name)) throw std::invalid_argument("seed: unknown module " + name);
    if (!database.store.where(kModules, "name", json::value(name)).empty()) return;
    database.store.put(kModules, database.store.next(kModules), {{"name", name}});
}

// A row put as data files do: past the ORM.
std::int64_t put(Env& env, std::string_view model, json::object row, const std::string& external_id = {}) {
    const auto id = env.store().next(model);
    const auto stamp = stamp_text(env.now());
    row["create_uid"] = kSuperuser;
    row["create_date"] = stamp;
    row["write_uid"] = kSuperuser;
    row["write_date"] = stamp;
    if (env.model(model).has("active") && !row.contains("active")) row["active"] = true;
    env.store().put(model, id, std::move(row));
    if (!external_id.empty()) external_ids::assign(env, external_id, model, id);
    return id;
}

void install_geography(Env& env, const json::object& data) {
    for (const auto& item : data.at("countries").as_array()) {
        const auto& pair = item.as_array();
        const auto code = as_text(pair[0]);
        put(env, "res.country", {{"name", pair[1]}, {"code", pair[0]}}, "base." + lower(code));
    }
    for (const auto& [code, states] : data.at("states").as_object()) {
        const auto country = external_ids::find(env, "base." + lower(std::string_view(code)));
        for (const auto& item : states.as_array()) {
            const auto& pair = item.as_array();
            put(env, "res.country.state", {{"name", pair[1]}, {"code", pair[0]}, {"country_id", country.value().id}},
                "base.state_" + lower(std::string_view(code)) + "_" + lower(as_text(pair[0])));
        }
    }
    for (const auto& item : data.at("currencies").as_array()) {
        const auto& parts = item.as_array();
        const bool before = as_text(parts[0]) == "USD" || as_text(parts[0]) == "GBP";
        put(env, "res.currency",
            {{"name", parts[0]},
             {"symbol", parts[1]},
             {"rounding", parts[2].as_int64() == 0 ? 1.0 : 0.01},
             {"position", before ? "before" : "after"},
             {"active",
              as_text(parts[0]) == "USD"}},  // the company's; others are there but archived, as Odoo ships them
            "base." + as_text(parts[0]));
    }
}

void install_company(Env& env) {
    const auto usd = external_ids::find(env, "base.USD").value().id;
    const auto partner = orm::create(
        env, "res.partner",
        {{"name", "My Company"}, {"is_company", true}, {"country_id", external_ids::find(env, "base.us").value().id}});
    external_ids::assign(env, "base.main_partner", "res.partner", partner);
    put(env, "res.company", {{"name", "My Company"}, {"partner_id", partner}, {"currency_id", usd}, {"sequence", 0}},
        "base.main_company");
    const auto units = put(env, "uom.category", {{"name", "Unit"}}, "uom.product_uom_categ_unit");
    const bool categories = env.model("uom.uom").has("category_id");
    const auto unit = [&](const char* name, double factor, const char* external_id) {
        json::object row{{"name", name}, {"factor", factor}, {"rounding", 0.01}};
        if (categories) {
            row["category_id"] = units;
            row["uom_type"] = factor == 1.0 ? "reference" : "bigger";
        }
        put(env, "uom.uom", std::move(row), external_id);
    };
    unit("Units", 1.0, "uom.product_uom_unit");
    unit("Dozens", 1.0 / 12.0, "uom.product_uom_dozen");
    put(env, "product.category", {{"name", "All"}, {"complete_name", "All"}}, "product.product_category_all");
    stock::install(env, 1, partner);
    put(env, "crm.team", {{"name", "Sales"}, {"company_id", 1}}, "sales_team.team_sales_department");
}

// Texts that stand for a record: an external id, or a country's code.
json::value resolve(Env& env, const Field& field, const json::value& value) {
    if (field.type != FieldType::many2one || !value.is_string()) return value;
    const auto text = as_text(value);
    if (const auto target = external_ids::find(env, text)) return target->id;
    if (field.relation == "res.country") {
        if (const auto target = external_ids::find(env, "base." + lower(text))) return target->id;
    }
    throw std::invalid_argument("seed: no record " + text + " for field " + field.name);
}

void seed_record(Env& env, std::string_view model_name, json::object values) {
    const Model& model = env.model(model_name);
    std::string external_id;
    if (const auto* given = values.if_contains("external_id")) {
        external_id = as_text(*given);
        values.erase("external_id");
    }
    std::int64_t wanted = 0;
    if (const auto* given = values.if_contains("id")) {
        wanted = given->as_int64();
        values.erase("id");
    }
    std::string stamp;
    if (const auto* given = values.if_contains("write_date")) {
        stamp = as_text(*given);
        values.erase("write_date");
    }
    const auto set_stamp = [&](std::int64_t id) {
        if (stamp.empty()) return;
        json::object row = *env.store().find(model_name, id);
        row["write_date"] = row["create_date"] = json::value(stamp_text(parse_timestamp(stamp).value_or(env.now())));
        env.store().put(model_name, id, std::move(row));
    };
    for (auto& [name, value] : values) {
        if (const auto* field = model.find(name)) value = resolve(env, *field, value);
    }
    if (wanted != 0 && orm::exists(env, model_name, wanted)) {
        orm::write(env, model_name, {wanted}, std::move(values));
        set_stamp(wanted);
        if (!external_id.empty()) external_ids::assign(env, external_id, model_name, wanted);
        return;
    }
    const auto last = env.store().next(model_name);
    env.store().set_counter(model_name, wanted != 0 ? wanted - 1 : last - 1);
    const auto id = orm::create(env, model_name, std::move(values));
    env.store().raise_counter(model_name, last - 1);
    set_stamp(id);
    if (!external_id.empty()) external_ids::assign(env, external_id, model_name, id);
}

std::vector<std::string> texts(const json::object& spec, std::string_view key) {
    std::vector<std::string> out;
    if (const auto* value = spec.if_contains(key)) {
        for (const auto& item : value->as_array()) out.push_back(as_text(item));
    }
    return out;
}

std::string text(const json::object& spec, std::string_view key, std::string fallback = {}) {
    const auto* value = spec.if_contains(key);
    return value == nullptr ? fallback : as_text(*value);
}

}  // namespace

void install_base(Database& database) {
    Transaction transaction(database);
    for (const auto& [id, row] : database.store.rows(kModules)) database.schema.install(as_text(row->at("name")));
    if (!database.store.rows("res.country").empty()) return;
    Env env(database, kSuperuser, {});
    install_geography(env, json::parse(base_data_json()).as_object());
    install_company(env);
    users::put(database, {"__system__", {}, {}, "admin", "OdooBot", {}, kSuperuser});
    users::put(database, {"admin", "admin", {}, "admin", "Administrator", {}, 2});
    database.store.raise_counter("res.users", 5);
    users::put(database, {std::string(kDefaultLogin),
                          std::string(kDefaultPassword),
                          {std::string(kDefaultApiKey)},
                          "user",
                          "Sluice Service",
                          {},
                          0});
    transaction.commit();
}

void apply_seed(Database& database, const json::object& seed) {
    Transaction transaction(database);
    Env env(database, kSuperuser, {});
    try {
        for (const auto& [key, value] : seed) {
            const std::string_view name = key;
            if (name != "users" && name != "products" && name != "partners" && name != "records" && name != "modules" &&
                name != "stock" && name != "removed_fields") {
                throw std::invalid_argument("seed: unknown key " + std::string(name));
            }
        }
        for (const auto& name : texts(seed, "modules")) install_module(database, name);
        for (const auto& name : texts(seed, "removed_fields")) {  // "sale.order.client_order_ref"
            const auto dot = name.rfind('.');
            if (dot == std::string::npos || !database.schema.remove(name.substr(0, dot), name.substr(dot + 1)))
                throw std::invalid_argument("seed: there is no field " + name);
        }
        if (const auto* list = seed.if_contains("users")) {
            for (const auto& item : list->as_array()) {
                const auto& spec = item.as_object();
                const auto* id = spec.if_contains("id");
                users::put(database, {text(spec, "login"), text(spec, "password"), texts(spec, "api_keys"),
                                      text(spec, "kind", "user"), text(spec, "name"), text(spec, "tz"),
                                      id == nullptr ? 0 : id->as_int64()});
            }
        }
        if (const auto* models = seed.if_contains("records")) {
            for (const auto& [model, list] : models->as_object()) {
                for (const auto& item : list.as_array()) seed_record(env, model, item.as_object());
            }
        }
        const auto each = [&](std::string_view key, std::string_view model) {
            if (const auto* list = seed.if_contains(key)) {
                for (const auto& item : list->as_array()) seed_record(env, model, item.as_object());
            }
        };
        each("partners", "res.partner");
        each("products", "product.product");
        if (const auto* list = seed.if_contains("stock")) {
            for (const auto& item : list->as_array()) stock::seed_level(env, item.as_object());
        }
    } catch (const OdooError& error) {
        throw std::invalid_argument(std::string("seed: ") + error.what());
    } catch (const std::exception& error) {
        throw std::invalid_argument(std::string("seed: ") + error.what());
    }
    transaction.commit();
}

json::object dump(Database& database) {
    const std::lock_guard lock(database.mutex);
    const auto rows = [&](std::string_view model) {
        json::array out;
        for (const auto& [id, row] : database.store.rows(model)) {
            json::object record = *row;
            record["id"] = id;
            out.push_back(std::move(record));
        }
        return out;
    };
    json::array names;
    for (const auto& [id, row] : database.store.rows("ir.model.data")) {
        names.push_back(json::object{{"external_id", as_text(row->at("module")) + "." + as_text(row->at("name"))},
                                     {"model", row->at("model")},
                                     {"res_id", row->at("res_id")}});
    }
    return {{"partners", rows("res.partner")},      {"products", rows("product.product")},
            {"orders", rows("sale.order")},         {"lines", rows("sale.order.line")},
            {"pickings", rows(stock::kPicking)},    {"moves", rows(stock::kMove)},
            {"move_lines", rows(stock::kMoveLine)}, {"quants", rows(stock::kQuant)},
            {"locations", rows(stock::kLocation)},  {"external_ids", std::move(names)}};
}

}  // namespace sluice::sim
