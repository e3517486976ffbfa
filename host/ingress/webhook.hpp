#pragma once
// One webhook as a value: is it really from the vendor, and which event is it? Nothing here waits, stores or logs.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "core/http/server.hpp"
#include "core/journal/types.hpp"
#include "host/plugins/plugin_handler.hpp"

namespace sluice::host {

/// Why a webhook was not taken. The words of to_string() are the keys of the admin API's `refused`.
enum class Refusal : std::uint8_t {
    unknown_path,       ///< 404
    unknown_connector,  ///< 404
    disabled,           ///< 404
    method,             ///< 405
    signature,          ///< 401
    topic,              ///< 404
    backlog,            ///< 429
    in_flight,          ///< 503
    journal,            ///< 503
    stopping,           ///< 503
    count_,
};
inline constexpr std::size_t refusal_count = static_cast<std::size_t>(Refusal::count_);
std::string_view to_string(Refusal refusal);

struct Refused {
    Refusal why{};
    int status = 0;
    std::string answer;  ///< for the sender; says nothing it could not know
    std::string log;     ///< for the operator; no body, no signature
};

/// Verifies the signature the contract declares, over the raw body, then reads the event by the contract.
///
/// A signed body that cannot be read as the contract says (no JSON, no ordering key, no revision where one is declared)
/// is still an event, with `dead_letter_reason` set and an id and a key of its own: "unreadable:" and the body's
/// SHA-256. Where the event id's header is absent the body's SHA-256 and the topic stand for it, so that a repeat is
/// still one. Of the headers the event keeps Content-Type, User-Agent and the vendor's own ("X-Shopify-" where the
/// contract names "X-Shopify-Topic"), never the signature.
std::expected<journal::NewEvent, Refused> read_webhook(const Connector& connector, http::ServerRequest request,
                                                       std::int64_t now_ms);

}  // namespace sluice::host
