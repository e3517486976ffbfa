#include "tests/wire/wire_shape.hpp"

#include <algorithm>

namespace sluice::wire {

namespace json = boost::json;

namespace {

std::string kind(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "null";
        case json::kind::bool_:
            return "bool";
        case json::kind::int64:
        case json::kind::uint64:
            return "int";
        case json::kind::double_:
            return "float";
        case json::kind::string:
            return "string";
        case json::kind::array:
            return "list";
        case json::kind::object:
            return "object";
    }
    return "?";
}

// {"1954": ...}: keyed by record, whose ids are free.
bool keyed_by_id(const json::object& object) {
    return !object.empty() && std::all_of(object.begin(), object.end(), [](const auto& item) {
        return std::all_of(item.key().begin(), item.key().end(), [](char c) { return c >= '0' && c <= '9'; });
    });
}

std::string object_difference(const json::object& recorded, const json::object& answered, const std::string& path) {
    if (keyed_by_id(recorded) && keyed_by_id(answered)) {
        if (recorded.size() != answered.size()) return path + ": another number of records";
        return shape_difference(recorded.begin()->value(), answered.begin()->value(), path + ".*");
    }
    for (const auto& [key, value] : recorded) {
        const auto* other = answered.if_contains(key);
        if (other == nullptr) return path + ": no key '" + std::string(key) + "'";
        if (auto difference = shape_difference(value, *other, path + "." + std::string(key)); !difference.empty())
            return difference;
    }
    for (const auto& [key, value] : answered) {
        if (!recorded.contains(key)) return path + ": key '" + std::string(key) + "' too many";
    }
    return {};
}

std::string list_difference(const json::array& recorded, const json::array& answered, const std::string& path) {
    if (recorded.empty() != answered.empty()) {
        return path + ": " + (recorded.empty() ? "empty" : "filled") + " list expected";
    }
    for (std::size_t i = 0; i < recorded.size(); ++i) {
        const auto& other = answered[std::min(i, answered.size() - 1)];
        if (auto difference = shape_difference(recorded[i], other, path + "[" + std::to_string(i) + "]");
            !difference.empty())
            return difference;
    }
    return {};
}

}  // namespace

std::string shape_difference(const json::value& recorded, const json::value& answered, const std::string& path) {
    if (kind(recorded) != kind(answered)) return path + ": " + kind(recorded) + " expected, got " + kind(answered);
    if (recorded.is_object()) return object_difference(recorded.get_object(), answered.get_object(), path);
    if (recorded.is_array()) return list_difference(recorded.get_array(), answered.get_array(), path);
    return {};
}

}  // namespace sluice::wire
