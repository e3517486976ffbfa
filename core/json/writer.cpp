#include <fmt/format.h>

#include <cassert>

#include "core/json/json.hpp"

namespace sluice::json {
namespace {

void append_quoted(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        switch (c) {
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
            default:
                if (static_cast<unsigned char>(c) < 0x20) {
                    out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
                } else {
                    out += c;
                }
        }
    }
    out += '"';
}

}  // namespace

void Writer::before_value() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (has_elements_.empty()) return;
    if (has_elements_.back()) out_ += ',';
    has_elements_.back() = true;
}

Writer& Writer::begin_object() {
    before_value();
    out_ += '{';
    has_elements_.push_back(false);
    return *this;
}

Writer& Writer::end_object() {
    assert(!has_elements_.empty() && !after_key_);
    has_elements_.pop_back();
    out_ += '}';
    return *this;
}

Writer& Writer::begin_array() {
    before_value();
    out_ += '[';
    has_elements_.push_back(false);
    return *this;
}

Writer& Writer::end_array() {
    assert(!has_elements_.empty() && !after_key_);
    has_elements_.pop_back();
    out_ += ']';
    return *this;
}

Writer& Writer::key(std::string_view name) {
    assert(!after_key_);
    before_value();
    append_quoted(out_, name);
    out_ += ':';
    after_key_ = true;
    return *this;
}

Writer& Writer::string(std::string_view text) {
    before_value();
    append_quoted(out_, text);
    return *this;
}

Writer& Writer::integer(std::int64_t value) {
    before_value();
    out_ += std::to_string(value);
    return *this;
}

Writer& Writer::boolean(bool value) {
    before_value();
    out_ += value ? "true" : "false";
    return *this;
}

Writer& Writer::null() {
    before_value();
    out_ += "null";
    return *this;
}

Writer& Writer::raw(std::string_view json) {
    before_value();
    out_ += json;
    return *this;
}

std::string quote(std::string_view text) {
    std::string out;
    append_quoted(out, text);
    return out;
}

}  // namespace sluice::json
