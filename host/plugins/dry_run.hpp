#pragma once
// One event delivered to its plugin without a consequence: what it would do, and how that differs from what is there.

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/plugins/planned_call.hpp"
#include "host/plugins/plugin_instance.hpp"

namespace sluice::host {

/// What a delivery would come to.
struct DryRunReport {
    enum class End {
        done,     ///< it would be acknowledged
        failed,   ///< it would fail with `error`
        stopped,  ///< it could not be followed to its end (Plan::stopped_because)
    };
    End end = End::done;
    std::string outcome;  ///< of `done`: what the journal would say
    std::optional<Error> error;
    Plan plan;
    std::vector<journal::NewEvent> emitted;  ///< that the acknowledgement would append
    std::vector<std::string> states;         ///< names of the states it would put
};

/// Says how it ends, by `error` and the plan.
void close(DryRunReport& report);

/// {"seq","ends","outcome","class","message","stopped_because","calls":[...],"made_up_ids":[...],"reads","emitted",
/// "states"}
std::string to_json(const DryRunReport& report, journal::Seq seq);

/// Runs the connector's real plugin, in an instance of its own, over ways out that let only reads through
/// (dry_odoo.hpp, dry_http.hpp). Nothing is committed: no attempt, no state, no emitted event, no revision; the
/// plugin's log lines are dropped. run() once, blocking, on any thread; cancel() from any other. What is passed in
/// outlives it.
class DryRun {
public:
    /// Its reads wait for their turn like everybody's.
    DryRun(const Connector& connector, const OdooDatabase& database, delivery::AdmissionControl& admission,
           journal::ConnectorMemory& journal, const Clock& clock);
    /// Over any Odoo and web. `odoo_total_ms` is the total time-out of one Odoo call.
    DryRun(const Connector& connector, delivery::AdmissionControl& admission, journal::ConnectorMemory& journal,
           const Clock& clock, std::unique_ptr<OdooAccess> odoo, std::unique_ptr<HttpAccess> http,
           std::int64_t odoo_total_ms);

    /// An error where the plugin cannot be started.
    Result<DryRunReport> run(const journal::Claim& claim);
    void cancel();

private:
    const Connector& connector_;
    delivery::AdmissionControl& admission_;
    journal::ConnectorMemory& journal_;
    const Clock& clock_;
    const telemetry::Logger silent_;
    std::unique_ptr<OdooAccess> odoo_;
    std::unique_ptr<HttpAccess> http_;
    const std::int64_t odoo_total_ms_;
    std::mutex mutex_;
    delivery::Handler* running_ = nullptr;  ///< under mutex_
    bool cancelled_ = false;                ///< under mutex_
};

/// The claim a delivery of this event would be given now. Failure::invalid where it can never be delivered: its
/// contents were erased, or it was journalled as a dead letter.
Result<journal::Claim> next_claim(const journal::EventDetail& detail);

}  // namespace sluice::host
