#pragma once
// A cron expression as the sets of numbers its five fields allow: crontab(5) of vixie cron, read strictly.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace sluice::schedule {

/// The numbers one field allows.
struct CronField {
    std::uint64_t numbers = 0;  ///< bit n: n is allowed
    /// `*` or `*/step` stands in it. Such a field is no restriction of the day, whatever its step (cron_calendar.hpp),
    /// and makes a wildcard schedule of its minute or hour (cron.hpp).
    bool star = false;

    bool has(unsigned number) const { return (numbers >> number & 1U) != 0; }
};

struct CronFields {
    CronField minute;        ///< 0 to 59
    CronField hour;          ///< 0 to 23
    CronField day_of_month;  ///< 1 to 31
    CronField month;         ///< 1 to 12
    CronField day_of_week;   ///< 0 (Sunday) to 6; a 7 is read as 0
};

/// Reads "minute hour day-of-month month day-of-week", separated by white space, or one of @hourly, @daily, @weekly,
/// @monthly and @yearly. A field is a list of `*`, numbers and rising ranges (`1-5`), each of the first and last with
/// an optional `/step`. Months and days have their English names too (`JAN`, `mon`); a range may end with Sunday
/// (`FRI-SUN`).
/// The error, for the operator, says which field, what was found and what would be right.
std::expected<CronFields, std::string> parse_cron_fields(std::string_view expression);

/// The day-of-week field alone: "mon-fri", "1,3,5", "*".
std::expected<CronField, std::string> parse_days_of_week(std::string_view text);

}  // namespace sluice::schedule
