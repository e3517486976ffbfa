#include "tests/simulators/odoo/value.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace sluice::sim {

bool truthy(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return false;
        case json::kind::bool_:
            return value.get_bool();
        case json::kind::int64:
            return value.get_int64() != 0;
        case json::kind::uint64:
            return value.get_uint64() != 0;
        case json::kind::double_:
            return value.get_double() != 0.0;
        case json::kind::string:
            return !value.get_string().empty();
        case json::kind::array:
            return !value.get_array().empty();
        case json::kind::object:
            return !value.get_object().empty();
    }
    return false;
}

bool is_empty(const json::value& value) {
    return value.is_null() || (value.is_bool() && !value.get_bool());
}

std::optional<std::int64_t> as_id(const json::value& value) {
    if (value.is_int64()) return value.get_int64();
    return std::nullopt;
}

double as_double(const json::value& value) {
    if (value.is_double()) return value.get_double();
    if (value.is_int64()) return static_cast<double>(value.get_int64());
    if (value.is_uint64()) return static_cast<double>(value.get_uint64());
    if (value.is_bool()) return value.get_bool() ? 1.0 : 0.0;
    return 0.0;
}

std::string as_text(const json::value& value) {
    if (value.is_string()) return std::string(value.get_string());
    return is_empty(value) ? std::string() : py_str(value);
}

Ids as_ids(const json::value& value) {
    Ids ids;
    if (const auto id = as_id(value)) ids.push_back(*id);
    if (value.is_array()) {
        for (const auto& item : value.get_array()) {
            if (const auto id = as_id(item)) ids.push_back(*id);
        }
    }
    return ids;
}

json::array to_array(const Ids& ids) {
    json::array array;
    array.reserve(ids.size());
    for (const auto id : ids) array.emplace_back(id);
    return array;
}

std::string py_float(double number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
    std::array<char, 64> buffer{};
    const double magnitude = std::fabs(number);
    const bool scientific = magnitude != 0.0 && (magnitude >= 1e16 || magnitude < 1e-4);
    const auto format = scientific ? std::chars_format::scientific : std::chars_format::fixed;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, format).ptr;
    std::string text(buffer.data(), end);
    if (!scientific && text.find('.') == std::string::npos) text += ".0";
    return text;
}

namespace {

void append_escape(std::string& out, unsigned code) {
    static constexpr std::string_view kHex = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += kHex[(code >> shift) & 0xFU];
}

// Decodes one UTF-8 sequence; Boost.JSON has validated what came over the wire.
char32_t next_code_point(std::string_view text, std::size_t& at) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    if (lead < 0x80) return lead;
    const int extra = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    char32_t code = lead & (0x3FU >> extra);
    for (int i = 0; i < extra && at < text.size(); ++i) {
        code = (code << 6U) | (static_cast<unsigned char>(text[at++]) & 0x3FU);
    }
    return code;
}

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
        const char32_t code = next_code_point(text, at);
        switch (code) {
            case '"':
                out += "\\\"";
                break;
            case '\\':
                out += "\\\\";
                break;
            case '\n':
                out += "\\n";
                break;
            case '\r':
                out += "\\r";
                break;
            case '\t':
                out += "\\t";
                break;
            case '\b':
                out += "\\b";
                break;
            case '\f':
                out += "\\f";
                break;
            default:
                if (code >= 0x20 && code < 0x7F) {
                    out += static_cast<char>(code);
                } else if (code < 0x10000) {
                    append_escape(out, static_cast<unsigned>(code));
                } else {
                    const auto pair = static_cast<unsigned>(code - 0x10000);
                    append_escape(out, 0xD800U + (pair >> 10U));
                    append_escape(out, 0xDC00U + (pair & 0x3FFU));
                }
        }
    }
    out += '"';
}

void append_json(std::string& out, const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            out += "null";
            return;
        case json::kind::bool_:
            out += value.get_bool() ? "true" : "false";
            return;
        case json::kind::int64:
            out += std::to_string(value.get_int64());
            return;
        case json::kind::uint64:
            out += std::to_string(value.get_uint64());
            return;
        case json::kind::double_:
            out += py_float(value.get_double());
            return;
        case json::kind::string:
            append_json_string(out, value.get_string());
            return;
        case json::kind::array: {
            out += '[';
            bool first = true;
            for (const auto& item : value.get_array()) {
                if (!first) out += ", ";
                first = false;
                append_json(out, item);
            }
            out += ']';
            return;
        }
        case json::kind::object: {
            out += '{';
            bool first = true;
            for (const auto& [key, item] : value.get_object()) {
                if (!first) out += ", ";
                first = false;
                append_json_string(out, key);
                out += ": ";
                append_json(out, item);
            }
            out += '}';
            return;
        }
    }
}

}  // namespace

std::string py_json(const json::value& value) {
    std::string out;
    append_json(out, value);
    return out;
}

std::string py_repr(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "None";
        case json::kind::bool_:
            return value.get_bool() ? "True" : "False";
        case json::kind::string: {
            const std::string_view text = value.get_string();
            const bool double_quotes =
                text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
            const char quote = double_quotes ? '"' : '\'';
            std::string out(1, quote);
            for (const char c : text) {
                if (c == quote || c == '\\') out += '\\';
                if (c == '\n') {
                    out += "\\n";
                } else {
                    out += c;
                }
            }
            return out + quote;
        }
        case json::kind::array: {
            std::string out = "[";
            for (const auto& item : value.get_array()) out += (out.size() > 1 ? ", " : "") + py_repr(item);
            return out + "]";
        }
        case json::kind::object: {
            std::string out = "{";
            for (const auto& [key, item] : value.get_object()) {
                out += (out.size() > 1 ? ", " : "") + py_repr(json::value(key)) + ": " + py_repr(item);
            }
            return out + "}";
        }
        case json::kind::int64:
        case json::kind::uint64:
        case json::kind::double_:
            return py_json(value);
    }
    return {};
}

std::string py_str(const json::value& value) {
    return value.is_string() ? std::string(value.get_string()) : py_repr(value);
}

std::string py_type_name(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null:
            return "NoneType";
        case json::kind::bool_:
            return "bool";
        case json::kind::int64:
        case json::kind::uint64:
            return "int";
        case json::kind::double_:
            return "float";
        case json::kind::string:
            return "str";
        case json::kind::array:
            return "list";
        case json::kind::object:
            return "dict";
    }
    return {};
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

std::string strip(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const auto at = text.find(separator);
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

}  // namespace sluice::sim
