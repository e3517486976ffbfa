#include "core/mapping/same_value.hpp"

#include <map>
#include <string_view>

#include "core/base/decimal.hpp"

namespace sluice::mapping {
namespace {

bool equal(json::Value left, json::Value right);

bool equal_numbers(std::string_view left, std::string_view right) {
    if (left == right) return true;
    const auto a = Decimal::parse(left);
    const auto b = Decimal::parse(right);
    return a && b && *a == *b;
}

/// Members by name; the last of a repeated name counts.
std::map<std::string_view, json::Value> members(json::Value object) {
    std::map<std::string_view, json::Value> found;
    for (std::size_t i = 0; i < object.size(); ++i) found.insert_or_assign(object.key(i), object.at(i));
    return found;
}

bool equal_objects(json::Value left, json::Value right) {
    const auto a = members(left);
    const auto b = members(right);
    if (a.size() != b.size()) return false;
    for (auto i = a.begin(), j = b.begin(); i != a.end(); ++i, ++j)
        if (i->first != j->first || !equal(i->second, j->second)) return false;
    return true;
}

bool equal_arrays(json::Value left, json::Value right) {
    if (left.size() != right.size()) return false;
    for (std::size_t i = 0; i < left.size(); ++i)
        if (!equal(left.at(i), right.at(i))) return false;
    return true;
}

bool equal(json::Value left, json::Value right) {
    if (left.kind() != right.kind()) return false;
    switch (left.kind()) {
        case json::Kind::null:
            return true;
        case json::Kind::boolean:
        case json::Kind::string:
            return left.text() == right.text();
        case json::Kind::number:
            return equal_numbers(left.text(), right.text());
        case json::Kind::array:
            return equal_arrays(left, right);
        case json::Kind::object:
            return equal_objects(left, right);
    }
    return false;
}

}  // namespace

bool is_value(const json::Value& value, std::string_view text) {
    switch (value.kind()) {
        case json::Kind::number:
            return equal_numbers(value.text(), text);
        case json::Kind::boolean:
            return (value.is_true() ? "true" : "false") == text;
        case json::Kind::string:
            return value.text() == text;
        default:
            return false;
    }
}

bool same_value(const std::optional<json::Value>& left, const std::optional<json::Value>& right) {
    const bool no_left = !left || left->is_null();
    const bool no_right = !right || right->is_null();
    if (no_left || no_right) return no_left == no_right;
    return equal(*left, *right);
}

}  // namespace sluice::mapping
