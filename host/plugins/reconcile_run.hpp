#pragma once
// One page of a reconciliation as a delivery: the plugin lists, the host compares.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/delivery/lanes.hpp"
#include "core/reconcile/run.hpp"
#include "host/plugins/host_delivery.hpp"

namespace sluice::host {

/// Their topic is SLUICE_RECONCILE. Their ordering key is the flow's name in an order of their own, so that one page is
/// looked at at a time.
inline constexpr std::string_view reconcile_order = "reconcile";
/// Of the events of the flow that write a record again.
inline constexpr std::string_view repair_topic = "repair";

/// Whether this event is a page of a reconciliation.
bool is_reconcile(const journal::EventSummary& event);
/// Whether all that the flow's reconciliation needs is configured.
bool can_reconcile(const Connector& connector, const contract::Flow& flow);

/// What starts a run. `id` is the event's.
struct ReconcileStart {
    std::int64_t from_ms = 0, to_ms = 0;
    reconcile::Repair repair = reconcile::Repair::none;
    std::int64_t due_ms = 0;  ///< of a timetable: then a run under way is left to go on; 0: a person's, which ends it
};
journal::NewEvent reconcile_event(const Connector& connector, const contract::Flow& flow, std::string id,
                                  const ReconcileStart& start, std::int64_t now_ms);

/// The plugin's answer to one page's event.
struct AskedPage {
    delivery::Verdict verdict;
    std::optional<ListedPage> page;
};
using AskPage = std::function<AskedPage(const journal::Claim&)>;

/// Done: the run's state, its findings, the events that repair and the one that goes on with the next page, all of
/// which commit with the acknowledgement or not at all: a host that is killed begins the page again. A failure leaves
/// everything as it was. In shadow mode nothing is repaired. Blocking.
delivery::Verdict run_reconcile(const Lane& lane, const contract::Flow& flow, const journal::Claim& claim,
                                const AskPage& ask);

}  // namespace sluice::host
