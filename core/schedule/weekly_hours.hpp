#pragma once
// Hours of a week on a wall clock: "mon-fri, 08:00 to 18:00 in Berlin".

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "core/schedule/cron_fields.hpp"
#include "core/schedule/zone.hpp"

namespace sluice::schedule {

/// A value; any thread.
///
/// What the clocks of the zone show decides: where they are set forward or back (daylight saving), hours are as much
/// shorter or longer as they show.
class WeeklyHours {
public:
    /// `days`: as the day-of-week field of a cron expression (cron_fields.hpp): "mon-fri", "mon,wed", "*". `from` and
    /// `to`: "08:00", from 00:00 to 23:59, and 24:00 as an end. Hours that end before they begin ("22:00" to "06:00")
    /// last into the next day and belong to the one they begin in. `zone`: as Zone::find reads it. The error, for the
    /// operator, says what was found and what would be right.
    static std::expected<WeeklyHours, std::string> parse(std::string_view days, std::string_view from,
                                                         std::string_view to, std::string_view zone);

    /// Whether a moment (any number; limits: moments.hpp) lies within: from the first millisecond of `from` to the last
    /// before `to`.
    bool contains(std::int64_t unix_ms) const;

private:
    WeeklyHours(CronField days, std::int64_t from_ms, std::int64_t to_ms, Zone zone)
        : days_(days), from_ms_(from_ms), to_ms_(to_ms), zone_(zone) {}

    CronField days_;
    std::int64_t from_ms_, to_ms_;  ///< since midnight on the wall clock
    Zone zone_;
};

}  // namespace sluice::schedule
