#include "core/schedule/weekly_hours.hpp"

#include <fmt/format.h>

#include <optional>

#include "core/schedule/moments.hpp"

namespace sluice::schedule {
namespace {

std::optional<std::int64_t> two_digits(std::string_view text) {
    if (text.size() != 2 || text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return std::nullopt;
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/// Milliseconds since midnight of "HH:MM", up to 24:00.
std::optional<std::int64_t> time_of_day(std::string_view text) {
    if (text.size() != 5 || text[2] != ':') return std::nullopt;
    const auto hour = two_digits(text.substr(0, 2)), minute = two_digits(text.substr(3));
    if (!hour || !minute || *minute > 59) return std::nullopt;
    const auto at_ms = *hour * hour_ms + *minute * minute_ms;
    return at_ms <= day_ms ? std::optional(at_ms) : std::nullopt;
}

std::unexpected<std::string> no_time(std::string_view what, std::string_view found) {
    return std::unexpected(fmt::format("`{}` must be a time of day such as \"08:00\"; found `{}`", what, found));
}

}  // namespace

std::expected<WeeklyHours, std::string> WeeklyHours::parse(std::string_view days, std::string_view from,
                                                           std::string_view to, std::string_view zone) {
    const auto field = parse_days_of_week(days);
    if (!field) return std::unexpected(field.error());
    const auto from_ms = time_of_day(from), to_ms = time_of_day(to);
    if (!from_ms || *from_ms == day_ms) return no_time("from", from);
    if (!to_ms) return no_time("to", to);
    if (*from_ms == *to_ms) {
        return std::unexpected(fmt::format(
            "hours from {} to {} are none; for the whole day give `from` \"00:00\" and `to` \"24:00\"", from, to));
    }
    const auto found = Zone::find(zone);
    if (!found) return std::unexpected(found.error());
    return WeeklyHours(*field, *from_ms, *to_ms, *found);
}

bool WeeklyHours::contains(std::int64_t unix_ms) const {
    unix_ms = within_limits(unix_ms);
    const auto local_ms = unix_ms + zone_.offset_at(unix_ms).offset_ms;
    const auto day = floor_divide(local_ms, day_ms);
    const auto shown_ms = local_ms - day * day_ms;
    // 1970-01-01 was a Thursday.
    const auto is_on = [&](std::int64_t of_day) {
        const auto weekday = of_day + 4 - 7 * floor_divide(of_day + 4, 7);
        return days_.has(static_cast<unsigned>(weekday));
    };
    if (from_ms_ < to_ms_) return is_on(day) && from_ms_ <= shown_ms && shown_ms < to_ms_;
    return (is_on(day) && from_ms_ <= shown_ms) || (is_on(day - 1) && shown_ms < to_ms_);
}

}  // namespace sluice::schedule
