#include "core/contract/rule_readers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/contract/config_reference.hpp"
#include "core/contract/pointers.hpp"

namespace sluice::contract {

bool is_odoo_name(std::string_view name, bool dots) {
    if (name.empty() || name.starts_with('.') || name.ends_with('.') || name.find("..") != std::string_view::npos)
        return false;
    return std::ranges::all_of(name, [dots](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               (dots && c == '.');
    });
}

Template read_template(toml::TableReader& reader, std::string_view key, const TemplatePlace& place) {
    const auto text = reader.text(key);
    if (!text) return {};
    auto parsed = parse_template(*text, place);
    if (parsed) return std::move(*parsed);
    reader.problem(*reader.any(key), parsed.error());
    return {};
}

namespace {

std::string read_pointer_at(toml::TableReader& reader, std::string_view key, PointerPlace place) {
    auto text = reader.text(key);
    if (!text) return {};
    if (const auto wrong = pointer_problem(*text, place)) reader.problem(*reader.any(key), *wrong);
    return std::move(*text);
}

}  // namespace

std::string read_pointer(toml::TableReader& reader, std::string_view key, bool inside_lines) {
    return read_pointer_at(reader, key, {.inside_lines = inside_lines});
}

std::string read_array_pointer(toml::TableReader& reader, std::string_view key, bool inside_lines) {
    return read_pointer_at(reader, key, {.inside_lines = inside_lines, .wildcard = true});
}

Conditions read_conditions(toml::TableReader& reader, std::string_view key, bool inside_lines) {
    Conditions conditions;
    const toml::Node* node = reader.table(key);
    if (node == nullptr) return conditions;
    if (node->members.empty()) reader.problem(*node, fmt::format("`{}` is empty", key));
    for (const toml::Member& member : node->members) {
        if (const auto wrong = pointer_problem(member.key, {.inside_lines = inside_lines}))
            reader.problem(*node, *wrong);
        if (member.value.kind == toml::Kind::text)
            conditions.emplace_back(member.key, member.value.text);
        else
            reader.problem(member.value, fmt::format("`{}` compares with a text, also a number or a boolean: "
                                                     "\"{}\" = \"0\"",
                                                     key, member.key));
    }
    return conditions;
}

std::string read_word(toml::TableReader& reader, std::string_view key, const std::vector<std::string>& words,
                      const MappingScope& scope) {
    const auto word = reader.text(key);
    if (!word) return {};
    const auto known = [&](const std::string& one) { return std::ranges::find(words, one) != words.end(); };
    if (known(*word)) return *word;
    const auto problem = [&](const std::string& text) {
        if (!text.empty()) reader.problem(*reader.any(key), text);
        return *word;
    };
    const auto name = config_reference(*word);
    if (!name)
        return problem(fmt::format("`{}` must be {} or `{{config:KEY}}`; found `{}`{}", key, list_names(words), *word,
                                   did_you_mean(*word, words)));
    if (const auto wrong = config_problem(*name, scope.config); !wrong.empty()) return problem(wrong);
    const auto& choices = scope.config.at(*name).choices;
    const bool safe = !choices.empty() && std::ranges::all_of(choices, known);
    return problem(
        safe ? ""
             : fmt::format("the configuration key `{}` needs choices = [\"{}\"]", *name, fmt::join(words, "\", \"")));
}

bool is_odoo_method(std::string_view name) {
    return is_odoo_name(name, false) && !name.starts_with('_');
}

std::string read_model(toml::TableReader& reader, std::string_view key) {
    reader.need(key, "the name of an Odoo model");
    auto name = reader.text(key);
    if (!name) return {};
    if (!is_odoo_name(*name, true))
        reader.problem(*reader.any(key), fmt::format("`{}` is no name of an Odoo model", *name));
    return std::move(*name);
}

std::string read_field_name(toml::TableReader& reader, std::string_view key) {
    reader.need(key, "the name of an Odoo field");
    auto name = reader.text(key);
    if (!name) return {};
    if (!is_odoo_name(*name, false))
        reader.problem(*reader.any(key), fmt::format("`{}` is no name of an Odoo field", *name));
    return std::move(*name);
}

Template read_external_id(toml::TableReader& reader, const MappingScope& scope) {
    reader.need("external_id", "a template that names the record for good, like \"order_{/id}\"");
    Template id = read_template(reader, "external_id", {scope.config, scope.inside_lines, false});
    const bool constant = std::ranges::all_of(id.parts, [](const Template::Part& part) {
        return part.kind == Template::Part::Kind::literal || part.kind == Template::Part::Kind::config;
    });
    if (constant && !id.parts.empty())
        reader.problem(*reader.any("external_id"),
                       "`external_id` is the same for every document: put the document's own id into it, like {/id}");
    return id;
}

std::vector<Pointer> read_requires(toml::TableReader& reader) {
    std::vector<Pointer> required;
    for (const toml::Node* pointer : reader.texts("requires")) {
        if (const auto wrong = pointer_problem(pointer->text, {.wildcard = true})) reader.problem(*pointer, *wrong);
        if (pointer->text.ends_with("/*"))
            reader.problem(*pointer, fmt::format("`{}` names no member of its elements", pointer->text));
        required.emplace_back(pointer->text);
    }
    return required;
}

}  // namespace sluice::contract
