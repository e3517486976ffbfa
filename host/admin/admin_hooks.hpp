#pragma once
// What the admin API asks of the service.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/journal/types.hpp"

namespace sluice::host {

/// What ended a pause, and what of the same connector is paused still: each "order is paused by admin: stock take".
struct Resumed {
    std::vector<std::string> ended, still;
};

/// What a run of a reconciliation is asked for.
struct ReconcileWish {
    std::optional<std::int64_t> from_ms, to_ms;  ///< nothing: the contract's period, up to a few minutes ago
    std::string repair;                          ///< "none", "missed" or "all"; "": none
};

/// Called on the API's own threads: `dry_run` on the one for what takes its time, the others on the quick one.
struct AdminHooks {
    /// The whole answer of GET /v0/status, JSON.
    std::function<std::string()> status;
    /// Nothing of the connector (of its flow, where `flow` is not "") is delivered from now on, also after a restart.
    /// Failure::invalid where there is no such connector or flow.
    std::function<Result<void>(const journal::Pause& pause)> pause;
    /// Ends that, and what the host has paused by itself. Failure::invalid where there is no such connector or flow,
    /// Failure::rejected where it is not paused.
    std::function<Result<Resumed>(const std::string& connector, const std::string& flow, const std::string& who)>
        resume;
    /// Events of this connector may be deliverable now.
    std::function<void(const std::string& connector)> notify;
    /// Starts a flow with a document ("" is none): the event. Failure::invalid where it cannot be.
    std::function<Result<journal::Appended>(const std::string& connector, const std::string& flow, std::string data)>
        trigger;
    /// Starts a sweep of a flow that watches Odoo: the event. Failure::invalid where it cannot be.
    std::function<Result<journal::Appended>(const std::string& connector, const std::string& flow)> sweep;
    /// Starts a reconciliation of a flow, and ends the one that is under way: the event. Failure::invalid where it
    /// cannot be.
    std::function<Result<journal::Appended>(const std::string& connector, const std::string& flow,
                                            const ReconcileWish& wish)>
        reconcile;
    /// Where the last one stands and one page of what it found, JSON (host/plugins/reconcile_state.hpp).
    /// Failure::invalid where there is no such connector or flow.
    std::function<Result<std::string>(const std::string& connector, const std::string& flow, std::int64_t page)>
        reconcile_report;
    /// Who looks after a flow's errors, as its contract says; "" where unknown.
    std::function<std::string(const std::string& connector, const std::string& flow)> error_owner;
    /// What the flow's mapping makes of this event's payload now, JSON (render.hpp); "" where the flow has none.
    std::function<std::string(const journal::EventDetail& detail)> mapping;
    /// What a delivery of this event would do now, JSON (dry_run_report.hpp). Nothing is written anywhere.
    /// Failure::invalid where it cannot be delivered.
    std::function<Result<std::string>(const journal::EventDetail& detail)> dry_run;
};

}  // namespace sluice::host
