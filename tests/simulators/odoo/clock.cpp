#include "tests/simulators/odoo/clock.hpp"

#include <date/tz.h>

#include <array>
#include <chrono>
#include <cstdio>

#include "tests/simulators/odoo/odoo_error.hpp"

namespace sluice::sim {

namespace {

constexpr Micros kSecond = 1'000'000;

struct Parts {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micro = 0;
};

Parts to_parts(Micros instant) {
    const auto point = date::sys_time<std::chrono::microseconds>{std::chrono::microseconds{instant}};
    const auto day = date::floor<date::days>(point);
    const date::year_month_day ymd{day};
    const date::hh_mm_ss<std::chrono::microseconds> clock{point - day};
    return {static_cast<int>(ymd.year()),
            static_cast<int>(static_cast<unsigned>(ymd.month())),
            static_cast<int>(static_cast<unsigned>(ymd.day())),
            static_cast<int>(clock.hours().count()),
            static_cast<int>(clock.minutes().count()),
            static_cast<int>(clock.seconds().count()),
            static_cast<int>(clock.subseconds().count())};
}

std::optional<Micros> from_parts(const Parts& parts) {
    const date::year_month_day ymd{date::year{parts.year}, date::month{static_cast<unsigned>(parts.month)},
                                   date::day{static_cast<unsigned>(parts.day)}};
    if (!ymd.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 59) return std::nullopt;
    const auto days = date::sys_days{ymd}.time_since_epoch().count();
    const Micros seconds = static_cast<Micros>(days) * 86400 + parts.hour * 3600 + parts.minute * 60 + parts.second;
    return seconds * kSecond + parts.micro;
}

// Reads up to `width` digits, at least one.
bool read_number(std::string_view& text, std::size_t width, int& out) {
    std::size_t used = 0;
    out = 0;
    while (used < width && used < text.size() && text[used] >= '0' && text[used] <= '9') {
        out = out * 10 + (text[used++] - '0');
    }
    text.remove_prefix(used);
    return used > 0;
}

bool read_char(std::string_view& text, char expected) {
    if (text.empty() || text.front() != expected) return false;
    text.remove_prefix(1);
    return true;
}

bool read_date(std::string_view& text, Parts& parts) {
    return read_number(text, 4, parts.year) && read_char(text, '-') && read_number(text, 2, parts.month) &&
           read_char(text, '-') && read_number(text, 2, parts.day);
}

// strptime with one of '%Y-%m-%d[ %H[:%M[:%S]]]'; `rest` tells what was left over.
std::optional<Micros> strptime(std::string_view text, std::string_view format, std::string_view& rest) {
    Parts parts;
    bool good = read_date(text, parts);
    if (good && format.size() >= 11) good = read_char(text, ' ') && read_number(text, 2, parts.hour);
    if (good && format.size() >= 14) good = read_char(text, ':') && read_number(text, 2, parts.minute);
    if (good && format.size() >= 17) good = read_char(text, ':') && read_number(text, 2, parts.second);
    rest = text;
    return good ? from_parts(parts) : std::nullopt;
}

}  // namespace

Clock system_clock_us() {
    return [] {
        const auto now = std::chrono::system_clock::now().time_since_epoch();
        return static_cast<Micros>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
    };
}

std::string stamp_text(Micros instant) {
    const Parts p = to_parts(instant);
    std::array<char, 96> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%04d-%02d-%02d %02d:%02d:%02d.%06d", p.year, p.month, p.day, p.hour,
                  p.minute, p.second, p.micro);
    return buffer.data();
}

std::string wire_datetime(std::string_view stored) {
    return std::string(stored.substr(0, 19));
}

std::string http_date(Micros instant) {
    static constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Parts p = to_parts(instant);
    const auto days =
        date::floor<date::days>(date::sys_time<std::chrono::microseconds>{std::chrono::microseconds{instant}});
    const auto weekday = date::weekday{days}.c_encoding();
    std::array<char, 96> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[weekday], p.day,
                  kMonths[static_cast<std::size_t>(p.month - 1)], p.year, p.hour, p.minute, p.second);
    return buffer.data();
}

std::optional<Micros> parse_timestamp(std::string_view text) {
    Parts parts;
    if (!read_date(text, parts)) return std::nullopt;
    if (!text.empty()) {
        if (!read_char(text, ' ') && !read_char(text, 'T')) return std::nullopt;
        if (!read_number(text, 2, parts.hour) || !read_char(text, ':') || !read_number(text, 2, parts.minute)) {
            return std::nullopt;
        }
        if (read_char(text, ':') && !read_number(text, 2, parts.second)) return std::nullopt;
        if (read_char(text, '.')) {
            const std::size_t before = text.size();
            if (!read_number(text, 6, parts.micro)) return std::nullopt;
            for (std::size_t width = before - text.size(); width < 6; ++width) parts.micro *= 10;
        }
        read_char(text, 'Z');
    }
    return text.empty() ? from_parts(parts) : std::nullopt;
}

std::string to_datetime_strict(std::string_view text) {
    static constexpr std::string_view kFormat = "%Y-%m-%d %H:%M:%S";
    // Odoo cuts the format to the value's length: '%Y-%m-%d' for ten characters.
    const auto format = kFormat.substr(0, text.size() < 2 ? kFormat.size() : text.size() - 2);
    std::string_view rest;
    const auto instant = strptime(text, format, rest);
    if (!instant || (format.size() != 8 && format.size() != 11 && format.size() != 14 && format.size() != 17)) {
        throw value_error("time data " + py_repr(json::value(text)) + " does not match format '" + std::string(format) +
                          "'");
    }
    if (rest == "Z") {
        throw value_error("time data " + py_repr(json::value(text)) + " does not match format '" + std::string(format) +
                          "'");
    }
    if (!rest.empty()) throw value_error("unconverted data remains: " + std::string(rest));
    return wire_datetime(stamp_text(*instant));
}

std::string to_date_strict(std::string_view text) {
    const auto head = text.substr(0, 10);
    std::string_view rest;
    const auto instant = strptime(head, "%Y-%m-%d", rest);
    if (!instant || !rest.empty()) {
        throw value_error("time data " + py_repr(json::value(head)) + " does not match format '%Y-%m-%d'");
    }
    return stamp_text(*instant).substr(0, 10);
}

bool is_known_zone(const std::string& zone) {
    try {
        return date::locate_zone(zone) != nullptr;
    } catch (const std::runtime_error&) {
        return false;
    }
}

Micros local_to_utc(Micros naive, const std::string& zone) {
    if (zone.empty() || zone == "UTC" || !is_known_zone(zone)) return naive;
    const auto local = date::local_time<std::chrono::microseconds>{std::chrono::microseconds{naive}};
    // pytz.localize(is_dst=False): the later of two offsets' instants, standard time in an overlap.
    const auto info = date::locate_zone(zone)->get_info(local);
    const auto offset = info.result == date::local_info::ambiguous ? info.second.offset : info.first.offset;
    return naive - std::chrono::duration_cast<std::chrono::microseconds>(offset).count();
}

}  // namespace sluice::sim
