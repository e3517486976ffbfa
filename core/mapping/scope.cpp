#include "core/mapping/scope.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/contract/as.hpp"
#include "core/mapping/same_value.hpp"

namespace sluice::mapping {
namespace {

std::expected<std::optional<std::string>, Broken> scalar(const std::optional<json::Value>& value,
                                                         const std::string& pointer) {
    if (!value || value->is_null()) return std::nullopt;
    if (value->kind() == json::Kind::array || value->kind() == json::Kind::object)
        return std::unexpected(Broken{pointer, "a single value is expected; found " + describe(value->kind())});
    if (value->text().empty()) return std::nullopt;
    return std::string(value->text());
}

/// Where the first "*" token stands; npos where there is none.
std::size_t find_wildcard(std::string_view pointer) {
    for (std::size_t at = pointer.find("/*"); at != std::string_view::npos; at = pointer.find("/*", at + 1))
        if (at + 2 == pointer.size() || pointer[at + 2] == '/') return at;
    return std::string_view::npos;
}

Broken no_array(json::Value value, std::string pointer) {
    return {std::move(pointer), "an array is expected; found " + describe(value.kind())};
}

/// Appends to `out`; what is broken, or nothing. `base` is the pointer of `from`.
std::optional<Broken> collect_elements(json::Value from, std::string_view pointer, const std::string& base,
                                       std::vector<Element>& out) {
    const std::size_t star = find_wildcard(pointer);
    const std::string here = base + std::string(pointer.substr(0, star));
    const auto array = from.at_pointer(pointer.substr(0, star));
    if (!array || array->is_null()) return std::nullopt;
    if (array->kind() != json::Kind::array) return no_array(*array, here);
    for (std::size_t i = 0; i < array->size(); ++i) {
        std::string element = fmt::format("{}/{}", here, i);
        if (star == std::string_view::npos) {
            out.push_back({array->at(i), std::move(element)});
        } else if (auto broken = collect_elements(array->at(i), pointer.substr(star + 2), element, out)) {
            return broken;
        }
    }
    return std::nullopt;
}

/// `base` is the pointer of `from`.
std::expected<std::optional<Decimal>, Broken> decimal_in(json::Value from, std::string_view pointer,
                                                         const std::string& base) {
    const std::size_t star = find_wildcard(pointer);
    const std::string here = base + std::string(pointer.substr(0, star));
    const auto value = from.at_pointer(pointer.substr(0, star));
    if (star == std::string_view::npos) {
        const auto text = scalar(value, here);
        if (!text) return std::unexpected(text.error());
        if (!*text) return std::nullopt;
        auto number = Decimal::parse(**text);
        if (!number)
            return std::unexpected(Broken{here, contract::why_not(contract::As::decimal, **text).value_or("")});
        return std::move(*number);
    }
    if (!value || value->is_null()) return std::nullopt;
    if (value->kind() != json::Kind::array) return std::unexpected(no_array(*value, here));
    Decimal sum;
    const std::string_view rest = pointer.substr(star + 2);
    for (std::size_t i = 0; i < value->size(); ++i) {
        const std::string element = fmt::format("{}/{}", here, i);
        auto number = decimal_in(value->at(i), rest, element);
        if (!number) return number;
        if (*number) {
            sum = sum + **number;
        } else if (find_wildcard(rest) == std::string_view::npos) {
            // An element without its amount must not be counted as nothing: the sum would be wrong without a word.
            return std::unexpected(Broken{element + std::string(rest), std::string(absent_message)});
        }
    }
    return sum;
}

}  // namespace

std::string describe(json::Kind kind) {
    const std::string_view name = json::to_string(kind);
    return std::string(name.starts_with('a') || name.starts_with('o') ? "an " : "a ") + std::string(name);
}

std::string one_place(const std::string& pointer) {
    return pointer.substr(0, find_wildcard(pointer));
}

std::string Scope::absolute(std::string_view pointer) const {
    if (pointer.starts_with('^')) return std::string(pointer.substr(1));
    return base_ + std::string(pointer);
}

std::optional<json::Value> Scope::at(std::string_view pointer) const {
    return pointer.starts_with('^') ? root_.at_pointer(pointer.substr(1)) : element_.at_pointer(pointer);
}

std::optional<std::string> Scope::config(const std::string& key) const {
    const auto found = config_.find(key);
    if (found == config_.end() || found->second.empty()) return std::nullopt;
    return found->second;
}

std::expected<std::optional<std::string>, Broken> Scope::text_at(std::string_view pointer) const {
    return scalar(at(pointer), absolute(pointer));
}

std::expected<std::optional<Decimal>, Broken> Scope::decimal_at(std::string_view pointer) const {
    if (pointer.starts_with('^')) return decimal_in(root_, pointer.substr(1), "");
    return decimal_in(element_, pointer, base_);
}

std::expected<std::vector<Element>, Broken> Scope::elements_at(std::string_view pointer) const {
    const bool from_root = pointer.starts_with('^');
    std::vector<Element> elements;
    auto broken = from_root ? collect_elements(root_, pointer.substr(1), "", elements)
                            : collect_elements(element_, pointer, base_, elements);
    if (broken) return std::unexpected(std::move(*broken));
    return elements;
}

bool Scope::any_holds(const contract::Conditions& conditions) const {
    return std::ranges::any_of(conditions, [this](const auto& condition) {
        const auto value = at(condition.first);
        return value && is_value(*value, condition.second);
    });
}

bool Scope::all_hold(const contract::Conditions& conditions) const {
    return std::ranges::all_of(conditions, [this](const auto& condition) {
        const auto value = at(condition.first);
        return value && is_value(*value, condition.second);
    });
}

}  // namespace sluice::mapping
