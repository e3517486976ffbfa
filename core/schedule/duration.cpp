#include "core/schedule/duration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace sluice::schedule {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t length_ms;
};
constexpr std::array<Unit, 4> units = {{{"d", day_ms}, {"h", hour_ms}, {"m", minute_ms}, {"s", second_ms}}};

std::unexpected<std::string> no_duration(std::string_view text, std::string_view why) {
    return std::unexpected(
        fmt::format("duration `{}`: {}; right would be whole days, hours, minutes and seconds, such as `30s`, `15m`, "
                    "`1h30m` or `2d`",
                    text, why));
}

}  // namespace

std::expected<std::int64_t, std::string> parse_duration(std::string_view text) {
    if (text.empty()) return no_duration(text, "it is empty");
    std::int64_t total_ms = 0;
    auto next_unit = units.begin();
    for (std::string_view rest = text; !rest.empty();) {
        std::uint32_t number = 0;
        const auto [end, failure] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        if (failure == std::errc::invalid_argument) {
            return no_duration(text, fmt::format("a number must stand where `{}` begins", rest));
        }
        const auto digits = static_cast<std::size_t>(end - rest.data());
        const std::size_t length = std::min(rest.find_first_of("0123456789", digits), rest.size());
        const std::string_view unit_text = rest.substr(digits, length - digits);
        if (unit_text.empty()) return no_duration(text, fmt::format("`{}` has no unit", rest));
        const auto is_named = [unit_text](const Unit& unit) { return unit.name == unit_text; };
        if (std::ranges::none_of(units, is_named)) return no_duration(text, fmt::format("`{}` is no unit", unit_text));
        const auto unit = std::find_if(next_unit, units.end(), is_named);
        if (unit == units.end()) {
            return no_duration(text, fmt::format("`{}` must stand once, after the larger units", unit_text));
        }
        // What does not fit into 32 bits is too long in any unit.
        total_ms += failure == std::errc() ? number * unit->length_ms : longest_every_ms + 1;
        next_unit = unit + 1;
        rest.remove_prefix(length);
    }
    if (total_ms < shortest_every_ms || total_ms > longest_every_ms) {
        return std::unexpected(fmt::format("duration `{}` must be from 1s to 366d", text));
    }
    return total_ms;
}

}  // namespace sluice::schedule
