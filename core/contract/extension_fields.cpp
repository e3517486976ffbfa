#include "core/contract/extension_fields.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/contract/contract_text.hpp"
#include "core/toml/table_reader.hpp"

namespace sluice::contract {
namespace {

bool says(const toml::Node& rule, std::string_view key, std::string_view text) {
    const toml::Node* node = node_at(rule, {key});
    return node != nullptr && (node->text == text || (node->kind == toml::Kind::boolean && node->boolean));
}

/// Whether a record is known or guarded by the field.
bool is_relied_on(const toml::Node& record, std::string_view name) {
    if (const toml::Node* zero = node_at(record, {"skip_when_zero"}); zero != nullptr && zero->text == name)
        return true;
    if (const toml::Node* guard = node_at(record, {"protect"}); guard != nullptr && says(*guard, "field", name))
        return true;
    if (const toml::Node* steps = node_at(record, {"transitions"}))
        for (const toml::Node& step : steps->elements)
            if (says(step, "field", name)) return true;
    if (const toml::Node* candidates = node_at(record, {"candidates"}))
        for (const toml::Node& keys : candidates->elements)
            if (keys.find(name) != nullptr) return true;
    return false;
}

/// Why the contract's rule must stay; "" where it need not.
std::string why_not(const toml::Node& rule, const toml::Node& record, std::string_view name) {
    if (is_relied_on(record, name)) return "the record is found, guarded or left out by it";
    if (says(rule, "required", "")) return "the contract requires it";
    if (says(rule, "as", "decimal")) return "it carries an amount or a quantity";
    for (const char* source : {"percent", "rest", "find_each"})
        if (rule.find(source) != nullptr) return fmt::format("what `{}` gives is a part of the amounts", source);
    if (rule.find("period_cutoff") != nullptr) return "what becomes of closed periods depends on it";
    if (rule.find("record") != nullptr) return "it refers to a record of this contract";
    return "";
}

}  // namespace

void extend_field(const toml::Member& field, toml::Node& fields, const toml::Node& record, const std::string& path,
                  toml::Problems& problems) {
    const auto there = std::ranges::find(fields.members, field.key, &toml::Member::key);
    if (there == fields.members.end()) {
        fields.members.push_back(field);
        return;
    }
    const std::string why = why_not(there->value, record, field.key);
    if (why.empty())
        *there = field;
    else
        problems.add(field.place,
                     fmt::format("`{}` is the contract's own: {}, so an extension cannot replace it", path, why));
}

namespace {

void extend_one(const toml::Node& node, toml::Node& contracts, const std::string& path, toml::Problems& problems) {
    toml::TableReader reader(node, path, problems);
    reader.need("field", "the one2many field whose lines are meant");
    const auto field = reader.text("field"), each = reader.text("each"), external_id = reader.text("external_id");
    reader.need("fields", "the fields these lines get");
    const toml::Node* fields = reader.table("fields");
    reader.finish();
    if (!field || fields == nullptr) return;
    bool found = false;
    std::vector<std::string> names;
    for (toml::Node& lines : contracts.elements) {
        const auto is = [&lines](std::string_view key, const std::optional<std::string>& text) {
            const toml::Node* own = node_at(lines, {key});
            return !text || (own != nullptr && own->text == *text);
        };
        if (const toml::Node* name = node_at(lines, {"field"})) names.push_back(name->text);
        if (!is("field", field) || !is("each", each) || !is("external_id", external_id)) continue;
        found = true;
        const auto table = std::ranges::find(lines.members, "fields", &toml::Member::key);
        for (const toml::Member& rule : fields->members)
            extend_field(rule, table->value, lines, path + ".fields." + rule.key, problems);
    }
    if (!found)
        problems.add(reader.place("field"),
                     fmt::format("the contract has no such lines{}", did_you_mean(*field, names)));
}

}  // namespace

void extend_lines(const toml::Member& lines, toml::Node& into, const std::string& path, toml::Problems& problems) {
    if (!expect_kind(lines.value, toml::Kind::array, fmt::format("`{}`", path), problems)) return;
    const auto own = std::ranges::find(into.members, "lines", &toml::Member::key);
    if (own == into.members.end()) {
        problems.add(lines.place, fmt::format("the contract has no `{}`, so it cannot be extended", path));
        return;
    }
    for (std::size_t i = 0; i < lines.value.elements.size(); ++i)
        extend_one(lines.value.elements[i], own->value, fmt::format("{}[{}]", path, i), problems);
}

}  // namespace sluice::contract
