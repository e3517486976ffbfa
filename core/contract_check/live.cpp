#include "core/contract_check/live.hpp"

#include "core/json/json.hpp"

namespace sluice::contract_check {
namespace {

constexpr int first_with_has_access = 18;

std::string text_of(const json::Value& spec, std::string_view key) {
    const auto found = spec.find(key);
    return found && found->kind() == json::Kind::string ? std::string(found->text()) : std::string();
}

bool is_true(const json::Value& spec, std::string_view key) {
    const auto found = spec.find(key);
    return found && found->is_true();
}

FieldFacts facts_of(const json::Value& spec) {
    FieldFacts facts{.type = text_of(spec, "type"),
                     .relation = text_of(spec, "relation"),
                     .relation_field = text_of(spec, "relation_field"),
                     .required = is_true(spec, "required"),
                     .readonly = is_true(spec, "readonly"),
                     .stored = is_true(spec, "store")};
    if (const auto searchable = spec.find("searchable")) facts.searchable = searchable->is_true();
    // [["draft", "Quotation"], ...]; a label may be of another language, a key never.
    const auto selection = spec.find("selection");
    for (std::size_t i = 0; selection && i < selection->size(); ++i) {
        const auto option = selection->at(i);
        if (option.kind() == json::Kind::array && option.size() > 0) facts.selection.emplace_back(option.at(0).text());
    }
    const auto depends = spec.find("depends");
    // What is related belongs to another record, which needs a value too.
    if (depends && depends->size() > 0 && text_of(spec, "related").empty()) facts.filled = true;
    return facts;
}

Result<bool> may(odoo::Caller& odoo, const std::string& model, const char* operation, int version) {
    const auto name = json::quote(operation);
    const auto answer = version >= first_with_has_access
                            ? odoo.call(model, "has_access", "[[]," + name + "]", "{}")
                            : odoo.call(model, "check_access_rights", "[" + name + "]", R"({"raise_exception":false})");
    if (!answer) return std::unexpected(answer.error());
    return answer->root().is_true();
}

/// The fields that are required and of which nobody knows yet whether Odoo fills them.
std::vector<std::string> open_fields(const ModelFacts& facts) {
    std::vector<std::string> open;
    for (const auto& [name, field] : facts.fields) {
        if (field.required && !field.filled) open.push_back(name);
    }
    return open;
}

/// A model's own default_get may want a context, or fail over something else; then it stays unknown. Where Odoo itself
/// is gone the next call says so.
Result<void> ask_defaults(odoo::Caller& odoo, const std::string& model, ModelFacts& facts) {
    const auto open = open_fields(facts);
    if (open.empty()) return {};
    json::Writer args;
    args.begin_array().begin_array();
    for (const auto& name : open) args.string(name);
    args.end_array().end_array();
    const auto answer = odoo.call(model, "default_get", args.text(), "{}");
    if (!answer && answer.error().failure == Failure::auth) return std::unexpected(answer.error());
    if (!answer) return {};
    for (const auto& name : open) facts.fields[name].filled = answer->root().find(name).has_value();
    return {};
}

/// Some values are given by create() itself, which no description tells.
void take_recorded(const std::string& model, ModelFacts& facts, const FieldLists& recorded) {
    const auto* known = recorded.find(model);
    if (known == nullptr) return;
    for (auto& [name, field] : facts.fields) {
        const auto found = known->fields.find(name);
        if (found != known->fields.end() && found->second.filled == true) field.filled = true;
    }
}

}  // namespace

Result<std::optional<ModelFacts>> ask_model(odoo::Caller& odoo, const std::string& model, int version,
                                            const FieldLists& recorded) {
    const auto answer = odoo.call(model, "fields_get", "[]",
                                  R"({"attributes":["type","relation","relation_field","selection","required",)"
                                  R"("readonly","store","searchable","depends","related"]})");
    if (!answer) {
        // Odoo has several ways to say that it knows no such model (FACTS: UserError, KeyError, NotFound), and all of
        // them are refusals; the description of a model is refused to nobody.
        if (answer.error().failure == Failure::rejected || answer.error().failure == Failure::invalid)
            return std::optional<ModelFacts>();
        return std::unexpected(answer.error());
    }
    ModelFacts facts;
    for (std::size_t i = 0; i < answer->root().size(); ++i)
        facts.fields.emplace(answer->root().key(i), facts_of(answer->root().at(i)));
    take_recorded(model, facts, recorded);
    if (const auto asked = ask_defaults(odoo, model, facts); !asked) return std::unexpected(asked.error());
    Access access;
    for (const auto& [operation, allowed] :
         {std::pair("read", &access.read), std::pair("write", &access.write), std::pair("create", &access.create),
          std::pair("unlink", &access.unlink)}) {
        const auto one = may(odoo, model, operation, version);
        if (!one) return std::unexpected(one.error());
        *allowed = *one;
    }
    facts.may = access;
    return std::optional(std::move(facts));
}

Result<void> ask_needed(odoo::Caller& odoo, const std::vector<const contract::Flow*>& flows, const FieldLists& recorded,
                        FieldLists& lists) {
    while (true) {
        Needs needs;
        for (const auto* flow : flows) add(needs, needs_of(*flow, lists));
        const auto unknown = unknown_models(needs, lists);
        if (unknown.empty()) return {};
        for (const auto& model : unknown) {
            auto facts = ask_model(odoo, model, lists.version, recorded);
            if (!facts) return std::unexpected(facts.error());
            lists.models.emplace(model, *std::move(facts));
        }
    }
}

}  // namespace sluice::contract_check
