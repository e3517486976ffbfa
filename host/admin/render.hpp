#pragma once
// Events as the admin API's JSON. Times are Unix milliseconds ("..._ms"); numbers of events are `seq`.

#include <string>
#include <string_view>
#include <vector>

#include "core/contract/contract.hpp"
#include "core/journal/types.hpp"
#include "core/mapping/mapping.hpp"

namespace sluice::host {

/// {"events":[...],"next":12}: `next` is what to give as `after` for the following page, null where this page was not
/// full.
std::string render_events(const std::vector<journal::EventSummary>& events, int limit);

/// What the configuration says of an event.
struct EventContext {
    std::string error_owner;  ///< who the contract says looks after this flow's errors; "" where it does not say
    std::string mapping;      ///< render_mapping(); "" where the flow has none
};
/// One event with attempts, notes, edits, headers, mapping and payload. A payload that is no UTF-8 is given as
/// `payload_base64` instead of `payload`; of one that retention took neither is there.
std::string render_event(const journal::EventDetail& detail, const EventContext& context);

/// {"groups":[...]}: the class of a failure and its message are the oldest one's.
std::string render_groups(const std::vector<journal::DeadLetterGroup>& groups);

/// What a flow's mapping makes of a document now: {"record":{...}} or {"broken":[{"pointer","message"}]}.
std::string render_mapping(const contract::Flow& flow, const std::string& payload, const mapping::Config& config,
                           const mapping::Hooks& hooks = {});

/// {"error":"..."}
std::string render_error(std::string_view message);

}  // namespace sluice::host
