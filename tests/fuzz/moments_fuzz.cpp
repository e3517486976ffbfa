// Any text as a date, a moment or a number: a format, a line feed, a text.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/base/decimal.hpp"
#include "core/base/timestamp.hpp"
#include "core/contract/as.hpp"
#include "core/mapping/moment.hpp"
#include "core/schedule/moments.hpp"

namespace {

using namespace sluice;

void expect(bool holds) {
    if (!holds) std::abort();
}

void read_as_moment(std::string_view text, const contract::Clock& clock) {
    const auto moment = mapping::read_moment(text, clock);
    if (moment) {
        expect(parse_rfc3339(format_odoo_datetime(*moment) + "Z").has_value());
        // Before that a zone may be minutes and seconds ahead of UTC, which no offset says; zones end before the year
        // 9999.
        if (*moment < schedule::earliest_ms + 40 * 365 * schedule::day_ms || *moment >= schedule::latest_ms) return;
        const contract::Clock plain{.format = "", .zone = clock.zone};
        const auto again = mapping::read_moment(mapping::write_moment(*moment, plain), plain);
        const auto minute = [](std::int64_t unix_ms) { return schedule::floor_divide(unix_ms, schedule::minute_ms); };
        expect(again.has_value() && minute(*again) == minute(*moment));
    }
    const auto day = mapping::read_date(text, clock);
    if (day) expect(contract::is_date(*day));
}

void read_as_number(std::string_view text) {
    const auto number = Decimal::parse(text);
    if (!number) return;
    const auto again = Decimal::parse(number->to_string());
    expect(!again || *again == *number);
    for (const Rounding rounding : {Rounding::half_even, Rounding::half_up, Rounding::down, Rounding::up}) {
        const Decimal rounded = number->round(2, rounding);
        expect(rounded.round(2, rounding) == rounded);
        expect((-*number).round(2, rounding) == -rounded);
        const Decimal off = rounded > *number ? rounded - *number : *number - rounded;
        expect(off < Decimal::scaled(1, 2));
    }
    expect(*number + *number - *number == *number);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos || end > 100) return 0;
    const std::string format(bytes.substr(0, end));
    const std::string_view text = bytes.substr(end + 1);
    static const auto brussels = *schedule::Zone::find("Europe/Brussels");
    read_as_moment(text, {.format = "", .zone = {}});
    read_as_moment(text, {.format = "", .zone = brussels});
    if (format.find('%') != std::string::npos || format == "unix" || format == "unix_ms")
        read_as_moment(text, {.format = format, .zone = brussels});
    read_as_number(text);
    return 0;
}
