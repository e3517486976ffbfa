#pragma once
// Small text helpers shared by everything that reads what people wrote.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice {

/// The candidate nearest to `wrong` by edit distance, where it is near enough to be a slip (at most a third of its
/// length, at least one edit allowed): for "unknown key `retires`; did you mean `retries`?".
std::optional<std::string> nearest(std::string_view wrong, std::span<const std::string> candidates);

/// "; did you mean `x`?" or "" where nothing is near.
std::string did_you_mean(std::string_view wrong, std::span<const std::string> candidates);

/// "`a`, `b` or `c`".
std::string list_names(std::span<const std::string> names);

std::string to_lower_ascii(std::string_view text);
/// Without leading and trailing ASCII white space.
std::string_view trim(std::string_view text);
/// True where the bytes are well-formed UTF-8.
bool is_utf8(std::string_view text);

}  // namespace sluice
