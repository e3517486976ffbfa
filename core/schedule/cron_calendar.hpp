#pragma once
// When a wall clock that never changes would show what the fields of a cron expression ask for.

#include <cstdint>
#include <optional>

#include "core/schedule/cron_fields.hpp"

namespace sluice::schedule {

/// The first matching minute at or after `local_minute`, both counted from 1970-01-01T00:00 on the wall clock.
/// A day matches by the classic rule of crontab(5): where neither day-of-month nor day-of-week has a `*`, either is
/// enough; else both must match (so `0 0 */2 * MON` is every Monday with an odd number).
/// Nothing where no day within 41 years matches (30 February): 29 February falls on each day of the week within 40.
std::optional<std::int64_t> next_matching_minute(const CronFields& fields, std::int64_t local_minute);

}  // namespace sluice::schedule
