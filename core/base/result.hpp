#pragma once
// Values for errors: every fallible function inside Sluice answers a Result.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace sluice {

/// What a failure asks for. The numbers are those of the plugin ABI's `sluice_status`
/// (plugin-api/include/sluice/plugin.h).
enum class Failure : std::int32_t {
    retry = 100,         ///< again after the flow's back-off
    unknown = 101,       ///< sent, not answered: look before repeating
    rate_limited = 102,  ///< again, not before `retry_after_ms`
    rejected = 200,      ///< the other side refused the record: a dead letter
    invalid = 201,       ///< the record (or a file) breaks its contract: a dead letter, nothing was sent
    auth = 300,          ///< the other side refused our credentials: pause until an operator acts
    cancelled = 400,     ///< asked to stop; nothing is decided about the event
};

/// The lower-case word for a failure class, as written to logs, the journal and the admin API: "retry", "unknown", ...
std::string_view to_string(Failure failure);

/// An error as a value. `message` is for the operator: it names the thing, the place and what would be right, and never
/// holds a secret or a remote traceback.
struct Error {
    Failure failure = Failure::retry;
    std::string message;
    /// Milliseconds the other side asked us to wait (Retry-After); -1 where it gave no advice.
    std::int64_t retry_after_ms = -1;
    /// The connection failed, as against an answer that says no. A disconnect may be an outage; a probe tells
    /// (delivery).
    bool disconnected = false;
};

template <class T>
using Result = std::expected<T, Error>;

/// `return fail(Failure::invalid, "...")` from a function that answers a Result.
inline std::unexpected<Error> fail(Failure failure, std::string message) {
    return std::unexpected(Error{.failure = failure, .message = std::move(message)});
}

}  // namespace sluice
