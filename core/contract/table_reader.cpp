#include "core/contract/table_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace sluice::contract {

bool expect_kind(const TomlNode& node, TomlNode::Kind kind, std::string_view what, Problems& problems) {
    if (node.kind == kind) return true;
    problems.add(node.line, node.column,
                 fmt::format("{} must be {}; found {}", what, to_string(kind), to_string(node.kind)));
    return false;
}

TableReader::TableReader(const TomlNode& node, std::string path, Problems& problems)
    : node_(node), path_(std::move(path)), problems_(problems) {
    is_table_ = expect_kind(node, TomlNode::Kind::table, fmt::format("`{}`", path_), problems);
}

const TomlNode* TableReader::any(std::string_view key) {
    if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
    if (!is_table_) return nullptr;
    const TomlMember* member = node_.find(key);
    return member == nullptr ? nullptr : &member->value;
}

const TomlNode* TableReader::typed(std::string_view key, TomlNode::Kind kind) {
    const TomlNode* value = any(key);
    if (value == nullptr || !expect_kind(*value, kind, fmt::format("`{}`", key), problems_)) return nullptr;
    return value;
}

std::optional<std::string> TableReader::text(std::string_view key) {
    const TomlNode* value = typed(key, TomlNode::Kind::text);
    if (value == nullptr) return std::nullopt;
    return value->text;
}

std::optional<std::int64_t> TableReader::integer(std::string_view key, std::int64_t least, std::int64_t most) {
    const TomlNode* value = typed(key, TomlNode::Kind::integer);
    if (value == nullptr) return std::nullopt;
    if (value->integer < least || value->integer > most) {
        problem(*value, fmt::format("`{}` must be from {} to {}; found {}", key, least, most, value->integer));
        return std::nullopt;
    }
    return value->integer;
}

bool TableReader::boolean(std::string_view key, bool otherwise) {
    const TomlNode* value = typed(key, TomlNode::Kind::boolean);
    return value == nullptr ? otherwise : value->boolean;
}

const TomlNode* TableReader::table(std::string_view key) {
    return typed(key, TomlNode::Kind::table);
}
const TomlNode* TableReader::array(std::string_view key) {
    return typed(key, TomlNode::Kind::array);
}

std::vector<const TomlNode*> TableReader::texts(std::string_view key, bool allow_single) {
    std::vector<const TomlNode*> found;
    const TomlNode* value = any(key);
    if (value == nullptr) return found;
    if (allow_single && value->kind == TomlNode::Kind::text) return {value};
    if (value->kind != TomlNode::Kind::array) {
        problem(*value, fmt::format("`{}` must be {}; found {}", key,
                                    allow_single ? "a text or an array of texts" : "an array of texts",
                                    to_string(value->kind)));
        return found;
    }
    if (value->elements.empty()) problem(*value, fmt::format("`{}` is empty", key));
    for (const TomlNode& element : value->elements)
        if (expect_kind(element, TomlNode::Kind::text, fmt::format("each element of `{}`", key), problems_))
            found.push_back(&element);
    return found;
}

std::optional<std::size_t> TableReader::one_of(std::string_view key, const std::vector<std::string>& names) {
    const TomlNode* value = typed(key, TomlNode::Kind::text);
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
    const TomlMember* member = is_table_ ? node_.find(key) : nullptr;
    if (member == nullptr) return problem(node_, std::move(message));
    problems_.add(member->line, member->column, std::move(message));
}

void TableReader::finish() {
    if (!is_table_) return;
    for (const TomlMember& member : node_.members) {
        if (std::ranges::find(known_, member.key) != known_.end()) continue;
        std::string right = did_you_mean(member.key, known_);
        if (right.empty()) right = "; known here: " + list_names(known_);
        problems_.add(
            member.line, member.column,
            fmt::format("unknown key `{}`{}{}", member.key, path_.empty() ? "" : " in `" + path_ + "`", right));
    }
}

}  // namespace sluice::contract
