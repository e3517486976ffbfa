#include "core/schedule/cron.hpp"

#include "core/schedule/cron_calendar.hpp"
#include "core/schedule/moments.hpp"

namespace sluice::schedule {

std::expected<Cron, std::string> Cron::parse(std::string_view expression, std::string_view zone) {
    const auto fields = parse_cron_fields(expression);
    if (!fields) return std::unexpected(fields.error());
    const auto found = Zone::find(zone);
    if (!found) return std::unexpected(found.error());
    return Cron(*fields, *found);
}

std::optional<std::int64_t> Cron::next_after(std::int64_t unix_ms) const {
    if (unix_ms >= latest_ms) return std::nullopt;
    const bool wildcard = fields_.minute.star || fields_.hour.star;
    return wildcard ? next_shown(within_limits(unix_ms)) : next_named(within_limits(unix_ms));
}

/// Goes along real time, from one change of the clocks to the next.
std::optional<std::int64_t> Cron::next_shown(std::int64_t unix_ms) const {
    for (std::int64_t from_ms = unix_ms + 1; from_ms < latest_ms;) {
        const Zone::Offset offset = zone_.offset_at(from_ms);
        const std::int64_t first_minute = floor_divide(from_ms + offset.offset_ms - 1, minute_ms) + 1;
        const auto minute = next_matching_minute(fields_, first_minute);
        if (!minute) return std::nullopt;
        const std::int64_t due_ms = *minute * minute_ms - offset.offset_ms;
        if (due_ms < offset.end_ms) return due_ms;
        from_ms = offset.end_ms;
    }
    return std::nullopt;
}

/// Goes along the wall clock of a day without changes, and asks the zone when it shows each matching time.
std::optional<std::int64_t> Cron::next_named(std::int64_t unix_ms) const {
    const std::int64_t local_ms = unix_ms + zone_.offset_at(unix_ms).offset_ms;
    for (std::int64_t from = floor_divide(local_ms, minute_ms) + 1;;) {
        const auto minute = next_matching_minute(fields_, from);
        if (!minute) return std::nullopt;
        const std::int64_t due_ms = zone_.first_moment_of(*minute * minute_ms);
        if (due_ms > unix_ms) return due_ms;
        from = *minute + 1;  // within a doubled hour: the first was before
    }
}

}  // namespace sluice::schedule
