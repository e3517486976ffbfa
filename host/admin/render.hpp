#pragma once
// Events as the admin API's JSON. Times are Unix milliseconds ("..._ms"); numbers of events are `seq`.

#include <string>
#include <string_view>
#include <vector>

#include "core/journal/types.hpp"

namespace sluice::host {

/// {"events":[...],"next":12}: `next` is what to give as `after` for the following page, null where this page was not
/// full.
std::string render_events(const std::vector<journal::EventSummary>& events, int limit);

/// One event with attempts, notes, headers and payload. A payload that is no UTF-8 is given as `payload_base64` instead
/// of `payload`. `error_owner` is who the contract says looks after this flow's errors; "" where it does not say.
std::string render_event(const journal::EventDetail& detail, std::string_view error_owner);

/// {"error":"..."}
std::string render_error(std::string_view message);

}  // namespace sluice::host
