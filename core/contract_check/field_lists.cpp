#include "core/contract_check/field_lists.hpp"

#include <algorithm>
#include <charconv>
#include <ranges>
#include <utility>

#include "core/json/json.hpp"

namespace sluice::contract_check {
namespace {

std::string text_of(const json::Value& spec, std::string_view key) {
    const auto found = spec.find(key);
    return found && found->kind() == json::Kind::string ? std::string(found->text()) : std::string();
}

bool is_true(const json::Value& spec, std::string_view key) {
    const auto found = spec.find(key);
    return found && found->is_true();
}

int number(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

/// "16-18", "19"
std::pair<int, int> span_of(std::string_view text) {
    const auto dash = text.find('-');
    const auto first = number(text.substr(0, dash));
    return {first, dash == std::string_view::npos ? first : number(text.substr(dash + 1))};
}

FieldFacts facts_of(const json::Value& spec) {
    FieldFacts facts{.type = text_of(spec, "type"),
                     .relation = text_of(spec, "relation"),
                     .relation_field = text_of(spec, "relation_field"),
                     .required = is_true(spec, "required"),
                     .readonly = is_true(spec, "readonly")};
    if (const auto stored = spec.find("store")) facts.stored = stored->is_true();
    if (const auto filled = spec.find("filled")) facts.filled = filled->is_true();
    const auto selection = spec.find("selection");
    for (std::size_t i = 0; selection && i < selection->size(); ++i)
        facts.selection.emplace_back(selection->at(i).text());
    return facts;
}

}  // namespace

const ModelFacts* FieldLists::find(std::string_view model) const {
    const auto found = models.find(model);
    return found == models.end() || !found->second ? nullptr : &*found->second;
}

Result<RecordedLists> RecordedLists::parse(std::string_view text) {
    const auto document = json::Document::parse(text);
    if (!document) return std::unexpected(document.error());
    RecordedLists lists;
    const auto root = document->root();
    for (std::size_t m = 0; m < root.size(); ++m) {
        const auto fields = root.at(m);
        for (std::size_t f = 0; f < fields.size(); ++f) {
            const auto forms = fields.at(f);
            for (std::size_t i = 0; i < forms.size(); ++i) {
                const auto [first, last] = span_of(text_of(forms.at(i), "in"));
                if (first == 0 || last < first)
                    return fail(Failure::invalid, std::string(root.key(m)) + "." + std::string(fields.key(f)) +
                                                      ": `in` must be versions such as \"16-18\"");
                const auto facts = facts_of(forms.at(i));
                for (int version = first; version <= last; ++version) {
                    auto& model = lists.lists_[version].models[std::string(root.key(m))];
                    if (!model) model.emplace();
                    model->fields.insert_or_assign(std::string(fields.key(f)), facts);
                }
            }
        }
    }
    for (auto& [version, list] : lists.lists_) {
        list.version = version;
        list.source = "the lists recorded of Odoo " + std::to_string(version);
        lists.versions_.push_back(version);
    }
    return lists;
}

const FieldLists& RecordedLists::of(int version) const {
    static const FieldLists none;
    const auto found = lists_.find(version);
    return found == lists_.end() ? none : found->second;
}

bool RecordedLists::has_value_somewhere(std::string_view model, std::string_view field, std::string_view value) const {
    return std::ranges::any_of(lists_ | std::views::values, [&](const FieldLists& list) {
        const auto* facts = list.find(model);
        const auto found = facts == nullptr ? decltype(facts->fields.end()){} : facts->fields.find(field);
        return facts != nullptr && found != facts->fields.end() &&
               std::ranges::find(found->second.selection, value) != found->second.selection.end();
    });
}

}  // namespace sluice::contract_check
