#include "core/toml/table_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace sluice::toml {

bool expect_kind(const Node& node, Kind kind, std::string_view what, Problems& problems) {
    if (node.kind == kind) return true;
    problems.add(node.place, fmt::format("{} must be {}; found {}", what, to_string(kind), to_string(node.kind)));
    return false;
}

bool expect_filled_text(const Node& node, std::string_view what, Problems& problems) {
    if (!expect_kind(node, Kind::text, what, problems)) return false;
    if (node.text.empty()) problems.add(node.place, fmt::format("{} is empty", what));
    return !node.text.empty();
}

std::string unknown_key(std::string_view key, std::string_view path, std::span<const std::string> known) {
    std::string right = did_you_mean(key, known);
    if (right.empty()) right = "; known here: " + list_names(known);
    return fmt::format("unknown key `{}`{}{}", key, path.empty() ? "" : fmt::format(" in `{}`", path), right);
}

TableReader::TableReader(const Node& node, std::string path, Problems& problems)
    : node_(node), path_(std::move(path)), problems_(problems) {
    is_table_ = expect_kind(node, Kind::table, fmt::format("`{}`", path_), problems);
}

Place TableReader::place(std::string_view key) const {
    const Member* member = is_table_ ? node_.find(key) : nullptr;
    return member == nullptr ? node_.place : member->value.place;
}

const Node* TableReader::any(std::string_view key) {
    if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
    if (!is_table_) return nullptr;
    const Member* member = node_.find(key);
    return member == nullptr ? nullptr : &member->value;
}

const Node* TableReader::typed(std::string_view key, Kind kind, std::string_view right) {
    const Node* value = any(key);
    if (value == nullptr || value->kind == kind) return value;
    problem(*value, fmt::format("`{}` must be {}; found {}", key, right, to_string(value->kind)));
    return nullptr;
}

std::optional<std::string> TableReader::text(std::string_view key) {
    const Node* value = typed(key, Kind::text);
    if (value == nullptr) return std::nullopt;
    return value->text;
}

std::optional<std::string> TableReader::filled_text(std::string_view key) {
    const Node* value = any(key);
    if (value == nullptr || !expect_filled_text(*value, fmt::format("`{}`", key), problems_)) return std::nullopt;
    return value->text;
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, std::int64_t least, std::int64_t most) {
    const auto right = fmt::format("an integer from {} to {}", least, most);
    const Node* value = typed(key, Kind::integer, right);
    if (value == nullptr) return std::nullopt;
    if (value->integer >= least && value->integer <= most) return value->integer;
    problem(*value, fmt::format("`{}` must be {}; found {}", key, right, value->integer));
    return std::nullopt;
}

bool TableReader::boolean(std::string_view key, bool otherwise) {
    const Node* value = typed(key, Kind::boolean, "true or false");
    return value == nullptr ? otherwise : value->boolean;
}

const Node* TableReader::table(std::string_view key) {
    return typed(key, Kind::table);
}

std::vector<const Member*> TableReader::tables(std::string_view key) {
    std::vector<const Member*> found;
    const Node* group = table(key);
    if (group == nullptr) return found;
    for (const Member& member : group->members) {
        const auto name = fmt::format("`{}{}{}.{}`", path_, path_.empty() ? "" : ".", key, member.key);
        if (expect_kind(member.value, Kind::table, name, problems_)) found.push_back(&member);
    }
    return found;
}

const Node* TableReader::array(std::string_view key) {
    return typed(key, Kind::array);
}

std::vector<const Node*> TableReader::texts(std::string_view key, TextsForm form) {
    const Node* value = any(key);
    if (form.single && value != nullptr && value->kind == Kind::text) return {value};
    value = typed(key, Kind::array, form.single ? "a string or an array of strings" : "an array of strings");
    std::vector<const Node*> found;
    if (value == nullptr) return found;
    if (value->elements.empty() && !form.none) problem(*value, fmt::format("`{}` is empty", key));
    for (const Node& element : value->elements)
        if (expect_kind(element, Kind::text, fmt::format("each element of `{}`", key), problems_))
            found.push_back(&element);
    return found;
}

std::optional<std::size_t> TableReader::one_of(std::string_view key, const std::vector<std::string>& names) {
    const Node* value = typed(key, Kind::text, list_names(names));
    if (value == nullptr) return std::nullopt;
    const auto found = std::ranges::find(names, value->text);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    problem(*value, fmt::format("`{}` must be {}; found `{}`{}", key, list_names(names), value->text,
                                did_you_mean(value->text, names)));
    return std::nullopt;
}

void TableReader::need(std::string_view key, std::string_view what) {
    if (is_table_ && !has(key))
        problem(node_, path_.empty() ? fmt::format("`{}` is missing: {}", key, what)
                                     : fmt::format("`{}` lacks `{}`: {}", path_, key, what));
}

void TableReader::problem(std::string_view key, std::string message) {
    const Member* member = is_table_ ? node_.find(key) : nullptr;
    problems_.add(member == nullptr ? node_.place : member->place, std::move(message));
}

std::vector<const Member*> TableReader::unknown() const {
    std::vector<const Member*> found;
    for (const Member& member : node_.members)
        if (std::ranges::find(known_, member.key) == known_.end()) found.push_back(&member);
    return found;
}

void TableReader::finish() {
    for (const Member* member : unknown()) problems_.add(member->place, unknown_key(member->key, path_, known_));
}

}  // namespace sluice::toml
