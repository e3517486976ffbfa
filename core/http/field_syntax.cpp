#include "core/http/field_syntax.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace sluice::http {

bool is_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || marks.contains(c);
    });
}

bool is_field_value(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
}

bool is_request_target(std::string_view text) {
    return text.starts_with('/') && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_framing_header(std::string_view name) {
    const std::string lower = to_lower_ascii(name);
    return lower == "host" || lower == "content-length" || lower == "connection" || lower == "transfer-encoding";
}

}  // namespace sluice::http
