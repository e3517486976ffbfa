#pragma once
// Regular expressions whose time is linear in the text: a document may hold what it likes.

#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace re2 {
class RE2;
}

namespace sluice {

/// A regular expression in RE2's syntax (no look-around, no back-references), UTF-8. Immutable, cheap to copy, any
/// thread.
class Pattern {
public:
    static constexpr std::size_t max_bytes = 1'000;

    /// Failure::invalid says what is wrong with it, in RE2's words.
    static Result<Pattern> compile(std::string_view text);

    const std::string& text() const;
    /// Whether it matches the whole text, not a part of it.
    bool matches(std::string_view whole) const;

private:
    explicit Pattern(std::shared_ptr<const re2::RE2> compiled) : compiled_(std::move(compiled)) {}
    std::shared_ptr<const re2::RE2> compiled_;
};

}  // namespace sluice
