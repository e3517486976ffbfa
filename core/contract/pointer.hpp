#pragma once
// A JSON Pointer of a mapping's rule, ready to be followed.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json/path.hpp"

namespace sluice::contract {

/// RFC 6901, with "^" before it for the document's root inside lines, and "*" tokens for every element. Split when the
/// contract is read; reads like the text it was made of. Immutable, any thread.
class Pointer {
public:
    /// What stands between two "*" tokens, before the first or behind the last.
    struct Leg {
        std::string text;
        json::Path path;
    };

    Pointer() : Pointer(std::string()) {}
    Pointer(std::string text);                                 // NOLINT(google-explicit-constructor): it is one
    Pointer(const char* text) : Pointer(std::string(text)) {}  // NOLINT(google-explicit-constructor)

    const std::string& text() const { return text_; }
    operator const std::string&() const { return text_; }  // NOLINT(google-explicit-constructor)
    operator std::string_view() const { return text_; }    // NOLINT(google-explicit-constructor)
    bool empty() const { return text_.empty(); }
    /// Starts with "^": begins at the document's root wherever it stands.
    bool from_root() const { return !text_.empty() && text_.front() == '^'; }
    /// Without the "^".
    std::string_view plain() const { return std::string_view(text_).substr(from_root() ? 1 : 0); }
    bool has_wildcard() const { return legs_.size() > 1; }
    /// One more than it has "*" tokens.
    const std::vector<Leg>& legs() const { return legs_; }

    bool operator==(const Pointer& other) const { return text_ == other.text_; }

private:
    std::string text_;
    std::vector<Leg> legs_;
};

}  // namespace sluice::contract
