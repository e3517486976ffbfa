#pragma once
// Polling as a delivery: the events that a clock appends for a flow with `odoo_change`, handled by the host itself.

#include <string>
#include <string_view>

#include "core/delivery/lanes.hpp"
#include "host/plugins/host_delivery.hpp"

namespace sluice::host {

/// Topics of these events. Their ordering key is the flow's name in an order of their own, so that one runs at a time.
inline constexpr std::string_view poll_topic = "odoo_change/poll";
inline constexpr std::string_view sweep_topic = "odoo_change/sweep";
inline constexpr std::string_view capture_order = "odoo_change";
/// Of the change events they emit.
inline constexpr std::string_view change_topic = "odoo_change";

/// Whether the host handles this event itself.
bool is_capture(const journal::EventSummary& event);

/// The connector's state that says when a flow was swept last: Unix milliseconds in decimal.
std::string last_sweep_state(std::string_view flow);

/// What a failure of a run of the host's own means that only asks Odoo: an outage where a probe fails, too. Blocking.
delivery::Verdict failed_on_odoo(const Lane& lane, Error error);

/// A contract's domain with the connector's values in the place of "{config:KEY}".
std::string domain_of(const Connector& connector, std::string domain);

/// Reads up to capture_pages pages of changes. Done: each change is an emitted event of the flow, and cursor and memory
/// are state, so that all of it commits with the acknowledgement or not at all; where there is more to read, the event
/// that goes on with it is emitted too, and where a sweep ends, last_sweep_state() is put. A failure leaves everything
/// as it was. Blocking.
delivery::Verdict run_capture(const Lane& lane, const contract::Flow& flow, const journal::Claim& claim);

}  // namespace sluice::host
