#include "tests/simulators/odoo/generic_methods.hpp"

#include <map>
#include <set>

#include "tests/simulators/odoo/access.hpp"
#include "tests/simulators/odoo/external_ids.hpp"
#include "tests/simulators/odoo/load.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/read_group.hpp"
#include "tests/simulators/odoo/web_read.hpp"

namespace sluice::sim {

namespace {

std::int64_t integer(const json::value& value, std::int64_t fallback) {
    return value.is_int64() ? value.get_int64() : fallback;
}

orm::SearchOptions options(const json::value& offset, const json::value& limit, const json::value& order) {
    const auto wanted = integer(limit, -1);
    return {integer(offset, 0), wanted == 0 ? -1 : wanted, as_text(order)};
}

std::vector<std::string> field_names(const Model& model, const json::value& fields) {
    std::vector<std::string> names;
    if (truthy(fields)) {
        for (const auto& item : fields.as_array()) names.push_back(py_str(item));
    } else {
        for (const auto& [name, field] : model.fields) {
            if (!field.internal) names.push_back(name);
        }
    }
    return names;
}

bool classic(const Call& call, std::size_t at) {
    return !call.given[at] || truthy(call.values[at]);
}

json::value read(Call& call) {
    return orm::read(call.env, call.model.name, call.ids, field_names(call.model, call.values[0]), classic(call, 1));
}

json::value search(Call& call) {
    return to_array(orm::search(call.env, call.model.name, call.values[0],
                                options(call.values[1], call.values[2], call.values[3])));
}

json::value search_count(Call& call) {
    const auto limit = integer(call.values[1], -1);
    return static_cast<std::int64_t>(
        orm::search(call.env, call.model.name, call.values[0], {0, limit == 0 ? -1 : limit, {}}).size());
}

json::value search_read(Call& call) {
    const auto names = field_names(call.model, call.values[1]);
    for (const auto& name : names) call.model.at(name);
    const Ids ids =
        orm::search(call.env, call.model.name, call.values[0], options(call.values[2], call.values[3], call.values[4]));
    return orm::read(call.env, call.model.name, ids, names, classic(call, 5));
}

json::value create(Call& call) {
    const auto& values = call.values[0];
    const auto one = [&](const json::value& item) {
        if (!item.is_object()) throw attribute_error("'" + py_type_name(item) + "' object has no attribute 'get'");
        return orm::create(call.env, call.model.name, item.get_object());
    };
    if (!values.is_array()) return one(values);
    json::array ids;
    for (const auto& item : values.get_array()) ids.emplace_back(one(item));
    return ids;
}

json::value write(Call& call) {
    if (const auto* values = call.values[0].if_object(); values != nullptr && call.env.version() >= 19) {
        for (const auto& [name, value] : *values) {
            const auto* field = call.model.find(name);
            if (field == nullptr || field->internal) throw key_error(std::string(name));
        }
    }
    if (!call.values[0].is_object()) {
        throw attribute_error("'" + py_type_name(call.values[0]) + "' object has no attribute 'items'");
    }
    orm::write(call.env, call.model.name, call.ids, call.values[0].get_object());
    return true;
}

json::value unlink(Call& call) {
    orm::unlink(call.env, call.model.name, call.ids);
    return true;
}

json::value load_rows(Call& call) {
    return load(call.env, call.model.name, call.values[0], call.values[1]);
}

json::value get_external_id(Call& call) {
    json::object out;
    for (const auto id : call.ids) {
        out[std::to_string(id)] = external_ids::of(call.env, call.model.name, id);
    }
    return out;
}

json::object describe(const Field& field) {
    json::object out{{"name", field.name},
                     {"type", field.type_name},
                     {"string", field.label},
                     {"required", field.required},
                     {"readonly", field.readonly},
                     {"store", field.stored},
                     {"searchable", field.implemented},
                     {"sortable", field.stored && !field.to_many()}};
    if (field.relational()) {
        out["relation"] = field.relation;
        out["domain"] = json::array();
        out["context"] = json::object();
        if (!field.inverse.empty()) out["relation_field"] = field.inverse;
    }
    if (field.type == FieldType::selection) {
        json::array options_;
        for (const auto& [key, label] : field.selection)
            options_.push_back(json::array{json::value(key), json::value(label)});
        out["selection"] = std::move(options_);
    }
    return out;
}

json::value fields_get(Call& call) {
    if (!access::allowed(call.env, call.model.name, access::Operation::read) &&
        !access::allowed(call.env, call.model.name, access::Operation::write)) {
        access::check(call.env, call.model.name, access::Operation::read);
    }
    json::object out;
    for (const auto& [name, field] : call.model.fields) {
        if (field.internal) continue;
        if (truthy(call.values[0])) {
            bool wanted = false;
            for (const auto& item : call.values[0].as_array()) wanted = wanted || py_str(item) == name;
            if (!wanted) continue;
        }
        json::object all = describe(field);
        if (truthy(call.values[1])) {
            json::object some;
            for (const auto& item : call.values[1].as_array()) {
                if (const auto* value = all.if_contains(py_str(item))) some[py_str(item)] = *value;
            }
            all = std::move(some);
        }
        out[name] = std::move(all);
    }
    return out;
}

json::value named(Env& env, const Model& model, const Ids& ids) {
    json::array out;
    for (const auto id : ids) out.push_back(json::array{id, json::value(orm::display_name(env, model.name, id))});
    return out;
}

json::value name_search(Call& call) {
    const std::string op = call.given[2] ? as_text(call.values[2]) : "ilike";
    const auto ids = orm::name_search(call.env, call.model.name, as_text(call.values[0]), call.values[1], op,
                                      integer(call.values[3], 100));
    return named(call.env, call.model, ids);
}

json::value name_create(Call& call) {
    const auto id = orm::create(call.env, call.model.name, {{call.model.rec_name, call.values[0]}});
    return json::array{id, json::value(orm::display_name(call.env, call.model.name, id))};
}

json::value name_get(Call& call) {
    access::check(call.env, call.model.name, access::Operation::read);
    orm::ensure_exists(call.env, call.model.name, call.ids);
    return named(call.env, call.model, call.ids);
}

json::value check_access_rights(Call& call) {
    static const std::map<std::string, access::Operation> kOperations = {{"read", access::Operation::read},
                                                                         {"write", access::Operation::write},
                                                                         {"create", access::Operation::create},
                                                                         {"unlink", access::Operation::unlink}};
    const auto found = kOperations.find(as_text(call.values[0]));
    if (found == kOperations.end()) throw OdooError("builtins.AssertionError", "Invalid access mode");
    const bool good = access::allowed(call.env, call.model.name, found->second);
    const bool raising = !call.given[1] || truthy(call.values[1]);
    if (!good && raising) access::check(call.env, call.model.name, found->second);
    return good;
}

json::value default_get(Call& call) {
    const json::object all = orm::default_get(call.env, call.model.name);
    json::object out;
    for (const auto& item : call.values[0].as_array()) {
        const auto* value = all.if_contains(py_str(item));
        if (value != nullptr && !is_empty(*value)) out[py_str(item)] = *value;
    }
    return out;
}

// Of res.users.
json::value context_get(Call& call) {
    if (call.model.name != "res.users") {
        throw attribute_error("The method '" + call.model.name + ".context_get' does not exist");
    }
    const auto zone = orm::get_text(call.env, "res.users", call.env.uid(), "tz");
    return json::object{
        {"lang", "en_US"}, {"tz", zone.empty() ? json::value(false) : json::value(zone)}, {"uid", call.env.uid()}};
}

json::value exists(Call& call) {
    Ids ids;
    for (const auto id : call.ids) {
        if (orm::exists(call.env, call.model.name, id)) ids.push_back(id);
    }
    return to_array(ids);
}

// A recordset over JSON-RPC is its repr.
json::value recordset(const Model& model, const Ids& ids) {
    std::string text = model.name + "(";
    for (std::size_t i = 0; i < ids.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(ids[i]);
    return json::value(text + (ids.size() == 1 ? ",)" : ")"));
}

// Which fields copy() carries over (Field.copy of Odoo, by kind): editable columns; lines of a document with it.
bool copied(const Model& model, const Field& field) {
    static const std::set<std::string_view> kNever = {"barcode", "client_order_ref", "date_order", "state", "order_id"};
    if (!field.stored || field.readonly || !field.implemented || kNever.contains(field.name)) return false;
    if (field.name == model.delegate_field || (model.name == "sale.order" && field.name == "name")) return false;
    return field.type != FieldType::one2many || field.name == "order_line";
}

json::object copy_values(Env& env, const Model& model, std::int64_t id) {
    json::object values;
    for (const auto& [name, field] : model.fields) {
        if (!copied(model, field)) continue;
        json::value value = orm::get(env, model.name, id, name);
        if (field.type == FieldType::many2many) {
            value = json::array{json::array{6, 0, std::move(value)}};
        } else if (field.type == FieldType::one2many) {
            json::array lines;
            for (const auto line : as_ids(value)) {
                lines.push_back(json::array{0, 0, copy_values(env, env.model(field.relation), line)});
            }
            value = std::move(lines);
        }
        values[name] = std::move(value);
    }
    return values;
}

json::value copy(Call& call) {
    Ids copies;
    orm::ensure_exists(call.env, call.model.name, call.ids);
    for (const auto id : call.ids) {
        json::object values = copy_values(call.env, call.model, id);
        if (values.contains("name") && values.at("name").is_string())
            values["name"] = as_text(values["name"]) + " (copy)";
        if (call.values[0].is_object()) {
            for (const auto& [name, value] : call.values[0].get_object()) values[name] = value;
        }
        copies.push_back(orm::create(call.env, call.model.name, std::move(values)));
    }
    if (call.env.version() >= 18) return to_array(copies);
    return copies.empty() ? json::value(false) : json::value(copies.front());
}

json::value sudo(Call& call) {
    if (call.env.version() >= 18) throw access_error("Private methods (such as 'sudo') cannot be called remotely.");
    return recordset(call.model, call.ids);
}

json::value toggle_active(Call& call) {
    call.model.at("active");
    for (const auto id : call.ids) {
        const bool active = truthy(orm::get(call.env, call.model.name, id, "active"));
        orm::write(call.env, call.model.name, {id}, {{"active", !active}});
    }
    return none_result();
}

json::value set_active(Call& call, bool active) {
    call.model.at("active");
    for (const auto id : call.ids) orm::write(call.env, call.model.name, {id}, {{"active", active}});
    return none_result();
}

// Followers are no part of the store.
json::value message_subscribe(Call& call) {
    access::check(call.env, call.model.name, access::Operation::read);
    orm::ensure_exists(call.env, call.model.name, call.ids);
    return true;
}

// 19's; its names of arguments differ from web_read_group's before.
json::value formatted_groups(Call& call) {
    if (call.env.version() < 19) {
        throw attribute_error(call.env.version() == 16
                                  ? "type object '" + call.model.name + "' has no attribute 'formatted_read_group'"
                                  : "The method 'formatted_read_group' does not exist on the model '" +
                                        call.model.name + "'");
    }
    return formatted_read_group(call);
}

Method method(std::vector<std::string> parameters, bool model_level, json::value (*run)(Call&),
              std::string owner = "BaseModel") {
    return {std::move(owner), std::move(parameters), model_level, run};
}

}  // namespace

const Method* method_of_version(const Method& own, std::string_view name, int version) {
    static const Method kWebReadGroup19 =
        method({"*domain", "groupby", "aggregates", "limit", "offset", "order"}, true, [](Call& call) -> json::value {
            json::array groups = formatted_read_group(call).as_array();
            const auto length = static_cast<std::int64_t>(groups.size());
            return json::object{{"groups", std::move(groups)}, {"length", length}};
        });
    static const Method kWebSearchRead16 =
        method({"domain", "fields", "offset", "limit", "order", "count_limit"}, true, [](Call& call) -> json::value {
            const auto all = orm::search(call.env, call.model.name, call.values[0]);
            return json::object{{"length", static_cast<std::int64_t>(all.size())}, {"records", search_read(call)}};
        });
    if (name == "web_read_group" && version >= 19) return &kWebReadGroup19;
    if (name == "web_search_read" && version == 16) return &kWebSearchRead16;
    return &own;
}

const Method* find_generic_method(std::string_view name) {
    static const std::map<std::string_view, Method> kTable = {
        {"read", method({"fields", "load"}, false, read)},
        {"search", method({"*domain", "offset", "limit", "order"}, true, search)},
        {"search_count", method({"*domain", "limit"}, true, search_count)},
        {"search_read", method({"domain", "fields", "offset", "limit", "order", "load"}, true, search_read)},
        {"create", method({"*vals_list"}, true, create)},
        {"write", method({"*vals"}, false, write)},
        {"unlink", method({}, false, unlink)},
        {"load", method({"*fields", "*data"}, true, load_rows)},
        {"get_external_id", method({}, false, get_external_id)},
        {"fields_get", method({"allfields", "attributes"}, true, fields_get)},
        {"name_search", method({"name", "args", "operator", "limit"}, true, name_search)},
        {"name_create", method({"*name"}, true, name_create)},
        {"name_get", method({}, false, name_get)},
        {"check_access_rights", method({"*operation", "raise_exception"}, true, check_access_rights)},
        {"default_get", method({"*fields_list"}, true, default_get)},
        {"context_get", method({}, true, context_get)},
        {"exists", method({}, false, exists)},
        // Over RPC the first argument is taken as the ids of self, so browse() itself gets none.
        {"browse", method({"ids"}, false, [](Call& call) { return recordset(call.model, as_ids(call.values[0])); })},
        {"sudo", method({"flag"}, false, sudo)},
        {"copy", method({"default"}, false, copy)},
        {"action_archive", method({}, false, [](Call& call) { return set_active(call, false); })},
        {"action_unarchive", method({}, false, [](Call& call) { return set_active(call, true); })},
        {"message_subscribe", method({"partner_ids", "subtype_ids"}, false, message_subscribe)},
        {"formatted_read_group",
         method({"*domain", "groupby", "aggregates", "having", "offset", "limit", "order"}, true, formatted_groups)},
        {"toggle_active", method({}, false, toggle_active)},
        {"export_data",
         method({"*fields_to_export"}, false,
                [](Call& call) -> json::value {
                    if (!call.env.su() && !access::has_group(call.env, "Technical/Access to export feature")) {
                        throw user_error("You don't have the rights to export data. Please contact an Administrator.");
                    }
                    throw not_claimed("export_data for users who may export");
                })},
        {"read_group",
         method({"*domain", "*fields", "*groupby", "offset", "limit", "orderby", "lazy"}, true, read_group)},
        {"web_read_group",
         method({"*domain", "*fields", "*groupby", "limit", "offset", "orderby", "lazy"}, true, web_read_group)},
        {"web_read", method({"*specification"}, false, web_read)},
        {"web_search_read",
         method({"*domain", "*specification", "offset", "limit", "order", "count_limit"}, true, web_search_read)},
    };
    const auto found = kTable.find(name);
    return found == kTable.end() ? nullptr : &found->second;
}

}  // namespace sluice::sim
