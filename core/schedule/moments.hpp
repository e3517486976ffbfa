#pragma once
// The time schedules know. Every moment in this room is in milliseconds since the Unix epoch, UTC.

#include <algorithm>
#include <cstdint>

namespace sluice::schedule {

inline constexpr std::int64_t second_ms = 1'000;
inline constexpr std::int64_t minute_ms = 60 * second_ms;
inline constexpr std::int64_t hour_ms = 60 * minute_ms;
inline constexpr std::int64_t day_ms = 24 * hour_ms;

/// 1900-01-01T00:00:00Z.
inline constexpr std::int64_t earliest_ms = -25'567 * day_ms;
/// 9999-01-01T00:00:00Z. Any number may be asked about: one from here on has no next due moment, and one before the
/// earliest counts as the earliest, so that no sum of moments overflows.
inline constexpr std::int64_t latest_ms = 2'932'532 * day_ms;

inline std::int64_t within_limits(std::int64_t unix_ms) {
    return std::clamp(unix_ms, earliest_ms, latest_ms);
}

/// The largest whole number not above `dividend` / `divisor`, before 1970 too; `divisor` > 0.
inline std::int64_t floor_divide(std::int64_t dividend, std::int64_t divisor) {
    return dividend / divisor - (dividend % divisor < 0 ? 1 : 0);
}

}  // namespace sluice::schedule
