#pragma once
// What the admin API asks of the service.

#include <functional>
#include <string>
#include <vector>

#include "core/journal/types.hpp"

namespace sluice::host {

/// What ended a pause, and what of the same connector is paused still: each "order is paused by admin: stock take".
struct Resumed {
    std::vector<std::string> ended, still;
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
    /// Who looks after a flow's errors, as its contract says; "" where unknown.
    std::function<std::string(const std::string& connector, const std::string& flow)> error_owner;
    /// What the flow's mapping makes of this event's payload now, JSON (render.hpp); "" where the flow has none.
    std::function<std::string(const journal::EventDetail& detail)> mapping;
    /// What a delivery of this event would do now, JSON (dry_run_report.hpp). Nothing is written anywhere.
    /// Failure::invalid where it cannot be delivered.
    std::function<Result<std::string>(const journal::EventDetail& detail)> dry_run;
};

}  // namespace sluice::host
