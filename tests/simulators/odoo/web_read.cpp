#include "tests/simulators/odoo/web_read.hpp"

#include "tests/simulators/odoo/access.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"

namespace sluice::sim {

namespace {

const json::object* subfields(const json::value& spec) {
    const auto* object = spec.if_object();
    const auto* fields = object == nullptr ? nullptr : object->if_contains("fields");
    return fields == nullptr ? nullptr : fields->if_object();
}

json::object record(Env& env, const Model& model, std::int64_t id, const json::object& specification) {
    json::object out{{"id", id}};
    for (const auto& [name, spec] : specification) {
        const Field& field = model.at(name);
        if (!field.implemented) throw not_claimed("the field '" + field.name + "' of '" + model.name + "'");
        json::value value = orm::wire_value(env, field, model.name, id, false);
        const auto* nested = subfields(spec);
        if (nested != nullptr && field.relational()) {
            if (field.type == FieldType::many2one) {
                if (const auto target = as_id(value)) value = record(env, env.model(field.relation), *target, *nested);
            } else {
                json::array records;
                for (const auto target : as_ids(value))
                    records.push_back(record(env, env.model(field.relation), target, *nested));
                value = std::move(records);
            }
        }
        out[name] = std::move(value);
    }
    return out;
}

json::array records(Env& env, const Model& model, const Ids& ids, const json::value& specification) {
    access::check(env, model.name, access::Operation::read);
    json::array out;
    for (const auto id : ids) {
        if (orm::exists(env, model.name, id)) out.push_back(record(env, model, id, specification.as_object()));
    }
    return out;
}

}  // namespace

json::value web_read(Call& call) {
    if (call.env.version() < 17)
        throw attribute_error("type object '" + call.model.name + "' has no attribute 'web_read'");
    return records(call.env, call.model, call.ids, call.values[0]);
}

json::value web_search_read(Call& call) {
    if (call.env.version() < 17) throw not_claimed("web_search_read of 16");
    orm::SearchOptions options;
    options.offset = call.values[2].is_int64() ? call.values[2].get_int64() : 0;
    options.limit = call.values[3].is_int64() && call.values[3].get_int64() > 0 ? call.values[3].get_int64() : -1;
    options.order = as_text(call.values[4]);
    const auto ids = orm::search(call.env, call.model.name, call.values[0], options);
    const auto all = orm::search(call.env, call.model.name, call.values[0]);
    return json::object{{"length", static_cast<std::int64_t>(all.size())},
                        {"records", records(call.env, call.model, ids, call.values[1])}};
}

}  // namespace sluice::sim
