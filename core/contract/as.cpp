#include "core/contract/as.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/base/text.hpp"
#include "core/base/timestamp.hpp"

namespace sluice::contract {

const std::vector<std::string>& as_names() {
    static const std::vector<std::string> names{"text", "integer", "decimal", "datetime", "email", "boolean", "date"};
    return names;
}

std::optional<std::int64_t> to_integer(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::string> to_email(std::string_view text) {
    const std::string_view inner = trim(text);
    const std::size_t at = inner.find('@');
    if (at == std::string_view::npos || at == 0 || at + 1 == inner.size() ||
        inner.find('@', at + 1) != std::string_view::npos)
        return std::nullopt;
    if (inner.find_first_of(" \t\r\n\v\f") != std::string_view::npos) return std::nullopt;
    return to_lower_ascii(inner);
}

std::optional<bool> to_boolean(std::string_view text) {
    if (text == "true") return true;
    if (text == "false") return false;
    return std::nullopt;
}

bool is_date(std::string_view text) {
    constexpr std::size_t date_bytes = 10;
    return text.size() == date_bytes && parse_rfc3339(std::string(text) + "T00:00:00Z").has_value();
}

std::optional<std::string> why_not(As as, std::string_view text) {
    constexpr std::size_t shown_bytes = 80;
    bool good = true;
    std::string_view expected;
    switch (as) {
        case As::text:
            return std::nullopt;
        case As::integer:
            good = to_integer(text).has_value();
            expected = "integer of 64 bits";
            break;
        case As::decimal:
            good = Decimal::parse(text).has_value();
            expected = "decimal number (like 12.50)";
            break;
        case As::datetime:
            good = parse_rfc3339(text).has_value();
            expected = "date-time with a zone (RFC 3339, like 2022-01-01T00:00:00Z)";
            break;
        case As::email:
            good = to_email(text).has_value();
            expected = "e-mail address";
            break;
        case As::boolean:
            good = to_boolean(text).has_value();
            expected = "boolean (true or false)";
            break;
        case As::date:
            good = is_date(text);
            expected = "date (like 2022-01-01)";
            break;
    }
    if (good) return std::nullopt;
    std::size_t shown = std::min(text.size(), shown_bytes);
    while (shown > 0 && shown < text.size() && (static_cast<unsigned char>(text[shown]) & 0xC0U) == 0x80U) --shown;
    return fmt::format("`{}{}` is no {}", text.substr(0, shown), shown < text.size() ? "..." : "", expected);
}

}  // namespace sluice::contract
