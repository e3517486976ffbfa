#include "core/mapping/scope.hpp"

#include <algorithm>

#include "core/contract/as.hpp"
#include "core/mapping/same_value.hpp"

namespace sluice::mapping {
namespace {

using Legs = Scope::Legs;

Broken no_scalar(json::Value value, std::string pointer) {
    return {std::move(pointer), "a single value is expected; found " + describe(value.kind())};
}

bool is_container(const json::Value& value) {
    return value.kind() == json::Kind::array || value.kind() == json::Kind::object;
}

/// `trail` leads to `from`.
std::expected<std::optional<Decimal>, Broken> decimal_in(json::Value from, Legs legs, const Trail& trail) {
    const auto value = legs.front().path.follow(from);
    if (!value || value->is_null()) return std::nullopt;
    const auto here = [&] { return trail.text() + legs.front().text; };
    if (legs.size() == 1) {
        if (is_container(*value)) return std::unexpected(no_scalar(*value, here()));
        const std::string_view text = value->text();
        if (text.empty()) return std::nullopt;
        auto number = Decimal::parse(text);
        if (!number)
            return std::unexpected(Broken{here(), contract::why_not(contract::As::decimal, text).value_or("")});
        return std::move(*number);
    }
    if (value->kind() != json::Kind::array)
        return std::unexpected(Broken{here(), "an array is expected; found " + describe(value->kind())});
    Decimal sum;
    const Legs rest = legs.subspan(1);
    for (std::size_t i = 0; i < value->size(); ++i) {
        const Trail element{&trail, &legs.front().text, i};
        auto number = decimal_in(value->at(i), rest, element);
        if (!number) return number;
        if (*number) {
            sum = sum + **number;
        } else if (rest.size() == 1) {
            // An element without its amount must not be counted as nothing: the sum would be wrong without a word.
            return std::unexpected(Broken{element.text() + rest.front().text, std::string(absent_message)});
        }
    }
    return sum;
}

bool holds(const Scope& scope, const std::pair<Pointer, std::string>& condition) {
    const auto value = scope.at(condition.first);
    return value && is_value(*value, condition.second);
}

}  // namespace

std::string describe(json::Kind kind) {
    const std::string_view name = json::to_string(kind);
    return std::string(name.starts_with('a') || name.starts_with('o') ? "an " : "a ") + std::string(name);
}

std::string Trail::text() const {
    return before == nullptr ? std::string() : before->text() + *array + '/' + std::to_string(index);
}

Place Scope::place(const Trail& trail, std::string_view tail) {
    if (trail.before == nullptr) return Place::borrowed(tail);
    if (trail.before->before == nullptr) return Place::in_element(*trail.array, trail.index, tail);
    return trail.text().append(tail);
}

Broken Scope::no_array(const json::Value& value, const Trail& trail, const std::string& leg) {
    return {trail.text() + leg, "an array is expected; found " + describe(value.kind())};
}

std::optional<std::string_view> Scope::config(const std::string& key) const {
    const auto found = config_->find(key);
    if (found == config_->end() || found->second.empty()) return std::nullopt;
    return found->second;
}

std::expected<std::optional<std::string_view>, Broken> Scope::text_at(const Pointer& pointer) const {
    const auto value = at(pointer);
    if (!value || value->is_null()) return std::nullopt;
    if (is_container(*value)) return std::unexpected(no_scalar(*value, absolute(pointer)));
    if (value->text().empty()) return std::nullopt;
    return value->text();
}

std::expected<std::optional<Decimal>, Broken> Scope::decimal_at(const Pointer& pointer) const {
    return decimal_in(origin(pointer), Legs(pointer.legs()), trail_of(pointer));
}

bool Scope::any_holds(const contract::Conditions& conditions) const {
    return std::ranges::any_of(conditions, [this](const auto& condition) { return holds(*this, condition); });
}

bool Scope::all_hold(const contract::Conditions& conditions) const {
    return std::ranges::all_of(conditions, [this](const auto& condition) { return holds(*this, condition); });
}

}  // namespace sluice::mapping
