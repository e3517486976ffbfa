#include "core/contract/toml_tree.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <tuple>

namespace sluice::contract {
namespace {

void place(TomlNode& node, const toml::source_position& position) {
    node.line = static_cast<int>(position.line);
    node.column = static_cast<int>(position.column);
}

TomlNode convert(const toml::node& source) {
    TomlNode node;
    place(node, source.source().begin);
    switch (source.type()) {
        case toml::node_type::string:
            node.kind = TomlNode::Kind::text;
            node.text = source.as_string()->get();
            break;
        case toml::node_type::integer:
            node.kind = TomlNode::Kind::integer;
            node.integer = source.as_integer()->get();
            break;
        case toml::node_type::boolean:
            node.kind = TomlNode::Kind::boolean;
            node.boolean = source.as_boolean()->get();
            break;
        case toml::node_type::floating_point:
            node.kind = TomlNode::Kind::real;
            break;
        case toml::node_type::array:
            node.kind = TomlNode::Kind::array;
            for (const auto& element : *source.as_array()) node.elements.push_back(convert(element));
            break;
        case toml::node_type::table:
            node.kind = TomlNode::Kind::table;
            for (const auto& [key, value] : *source.as_table()) {
                const auto position = key.source().begin;
                node.members.push_back({std::string(key.str()), static_cast<int>(position.line),
                                        static_cast<int>(position.column), convert(value)});
            }
            // toml++ keeps a table sorted by key; people, and the order of lines in Odoo, go by the text.
            std::ranges::stable_sort(node.members, [](const TomlMember& left, const TomlMember& right) {
                return std::tie(left.line, left.column) < std::tie(right.line, right.column);
            });
            break;
        default:
            node.kind = TomlNode::Kind::date_time;
    }
    return node;
}

}  // namespace

const TomlMember* TomlNode::find(std::string_view key) const {
    const auto found = std::ranges::find(members, key, &TomlMember::key);
    return found == members.end() ? nullptr : &*found;
}

std::string_view to_string(TomlNode::Kind kind) {
    switch (kind) {
        case TomlNode::Kind::text:
            return "a text";
        case TomlNode::Kind::integer:
            return "an integer";
        case TomlNode::Kind::real:
            return "a floating-point number";
        case TomlNode::Kind::boolean:
            return "a boolean";
        case TomlNode::Kind::date_time:
            return "a date or time";
        case TomlNode::Kind::array:
            return "an array";
        case TomlNode::Kind::table:
            return "a table";
    }
    return "";
}

std::expected<TomlNode, Problem> parse_toml(std::string_view text, std::string_view file) {
    try {
        const toml::table table = toml::parse(text, file);
        return convert(table);
    } catch (const toml::parse_error& error) {
        const auto position = error.source().begin;
        return std::unexpected(Problem{std::string(file), static_cast<int>(position.line),
                                       static_cast<int>(position.column),
                                       "not valid TOML: " + std::string(error.description())});
    }
}

}  // namespace sluice::contract
