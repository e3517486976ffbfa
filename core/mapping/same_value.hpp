#pragma once

#include <optional>

#include "core/json/json.hpp"

namespace sluice::mapping {

/// True where both are absent or null, or equal as JSON: numbers by value (1.0 is 1), objects whatever the order of
/// their members.
bool same_value(const std::optional<json::Value>& left, const std::optional<json::Value>& right);

}  // namespace sluice::mapping
