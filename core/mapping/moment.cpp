#include "core/mapping/moment.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <chrono>
#include <locale>
#include <optional>
#include <sstream>

#include "core/base/text.hpp"
#include "core/base/timestamp.hpp"
#include "core/contract/as.hpp"
#include "core/schedule/moments.hpp"

namespace sluice::mapping {
namespace {

using contract::Clock;
using std::chrono::milliseconds;
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

std::expected<std::int64_t, std::string> read_unix(std::string_view text, std::int64_t unit_ms) {
    const auto number = contract::to_integer(text);
    if (!number) return unreadable(text, "whole number of a Unix time");
    if (*number > schedule::latest_ms / unit_ms || *number < schedule::earliest_ms / unit_ms)
        return unreadable(text, "moment from 1900 to 9998");
    return *number * unit_ms;
}

std::expected<Reading, std::string> read_format(std::string_view text, const std::string& format) {
    std::istringstream in{std::string(text)};
    in.imbue(std::locale::classic());
    date::fields<milliseconds> fields;
    std::string abbreviation;
    std::chrono::minutes offset{};
    date::from_stream(in, format.c_str(), fields, &abbreviation, &offset);
    if (in.fail() || in.peek() != std::istringstream::traits_type::eof() || !fields.ymd.ok())
        return unreadable(text, fmt::format("date or time like `{}`", format));
    const bool has_time = fields.has_tod;
    const auto time = has_time ? fields.tod.to_duration() : milliseconds(0);
    Reading reading{.local_ms = (date::sys_days(fields.ymd).time_since_epoch() + time).count(), .offset_ms = {}};
    if (format.find("%z") != std::string::npos || format.find("%Ez") != std::string::npos)
        reading.offset_ms = milliseconds(offset).count();
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

date::sys_time<milliseconds> as_local(std::int64_t unix_ms, const Clock& clock) {
    const std::int64_t offset_ms = clock.zone ? clock.zone->offset_at(unix_ms).offset_ms : 0;
    return date::sys_time<milliseconds>(milliseconds(unix_ms + offset_ms));
}

std::string day_of(std::int64_t local_ms) {
    return format_odoo_datetime(local_ms).substr(0, 10);
}

std::string formatted(date::sys_time<milliseconds> local, std::int64_t offset_ms, const std::string& format) {
    std::ostringstream out;
    out.imbue(std::locale::classic());
    const std::string abbreviation = "UTC";
    const auto offset = std::chrono::seconds(offset_ms / 1'000);
    date::to_stream(out, format.c_str(),
                    date::local_seconds(date::floor<std::chrono::seconds>(local).time_since_epoch()), &abbreviation,
                    &offset);
    return out.str();
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
    if (const auto moment = parse_rfc3339(text)) return *moment;
    if (!clock.zone) return unreadable(text, moment_shape);
    const auto reading = read_local(text);
    if (!reading) return unreadable(text, "date-time (like 2022-01-01T00:00:00)");
    return moment_of(*reading, clock, text);
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
        return day_of(as_local(*local - *reading->offset_ms, clock).time_since_epoch().count());
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
    return day_of(as_local(*safe, clock).time_since_epoch().count());
}

std::expected<std::int64_t, std::string> read_odoo_moment(std::string_view text) {
    if (const auto moment = parse_rfc3339(text)) return *moment;
    const auto reading = read_local(text);
    if (!reading) return unreadable(text, "date-time of Odoo's (like 2022-01-01 00:00:00)");
    return reading->local_ms;
}

std::string write_moment(std::int64_t unix_ms, const Clock& clock) {
    if (clock.format == Clock::unix_seconds)
        return std::to_string(schedule::floor_divide(unix_ms, schedule::second_ms));
    if (clock.format == Clock::unix_milliseconds) return std::to_string(unix_ms);
    const auto local = as_local(unix_ms, clock);
    const std::int64_t offset_ms = local.time_since_epoch().count() - unix_ms;
    if (!clock.format.empty()) return formatted(local, offset_ms, clock.format);
    return formatted(local, offset_ms, clock.zone ? "%FT%T%Ez" : "%FT%TZ");
}

std::string write_date(std::string_view date, const Clock& clock) {
    if (clock.format.empty()) return std::string(date);
    const auto reading = read_local(date);
    if (!reading) return std::string(date);
    return formatted(date::sys_time<milliseconds>(milliseconds(reading->local_ms)), 0, clock.format);
}

}  // namespace sluice::mapping
