#include "core/telemetry/log_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace sluice::telemetry {

namespace {

/// One character of UTF-8 at the start of `text`: its code point and length, or length 0 where the bytes are none.
struct Character {
    std::uint32_t code = 0;
    std::size_t length = 0;
};

Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {};
    std::uint32_t code = lead & (0xffU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return {};
        code = (code << 6) | (byte(i) & 0x3fU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    if (overlong || surrogate || code > 0x10ffff) return {};
    return {code, length};
}

/// Controls, line and paragraph separators, and marks that make a terminal show text in another order than it has.
bool is_dangerous(std::uint32_t code) {
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x61c || code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

/// The inside of a JSON string.
std::string escape(std::string_view value) {
    std::string out;
    out.reserve(value.size());
    const bool cut = value.size() > Logger::max_value_bytes;
    std::size_t at = 0;
    while (at < value.size() && (!cut || at < Logger::max_value_bytes)) {
        const Character next = first_character(value.substr(at));
        if (next.length == 0) {
            out += "\\ufffd";
            ++at;
            continue;
        }
        if (next.code == '"' || next.code == '\\') {
            out += '\\';
            out += static_cast<char>(next.code);
        } else if (next.code == '\n') {
            out += "\\n";
        } else if (next.code == '\t') {
            out += "\\t";
        } else if (next.code == '\r') {
            out += "\\r";
        } else if (is_dangerous(next.code)) {
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", next.code);
        } else {
            out += value.substr(at, next.length);
        }
        at += next.length;
    }
    if (cut) out += "...";
    return out;
}

/// A value that a reader of key=value takes whole without quotes.
bool is_plain_word(std::string_view value) {
    constexpr std::string_view marks = "-_.:/+@#,";
    return !value.empty() && value.size() <= Logger::max_value_bytes && std::ranges::all_of(value, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || marks.contains(c);
    });
}

}  // namespace

void LogLine::add_key(std::string_view key) {
    const bool json = format_ == Format::json;
    if (json) {
        text_ += text_.empty() ? "{\"" : ",\"";
    } else if (!text_.empty()) {
        text_ += ' ';
    }
    std::ranges::transform(key, std::back_inserter(text_), [](char c) {
        const bool good = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
        return good ? c : '_';
    });
    text_ += json ? "\":" : "=";
}

void LogLine::add(std::string_view key, std::string_view value) {
    add_key(key);
    if (format_ == Format::key_value && is_plain_word(value)) {
        text_ += value;
        return;
    }
    text_ += '"';
    text_ += escape(value);
    text_ += '"';
}

void LogLine::add(std::string_view key, std::int64_t value) {
    add_key(key);
    text_ += std::to_string(value);
}

std::string LogLine::finish() && {
    if (format_ == Format::json) text_ += text_.empty() ? "{}" : "}";
    return std::move(text_);
}

}  // namespace sluice::telemetry
