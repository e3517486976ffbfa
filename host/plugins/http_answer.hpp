#pragma once
// What of a plugin's HTTP call needs no socket: its URL and headers, and the class of its answer.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/headers.hpp"
#include "core/base/result.hpp"
#include "core/http/client.hpp"

namespace sluice::host {

struct Destination {
    http::Endpoint endpoint;
    std::string target = "/";  ///< path and query
    std::string shown;         ///< for messages: without the query, which may hold what nobody should read
    bool loopback = false;     ///< localhost, 127.0.0.0/8, ::1
};

/// Failure::rejected, saying what would be right, where it is no absolute http(s) URL or carries user info or a
/// fragment.
Result<Destination> parse_url(std::string_view url);

/// A JSON object of texts ("" is none) as headers. Failure::rejected for anything else and for a header that is the
/// client's own or no header.
Result<http::Headers> parse_headers(std::string_view json);

/// A JSON object, names in lower case; values of one name are joined with ", ".
std::string headers_to_json(const http::Headers& headers);

/// Milliseconds to wait by a Retry-After (RFC 9110, 10.2.3: seconds, here also with a fraction, or an HTTP date); -1
/// where it is absent or neither. Never below 0, at most a day.
std::int64_t parse_retry_after(std::string_view value, std::int64_t now_ms);

/// True for the methods whose repetition has no further effect (RFC 9110, 9.2.2).
bool is_idempotent(std::string_view method);

/// A gateway's or server's word that what is behind it does not answer now: 502, 503, 504.
bool says_that_nobody_is_there(int status);

/// Nothing for 2xx and 304; else the failure that plugin.h promises for http(). `call` is "POST https://host/path".
std::optional<Error> classify_status(std::string_view method, std::string_view call, const http::Response& response,
                                     std::int64_t now_ms);

}  // namespace sluice::host
