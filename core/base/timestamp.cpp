#include "core/base/timestamp.hpp"

#include <date/date.h>
#include <fmt/format.h>

#include <chrono>

#include "core/base/decimal.hpp"

namespace sluice {
namespace {

bool read_digits(std::string_view text, std::size_t at, std::size_t count, int& value) {
    if (text.size() < at + count) return false;
    value = 0;
    for (std::size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        value = value * 10 + (text[i] - '0');
    }
    return true;
}

bool has_any(std::string_view text, std::size_t at, std::string_view wanted) {
    return at < text.size() && wanted.find(text[at]) != std::string_view::npos;
}

using Milliseconds = std::chrono::milliseconds;

date::sys_time<Milliseconds> moment(std::int64_t unix_ms) {
    return date::sys_time<Milliseconds>(Milliseconds(unix_ms));
}

}  // namespace

std::optional<std::int64_t> parse_rfc3339(std::string_view text) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
    const bool shaped = read_digits(text, 0, 4, year) && has_any(text, 4, "-") && read_digits(text, 5, 2, month) &&
                        has_any(text, 7, "-") && read_digits(text, 8, 2, day) && has_any(text, 10, "Tt ") &&
                        read_digits(text, 11, 2, hour) && has_any(text, 13, ":") && read_digits(text, 14, 2, minute) &&
                        has_any(text, 16, ":") && read_digits(text, 17, 2, second);
    if (!shaped || hour > 23 || minute > 59 || second > 60) return std::nullopt;

    std::size_t at = 19;
    std::int64_t milliseconds = 0;
    if (has_any(text, at, ".")) {
        const std::size_t first = ++at;
        for (std::int64_t unit = 100; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, unit /= 10) {
            milliseconds += unit * (text[at] - '0');
        }
        if (at == first) return std::nullopt;
    }

    std::int64_t offset_minutes = 0;
    if (has_any(text, at, "Zz")) {
        ++at;
    } else if (has_any(text, at, "+-")) {
        int offset_hour = 0, offset_minute = 0;
        if (!read_digits(text, at + 1, 2, offset_hour) || !has_any(text, at + 3, ":") ||
            !read_digits(text, at + 4, 2, offset_minute) || offset_hour > 23 || offset_minute > 59) {
            return std::nullopt;
        }
        offset_minutes = offset_hour * 60 + offset_minute;
        if (text[at] == '-') offset_minutes = -offset_minutes;
        at += 6;
    } else {
        return std::nullopt;
    }
    if (at != text.size()) return std::nullopt;

    const auto calendar_day =
        date::year(year) / date::month(static_cast<unsigned>(month)) / date::day(static_cast<unsigned>(day));
    if (!calendar_day.ok()) return std::nullopt;
    const auto days = date::sys_days(calendar_day).time_since_epoch().count();
    const std::int64_t seconds = ((std::int64_t{days} * 24 + hour) * 60 + minute - offset_minutes) * 60 + second;
    return seconds * 1'000 + milliseconds;
}

std::string format_rfc3339(std::int64_t unix_ms) {
    return date::format("%FT%TZ", moment(unix_ms));
}

std::string format_odoo_datetime(std::int64_t unix_ms) {
    // By hand: date::format goes through a stream and its locale, which takes longer than mapping an order's line.
    const auto day = date::floor<date::days>(moment(unix_ms));
    const date::year_month_day calendar(day);
    const date::hh_mm_ss time(date::floor<std::chrono::seconds>(moment(unix_ms) - day));
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(calendar.year()),
                       static_cast<unsigned>(calendar.month()), static_cast<unsigned>(calendar.day()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

bool is_revision(std::string_view text) {
    return parse_rfc3339(text).has_value() || Decimal::parse(text).has_value();
}

int compare_revisions(std::string_view left, std::string_view right) {
    if (left == right) return 0;
    const auto left_mark = left.find(revision_tie_mark), right_mark = right.find(revision_tie_mark);
    if (left_mark != std::string_view::npos || right_mark != std::string_view::npos) {
        const int first = compare_revisions(left.substr(0, left_mark), right.substr(0, right_mark));
        // One that says no more than the revision is no older for it.
        if (first != 0 || left_mark == std::string_view::npos || right_mark == std::string_view::npos) return first;
        return compare_revisions(left.substr(left_mark + 1), right.substr(right_mark + 1));
    }
    if (left.empty() || right.empty()) return left.empty() ? -1 : 1;
    const auto left_time = parse_rfc3339(left);
    const auto right_time = parse_rfc3339(right);
    if (left_time && right_time) return *left_time < *right_time ? -1 : *left_time > *right_time ? 1 : 0;
    const auto left_number = Decimal::parse(left);
    const auto right_number = Decimal::parse(right);
    if (left_number && right_number) return *left_number < *right_number ? -1 : *left_number > *right_number ? 1 : 0;
    return left < right ? -1 : 1;
}

}  // namespace sluice
