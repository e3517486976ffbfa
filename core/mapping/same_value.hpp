#pragma once

#include <optional>
#include <string_view>

#include "core/json/json.hpp"

namespace sluice::mapping {

/// True where a text, a number (by value) or a boolean is what this text says; never for null, an array or an object.
bool is_value(const json::Value& value, std::string_view text);

/// True where both are absent or null, or equal as JSON: numbers by value (1.0 is 1), objects whatever the order of
/// their members.
bool same_value(const std::optional<json::Value>& left, const std::optional<json::Value>& right);

}  // namespace sluice::mapping
