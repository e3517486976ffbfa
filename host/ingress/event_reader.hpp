#pragma once
// A document that came in, as an event by the contract: the same for a webhook's body and a broker's message.

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/headers.hpp"
#include "core/contract/contract.hpp"
#include "core/journal/types.hpp"
#include "core/json/json.hpp"
#include "host/plugins/plugin_handler.hpp"

namespace sluice::host {

/// Texts that name something (event id, ordering key, topic, record) are at most this long.
inline constexpr std::size_t max_identity_bytes = 512;

/// Whether a text can name something: not empty, not too long, UTF-8.
bool is_usable(std::string_view text);

/// A body as JSON; as null where it is none, since templates of headers alone can be filled all the same.
struct ReceivedDocument {
    explicit ReceivedDocument(std::string_view body);

    json::Document document;
    std::string unreadable;  ///< why it is no JSON; "" where it is

private:
    explicit ReceivedDocument(Result<json::Document> parsed);
};

/// What a flow's trigger says about reading an event, and what stands in where it says nothing that helps.
struct EventRules {
    const contract::Template& event_id;
    const contract::Template& revision_tie;
    const std::string& record;
    std::string otherwise_id;  ///< the event's id where the template cannot be filled
    std::string unreadable;    ///< names what came, for a dead letter: its id and its key, behind "unreadable:"
};

/// The event but for its payload and headers. What cannot be read as the contract says (no JSON, no ordering key, no
/// revision where one is declared) is still an event, with `dead_letter_reason` set and an id and a key of its own.
journal::NewEvent read_event(const Connector& connector, const contract::Flow& flow, const EventRules& rules,
                             std::string topic, const ReceivedDocument& received, const http::Headers& headers);

/// Which headers an event keeps. Never those that carry credentials.
struct KeptHeaders {
    std::vector<const contract::Template*> declared;  ///< what they name, and the vendor's others ("X-Shopify-")
    std::set<std::string> prefixes;                   ///< more of them, in lower case
    std::string_view never;                           ///< a signature's
};

/// As a JSON object. Content-Type and User-Agent are kept always; of a repeated header the first.
std::string kept_headers(const http::Headers& headers, KeptHeaders rules);

}  // namespace sluice::host
