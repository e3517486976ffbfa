#include "core/schedule/cron_calendar.hpp"

#include <date/date.h>

#include <bit>

#include "core/schedule/moments.hpp"

namespace sluice::schedule {
namespace {

constexpr std::int64_t minutes_per_day = 24 * 60;
constexpr std::int64_t most_days = 41 * 366;

bool matches_day(const CronFields& fields, date::local_days day) {
    const bool by_number = fields.day_of_month.has(static_cast<unsigned>(date::year_month_day(day).day()));
    const bool by_weekday = fields.day_of_week.has(date::weekday(day).c_encoding());
    const bool either = !fields.day_of_month.star && !fields.day_of_week.star;
    return either ? by_number || by_weekday : by_number && by_weekday;
}

/// The first number of the set that is at least `from`.
std::optional<unsigned> next_number(const CronField& field, unsigned from) {
    const std::uint64_t left = from < 64 ? field.numbers >> from << from : 0;
    if (left == 0) return std::nullopt;
    return static_cast<unsigned>(std::countr_zero(left));
}

/// The first matching minute of a day at or after `from`, both counted from midnight.
std::optional<unsigned> next_minute_of_day(const CronFields& fields, unsigned from) {
    const auto hour = next_number(fields.hour, from / 60);
    if (!hour) return std::nullopt;
    if (const auto minute = next_number(fields.minute, *hour == from / 60 ? from % 60 : 0)) return *hour * 60 + *minute;
    const auto next_hour = next_number(fields.hour, *hour + 1);
    if (!next_hour) return std::nullopt;
    return *next_hour * 60 + *next_number(fields.minute, 0);
}

}  // namespace

std::optional<std::int64_t> next_matching_minute(const CronFields& fields, std::int64_t local_minute) {
    const std::int64_t first_day = floor_divide(local_minute, minutes_per_day);
    auto from = static_cast<unsigned>(local_minute - first_day * minutes_per_day);
    date::local_days day{date::days(first_day)};
    const date::local_days end = day + date::days(most_days);
    while (day < end) {
        const date::year_month_day calendar(day);
        if (!fields.month.has(static_cast<unsigned>(calendar.month()))) {
            day = date::local_days((calendar.year() / calendar.month() + date::months(1)) / date::day(1));
            from = 0;
            continue;
        }
        if (matches_day(fields, day)) {
            if (const auto minute = next_minute_of_day(fields, from)) {
                return day.time_since_epoch().count() * minutes_per_day + *minute;
            }
        }
        day += date::days(1);
        from = 0;
    }
    return std::nullopt;
}

}  // namespace sluice::schedule
