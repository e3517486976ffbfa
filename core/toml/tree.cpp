#include "core/toml/tree.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <tuple>

namespace sluice::toml {
namespace {

Place place_of(const ::toml::source_region& source, int file) {
    return {static_cast<int>(source.begin.line), static_cast<int>(source.begin.column), file};
}

Node convert(const ::toml::node& source, int file) {
    Node node;
    node.place = place_of(source.source(), file);
    switch (source.type()) {
        case ::toml::node_type::string:
            node.kind = Kind::text;
            node.text = source.as_string()->get();
            break;
        case ::toml::node_type::integer:
            node.kind = Kind::integer;
            node.integer = source.as_integer()->get();
            break;
        case ::toml::node_type::boolean:
            node.kind = Kind::boolean;
            node.boolean = source.as_boolean()->get();
            break;
        case ::toml::node_type::floating_point:
            node.kind = Kind::real;
            break;
        case ::toml::node_type::array:
            node.kind = Kind::array;
            for (const auto& element : *source.as_array()) node.elements.push_back(convert(element, file));
            break;
        case ::toml::node_type::table:
            node.kind = Kind::table;
            for (const auto& [key, value] : *source.as_table())
                node.members.push_back({std::string(key.str()), place_of(key.source(), file), convert(value, file)});
            // toml++ keeps a table sorted by key; people, and the order of lines in Odoo, go by the text.
            std::ranges::stable_sort(node.members, [](const Member& left, const Member& right) {
                return std::tie(left.place.line, left.place.column) < std::tie(right.place.line, right.place.column);
            });
            break;
        default:
            node.kind = Kind::date_time;
    }
    return node;
}

}  // namespace

const Member* Node::find(std::string_view key) const {
    const auto found = std::ranges::find(members, key, &Member::key);
    return found == members.end() ? nullptr : &*found;
}

std::string_view to_string(Kind kind) {
    switch (kind) {
        case Kind::text:
            return "a string";
        case Kind::integer:
            return "an integer";
        case Kind::real:
            return "a float";
        case Kind::boolean:
            return "a boolean";
        case Kind::date_time:
            return "a date or time";
        case Kind::array:
            return "an array";
        case Kind::table:
            return "a table";
    }
    return "";
}

std::expected<Node, Problem> parse(std::string_view text, std::string_view file, int number) {
    try {
        const ::toml::table table = ::toml::parse(text, file);
        return convert(table, number);
    } catch (const ::toml::parse_error& error) {
        const Place place = place_of(error.source(), number);
        return std::unexpected(Problem{std::string(file), place.line, place.column,
                                       "not valid TOML: " + std::string(error.description())});
    }
}

}  // namespace sluice::toml
