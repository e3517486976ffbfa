#pragma once
// One request to a running host's admin socket.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/http/client.hpp"

namespace sluice::host {

/// How long the host may take to answer.
inline constexpr std::int64_t admin_timeout_ms = 30'000;
/// The same for what reads a whole journal, and for what asks other systems.
inline constexpr std::int64_t admin_journal_timeout_ms = 24LL * 60 * 60 * 1'000, admin_dry_run_timeout_ms = 15 * 60'000;
/// The largest answer taken: a page of a thousand events, or one event with the largest payload, escaped.
inline constexpr std::size_t admin_max_response_bytes = 256 * 1024 * 1024;

/// Blocking. An error names the socket and says whether a host seems to be there.
Result<http::Response> ask_admin(const std::string& socket, std::string_view method, const std::string& target,
                                 const std::string& body, std::int64_t timeout_ms = admin_timeout_ms);

/// A text as part of a URL.
std::string percent_encode(std::string_view text);

}  // namespace sluice::host
