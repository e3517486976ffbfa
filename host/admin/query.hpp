#pragma once
// The query part of an admin request.

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/journal/types.hpp"

namespace sluice::host {

struct Target {
    std::string path;  ///< without the query, percent-decoded
    journal::EventFilter filter;
};

/// Reads "/v0/events?connector=my-shop&flow=order&fingerprint=0f3a5c&state=dead&after=12&limit=50". Failure::invalid
/// where the target is malformed, or a parameter unknown, repeated or out of range; the message says what would be
/// right.
Result<Target> parse_target(std::string_view target);

/// A state by its name; Failure::invalid names the ones there are.
Result<journal::EventState> parse_state(std::string_view text);

/// A whole positive number of 64 bits; nothing where the text is no such thing.
std::optional<std::int64_t> parse_seq(std::string_view text);

}  // namespace sluice::host
