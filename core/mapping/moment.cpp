#include "core/mapping/moment.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <array>
#include <ctime>
#include <limits>
#include <optional>

#include "core/base/text.hpp"
#include "core/base/timestamp.hpp"
#include "core/contract/as.hpp"
#include "core/schedule/moments.hpp"

namespace sluice::mapping {
namespace {

using contract::Clock;
using Problem = std::unexpected<std::string>;

/// What a text says of the wall clock, and of its distance from UTC.
struct Reading {
    std::int64_t local_ms = 0;
    std::optional<std::int64_t> offset_ms;
};

Problem unreadable(std::string_view text, std::string_view expected) {
    return Problem(fmt::format("`{}` is no {}", text.substr(0, 80), expected));
}

std::expected<std::int64_t, std::string> within_limits(std::int64_t unix_ms, std::string_view text) {
    if (unix_ms < schedule::earliest_ms || unix_ms >= schedule::latest_ms)
        return unreadable(text, "moment from 1900 to 9998");
    return unix_ms;
}

/// What Odoo can hold: its own distance from UTC may put a moment of the year 9999 behind it.
std::expected<std::int64_t, std::string> within_calendar(std::int64_t unix_ms, std::string_view text) {
    constexpr auto first = date::sys_days(date::year(1) / 1 / 1), end = date::sys_days(date::year(10'000) / 1 / 1);
    if (unix_ms < first.time_since_epoch().count() * schedule::day_ms ||
        unix_ms >= end.time_since_epoch().count() * schedule::day_ms)
        return unreadable(text, "moment of the years 1 to 9999");
    return unix_ms;
}

std::expected<std::int64_t, std::string> read_unix(std::string_view text, std::int64_t unit_ms) {
    const auto number = contract::to_integer(text);
    if (!number) return unreadable(text, "whole number of a Unix time");
    if (*number > schedule::latest_ms / unit_ms || *number < schedule::earliest_ms / unit_ms)
        return unreadable(text, "moment from 1900 to 9998");
    return *number * unit_ms;
}

bool has_offset(const std::string& format) {
    return format.find("%z") != std::string::npos;
}

/// By strptime, which takes any text; date's from_stream turns some into undefined behaviour.
std::expected<Reading, std::string> read_format(std::string_view text, const std::string& format) {
    constexpr int unset = -1;
    std::tm fields{};
    fields.tm_year = std::numeric_limits<int>::min();
    fields.tm_mon = fields.tm_mday = unset;
    const std::string whole(text);
    const char* end = strptime(whole.c_str(), format.c_str(), &fields);
    const bool all_read = end == whole.c_str() + whole.size();
    constexpr int first_year = 1900;
    if (!all_read || fields.tm_year < 0 || fields.tm_mon == unset || fields.tm_mday == unset)
        return unreadable(text, fmt::format("date or time like `{}`", format));
    const auto day = date::year(first_year + fields.tm_year) / (fields.tm_mon + 1) / fields.tm_mday;
    if (!day.ok()) return unreadable(text, "day there was");
    const std::int64_t seconds = (fields.tm_hour * 60LL + fields.tm_min) * 60 + fields.tm_sec;
    Reading reading{
        .local_ms = date::sys_days(day).time_since_epoch().count() * schedule::day_ms + seconds * schedule::second_ms,
        .offset_ms = {}};
    if (has_offset(format)) reading.offset_ms = fields.tm_gmtoff * schedule::second_ms;
    return reading;
}

/// "2024-02-29", with "T" or a space and "23:30", ":00" and a fraction behind it as far as they are there.
std::optional<Reading> read_local(std::string_view text) {
    constexpr std::size_t date_bytes = 10, minutes_bytes = 16;
    std::string whole(text);
    if (text.size() == date_bytes)
        whole += "T00:00:00Z";
    else if (text.size() == minutes_bytes)
        whole += ":00Z";
    else
        whole += "Z";
    const auto moment = parse_rfc3339(whole);
    if (!moment) return std::nullopt;
    return Reading{.local_ms = *moment, .offset_ms = {}};
}

std::expected<std::int64_t, std::string> moment_of(const Reading& reading, const Clock& clock, std::string_view text) {
    if (reading.offset_ms) return within_limits(reading.local_ms - *reading.offset_ms, text);
    const auto local = within_limits(reading.local_ms, text);
    return local && clock.zone ? clock.zone->first_moment_of(*local) : local;
}

std::int64_t as_local(std::int64_t unix_ms, const Clock& clock) {
    return unix_ms + (clock.zone ? clock.zone->offset_at(unix_ms).offset_ms : 0);
}

std::string day_of(std::int64_t local_ms) {
    return format_odoo_datetime(local_ms).substr(0, 10);
}

/// `local` is what the zone's clocks show, so far ahead of UTC.
std::string formatted(std::int64_t local_ms, std::int64_t offset_ms, const std::string& format) {
    constexpr std::size_t longest = 512;
    const std::time_t seconds = schedule::floor_divide(local_ms, schedule::second_ms);
    std::tm fields{};
    gmtime_r(&seconds, &fields);
    fields.tm_gmtoff = offset_ms / schedule::second_ms;
    std::array<char, longest> text{};
    return {text.data(), std::strftime(text.data(), text.size(), format.c_str(), &fields)};
}

/// "+01:00"; "Z" for UTC without a zone.
std::string offset_text(std::int64_t offset_ms) {
    const std::int64_t minutes = (offset_ms < 0 ? -offset_ms : offset_ms) / schedule::minute_ms;
    return fmt::format("{}{:02}:{:02}", offset_ms < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

constexpr std::string_view moment_shape = "date-time with a zone (RFC 3339, like 2022-01-01T00:00:00Z)";

}  // namespace

std::expected<std::int64_t, std::string> read_moment(std::string_view text, const Clock& clock) {
    if (clock.format == Clock::unix_seconds) return read_unix(text, schedule::second_ms);
    if (clock.format == Clock::unix_milliseconds) return read_unix(text, 1);
    if (!clock.format.empty()) {
        const auto reading = read_format(text, clock.format);
        if (!reading) return Problem(reading.error());
        return moment_of(*reading, clock, text);
    }
    if (const auto moment = parse_rfc3339(text)) return within_calendar(*moment, text);
    if (!clock.zone) return unreadable(text, moment_shape);
    const auto reading = read_local(text);
    if (!reading) return unreadable(text, "date-time (like 2022-01-01T00:00:00)");
    return moment_of(*reading, clock, text);
}

std::string day_after(std::string_view date) {
    constexpr std::int64_t day_ms = 86'400'000;
    constexpr std::size_t date_bytes = 10;
    const auto next = parse_rfc3339(std::string(date) + "T00:00:00Z").value_or(0) + day_ms;
    return format_odoo_datetime(next).substr(0, date_bytes);
}

std::expected<std::string, std::string> read_date(std::string_view text, const Clock& clock) {
    constexpr std::size_t date_bytes = 10;
    const bool is_unix = clock.format == Clock::unix_seconds || clock.format == Clock::unix_milliseconds;
    if (!clock.format.empty() && !is_unix) {
        const auto reading = read_format(text, clock.format);
        if (!reading) return Problem(reading.error());
        const auto local = within_limits(reading->local_ms, text);
        if (!local) return Problem(local.error());
        if (!reading->offset_ms || !clock.zone) return day_of(*local);
        return day_of(as_local(*local - *reading->offset_ms, clock));
    }
    if (!is_unix) {
        if (text.size() == date_bytes && read_local(text)) return std::string(text);
        const bool is_moment = parse_rfc3339(text).has_value();
        if (!is_moment && !read_local(text)) return unreadable(text, "date (like 2022-01-01)");
        if (!is_moment || !clock.zone) return std::string(text.substr(0, date_bytes));
    }
    const auto moment = read_moment(text, clock);
    if (!moment) return Problem(moment.error());
    const auto safe = within_limits(*moment, text);
    if (!safe) return Problem(safe.error());
    return day_of(as_local(*safe, clock));
}

std::expected<std::int64_t, std::string> read_odoo_moment(std::string_view text) {
    if (const auto moment = parse_rfc3339(text)) return within_limits(*moment, text);
    const auto reading = read_local(text);
    if (!reading) return unreadable(text, "date-time of Odoo's (like 2022-01-01 00:00:00)");
    return within_limits(reading->local_ms, text);
}

std::string write_moment(std::int64_t unix_ms, const Clock& clock) {
    if (clock.format == Clock::unix_seconds)
        return std::to_string(schedule::floor_divide(unix_ms, schedule::second_ms));
    if (clock.format == Clock::unix_milliseconds) return std::to_string(unix_ms);
    const std::int64_t local_ms = as_local(unix_ms, clock);
    const std::int64_t offset_ms = local_ms - unix_ms;
    if (!clock.format.empty()) return formatted(local_ms, offset_ms, clock.format);
    return formatted(local_ms, offset_ms, "%FT%T") + (clock.zone ? offset_text(offset_ms) : "Z");
}

std::string write_date(std::string_view date, const Clock& clock) {
    if (clock.format.empty()) return std::string(date);
    const auto reading = read_local(date);
    if (!reading) return std::string(date);
    return formatted(reading->local_ms, 0, clock.format);
}

}  // namespace sluice::mapping
