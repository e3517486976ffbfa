#include "tests/simulators/odoo/schema.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/schema_data.hpp"

namespace sluice::sim {

namespace {

FieldType type_of(std::string_view name) {
    static const std::map<std::string_view, FieldType> kTypes = {{"char", FieldType::text_like},
                                                                 {"text", FieldType::text_like},
                                                                 {"html", FieldType::html},
                                                                 {"integer", FieldType::integer},
                                                                 {"float", FieldType::floating},
                                                                 {"monetary", FieldType::monetary},
                                                                 {"boolean", FieldType::boolean},
                                                                 {"date", FieldType::date},
                                                                 {"datetime", FieldType::datetime},
                                                                 {"selection", FieldType::selection},
                                                                 {"many2one", FieldType::many2one},
                                                                 {"one2many", FieldType::one2many},
                                                                 {"many2many", FieldType::many2many},
                                                                 {"binary", FieldType::binary},
                                                                 {"many2one_reference", FieldType::integer}};
    const auto found = kTypes.find(name);
    return found == kTypes.end() ? FieldType::other : found->second;
}

// Odoo's default label: the name without _id(s), words capitalised.
std::string default_label(std::string name) {
    if (name.ends_with("_ids")) {
        name.resize(name.size() - 4);
    } else if (name.ends_with("_id")) {
        name.resize(name.size() - 3);
    }
    bool start = true;
    for (char& c : name) {
        if (c == '_') c = ' ';
        if (start) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        start = c == ' ';
    }
    return name;
}

bool flag(const json::object& spec, std::string_view key) {
    const auto* value = spec.if_contains(key);
    return value != nullptr && truthy(*value);
}

std::string text(const json::object& spec, std::string_view key) {
    const auto* value = spec.if_contains(key);
    return value == nullptr ? std::string() : as_text(*value);
}

std::vector<std::string> texts(const json::object& spec, std::string_view key) {
    std::vector<std::string> out;
    if (const auto* value = spec.if_contains(key)) {
        for (const auto& item : value->as_array()) out.push_back(as_text(item));
    }
    return out;
}

bool named(const json::object& overlay, std::string_view model, std::string_view field) {
    const auto* spec = overlay.if_contains(model);
    if (spec == nullptr) return false;
    const auto computed = texts(spec->as_object(), "computed");
    return std::find(computed.begin(), computed.end(), field) != computed.end();
}

// What another version requires beyond 17 has a default there, which is not here. 16 lists as read-only what is so in
// some states only; 19 computes some of what 17 stores.
void as_in_17(Field& field, const json::value* spec_17) {
    field.required = field.required && spec_17 != nullptr && flag(spec_17->as_object(), "required");
    if (spec_17 == nullptr) return;
    const auto& spec = spec_17->as_object();
    const bool writable = field.readonly && !flag(spec, "readonly");
    const bool stored = !field.stored && flag(spec, "store");
    if (!writable && !stored) return;
    field.readonly = flag(spec, "readonly");
    field.stored = field.stored || stored;
    const bool lines_without_inverse = field.type == FieldType::one2many && field.inverse.empty();
    field.implemented = field.stored && !field.readonly && field.type != FieldType::other && !lines_without_inverse;
}

constexpr std::array<std::string_view, 7> kMagic = {"id",        "display_name", "create_uid",   "create_date",
                                                    "write_uid", "write_date",   "__last_update"};

}  // namespace

const Field* Model::find(std::string_view field) const {
    const auto found = fields.find(field);
    return found == fields.end() ? nullptr : &found->second;
}

const Field& Model::at(std::string_view field) const {
    if (const auto* found = find(field)) return *found;
    if (partial) throw not_claimed("the field '" + std::string(field) + "' of '" + name + "'");
    throw invalid_field(field, name);
}

Schema::Schema(int version) {
    const auto listed = json::parse(schema_json(version)).as_object();
    const auto overlay = json::parse(overlay_json()).as_object();
    const auto of_17 = json::parse(schema_json(17)).as_object();
    for (const auto& [name, fields] : listed) {
        Model& model = models_[std::string(name)];
        model.name = name;
        const auto* model_17 = of_17.if_contains(name);
        for (const auto& [field, spec] : fields.as_object()) {
            add_field(model, field, spec.as_object());
            const auto* known = model_17 == nullptr ? nullptr : model_17->as_object().if_contains(field);
            if (version != 17) as_in_17(model.fields.at(std::string(field)), known);
        }
    }
    for (const auto& [name, extra] : overlay) {
        Model& model = models_[std::string(name)];
        model.name = name;
        apply_overlay(model, extra.as_object(), version);
    }
    add_internal(overlay);
    for (auto& [name, model] : models_) {
        for (auto& [field_name, field] : model.fields) {
            // Lines of a model that is not here: unknown, unless the overlay names a compute.
            if (field.type == FieldType::one2many && field.stored && find(field.relation) == nullptr &&
                !named(overlay, name, field_name)) {
                field.implemented = false;
            }
        }
    }
    // Delegated fields live in the other model's record.
    for (auto& [name, model] : models_) {
        if (model.delegate_model.empty()) continue;
        const auto own = texts(overlay.at(name).as_object(), "own");
        const Model& base = models_.at(model.delegate_model);
        for (auto& [field_name, field] : model.fields) {
            const Field* inherited = base.find(field_name);
            if (inherited == nullptr || std::find(own.begin(), own.end(), field_name) != own.end()) continue;
            field.delegate = model.delegate_field;
            field.implemented = inherited->implemented;
            field.digits = inherited->digits;
            field.inverse = inherited->inverse;
            field.label = inherited->label;
            field.selection = inherited->selection;
        }
    }
}

void Schema::add_internal(const json::object& overlay) {
    const auto of_17 = json::parse(schema_json(17)).as_object();
    for (const auto& [name, extra] : overlay) {
        for (const auto& field : texts(extra.as_object(), "internal")) {
            Model& model = models_.at(std::string(name));
            if (model.has(field)) continue;
            add_field(model, field, of_17.at(name).at(field).as_object());
            model.fields.at(field).internal = true;
            model.fields.at(field).implemented = true;
        }
    }
}

void Schema::add_field(Model& model, std::string_view name, const json::object& spec) {
    Field field;
    field.name = name;
    field.type_name = text(spec, "type");
    field.type = type_of(field.type_name);
    field.relation = text(spec, "relation");
    field.inverse = text(spec, "relation_field");
    field.required = flag(spec, "required");
    field.readonly = flag(spec, "readonly");
    field.stored = flag(spec, "store");
    field.internal = flag(spec, "internal");
    field.label = default_label(field.name);
    for (const auto& key : texts(spec, "selection")) field.selection.emplace_back(key, default_label(key));
    field.implemented = field.stored && !field.readonly && field.type != FieldType::other;
    if (field.type == FieldType::one2many && field.inverse.empty()) field.implemented = false;
    if (std::find(kMagic.begin(), kMagic.end(), name) != kMagic.end()) field.implemented = true;
    model.fields[field.name] = std::move(field);
}

void Schema::apply_overlay(Model& model, const json::object& overlay, int version) {
    model.description = text(overlay, "description");
    model.class_name = text(overlay, "class");
    model.order = text(overlay, "order");
    model.partial = flag(overlay, "partial");
    if (const auto rec_name = text(overlay, "rec_name"); !rec_name.empty()) model.rec_name = rec_name;
    model.search_names = texts(overlay, "search_names");
    if (const auto* fields = overlay.if_contains("fields")) {
        for (const auto& [name, spec] : fields->as_object()) {
            const auto* since = spec.as_object().if_contains("since");
            const auto* until = spec.as_object().if_contains("until");
            if ((since != nullptr && version < since->as_int64()) || (until != nullptr && version > until->as_int64()))
                continue;
            add_field(model, name, spec.as_object());
        }
        for (const auto magic : kMagic) {
            if (magic == "__last_update") continue;
            const bool user = magic == "create_uid" || magic == "write_uid";
            const bool date = magic == "create_date" || magic == "write_date";
            const char* type = user ? "many2one" : date ? "datetime" : magic == "id" ? "integer" : "char";
            json::object spec{{"type", type}, {"readonly", true}, {"store", magic != "display_name"}};
            if (user) spec["relation"] = "res.users";
            add_field(model, magic, spec);
        }
    }
    if (const auto* inherits = overlay.if_contains("inherits")) {
        model.delegate_model = inherits->as_object().begin()->key();
        model.delegate_field = as_text(inherits->as_object().begin()->value());
    }
    for (const auto& name : texts(overlay, "computed")) {
        if (const auto found = model.fields.find(name); found != model.fields.end()) found->second.implemented = true;
    }
    for (const auto& name : texts(overlay, "not_claimed")) {
        if (const auto found = model.fields.find(name); found != model.fields.end()) found->second.implemented = false;
    }
    const auto each = [&](std::string_view key, auto&& apply) {
        if (const auto* values = overlay.if_contains(key)) {
            for (const auto& [name, value] : values->as_object()) {
                const auto found = model.fields.find(name);
                if (found != model.fields.end()) apply(found->second, value);
            }
        }
    };
    each("labels", [](Field& field, const json::value& label) { field.label = as_text(label); });
    each("digits", [](Field& field, const json::value& digits) { field.digits = static_cast<int>(digits.as_int64()); });
    each("selection", [](Field& field, const json::value& labels) {
        for (auto& [key, label] : field.selection) {
            if (const auto* named = labels.as_object().if_contains(key)) label = as_text(*named);
        }
    });
    if (const auto* modules = overlay.if_contains("modules")) {
        for (const auto& [module, names] : modules->as_object()) {
            for (const auto& name : texts(modules->as_object(), module)) {
                const auto found = model.fields.find(name);
                if (found == model.fields.end()) continue;
                model.module_fields[std::string(module)].emplace(name, std::move(found->second));
                model.fields.erase(found);
            }
        }
    }
    if (const auto* unique = overlay.if_contains("unique")) {
        for (const auto& item : unique->as_array()) {
            model.unique.push_back({texts(item.as_object(), "fields"), text(item.as_object(), "message")});
        }
    }
}

bool Schema::install(std::string_view module) {
    bool known = false;
    for (auto& [name, model] : models_) {
        const auto found = model.module_fields.find(module);
        if (found == model.module_fields.end()) continue;
        known = true;
        for (const auto& [field_name, field] : found->second) model.fields.emplace(field_name, field);
    }
    return known;
}

bool Schema::remove(std::string_view model, std::string_view field) {
    const auto found = models_.find(model);
    if (found == models_.end()) return false;
    const auto at = found->second.fields.find(field);
    if (at == found->second.fields.end()) return false;
    found->second.fields.erase(at);
    return true;
}

const Model* Schema::find(std::string_view model) const {
    const auto found = models_.find(model);
    return found == models_.end() ? nullptr : &found->second;
}

const Model& Schema::at(std::string_view model) const {
    if (const auto* found = find(model)) return *found;
    throw not_claimed("the model '" + std::string(model) + "'");
}

bool Schema::is_odoo_model(std::string_view model) {
    static constexpr std::array<std::string_view, 24> kModules = {
        "account.",   "base.",     "bus.",     "calendar.", "crm.",     "delivery.", "digest.", "discuss.",
        "fetchmail.", "ir.",       "loyalty.", "mail.",     "payment.", "phone.",    "pos.",    "procurement.",
        "product.",   "purchase.", "report.",  "res.",      "sale.",    "sms.",      "stock.",  "utm."};
    return std::any_of(kModules.begin(), kModules.end(), [&](auto prefix) { return model.starts_with(prefix); });
}

}  // namespace sluice::sim
