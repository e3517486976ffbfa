#pragma once
// Lengths of time as people write them.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "core/schedule/moments.hpp"

namespace sluice::schedule {

inline constexpr std::int64_t shortest_every_ms = second_ms;
inline constexpr std::int64_t longest_every_ms = 366 * day_ms;

/// Milliseconds of "30s", "15m", "1h30m", "2d": whole numbers of days, hours, minutes and seconds, the largest unit
/// first, each unit once, no spaces; 1 s to 366 d in all. The error, for the operator, says what was found and what
/// would be right.
std::expected<std::int64_t, std::string> parse_duration(std::string_view text);

}  // namespace sluice::schedule
