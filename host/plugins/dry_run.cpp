#include "host/plugins/dry_run.hpp"

#include <fmt/format.h>

#include "host/plugins/dry_http.hpp"
#include "host/plugins/dry_odoo.hpp"
#include "host/plugins/gated_access.hpp"
#include "host/plugins/plugin_handler.hpp"

namespace sluice::host {

DryRun::DryRun(const Connector& connector, const OdooDatabase& database, delivery::AdmissionControl& admission,
               journal::ConnectorMemory& journal, const Clock& clock)
    : DryRun(connector, admission, journal, clock,
             std::make_unique<GatedOdoo>(std::make_unique<LaneOdoo>(database, connector.name, connector.context),
                                         admission.odoo(connector.odoo), connector.name),
             std::make_unique<GatedHttp>(std::make_unique<LaneHttp>(), admission.external(connector.name),
                                         connector.name, clock),
             database.account.timeouts.total_ms) {}

DryRun::DryRun(const Connector& connector, delivery::AdmissionControl& admission, journal::ConnectorMemory& journal,
               const Clock& clock, std::unique_ptr<OdooAccess> odoo, std::unique_ptr<HttpAccess> http,
               std::int64_t odoo_total_ms)
    : connector_(connector),
      admission_(admission),
      journal_(journal),
      clock_(clock),
      silent_(clock, telemetry::Level::error, telemetry::Format::key_value, [](std::string_view) {}),
      odoo_(std::move(odoo)),
      http_(std::move(http)),
      odoo_total_ms_(odoo_total_ms) {}

Result<DryRunReport> DryRun::run(const journal::Claim& claim) {
    DryRunReport report;
    auto handler = make_plugin_handler_over(connector_, admission_, journal_, clock_, silent_,
                                            std::make_unique<DryOdoo>(*odoo_, connector_.name, report.plan),
                                            std::make_unique<DryHttp>(*http_, report.plan), odoo_total_ms_);
    if (!handler) return std::unexpected(handler.error());
    {
        const std::lock_guard lock(mutex_);
        if (cancelled_) return fail(Failure::cancelled, "the host stops");
        running_ = handler->get();
    }
    auto verdict = (*handler)->handle(claim);
    {
        const std::lock_guard lock(mutex_);
        running_ = nullptr;
    }
    report.emitted = std::move(verdict.emitted);
    for (const auto& put : verdict.state) report.states.push_back(put.name);
    report.outcome = std::move(verdict.outcome);
    report.error = std::move(verdict.error);
    close(report);
    return report;
}

void close(DryRunReport& report) {
    report.end = report.error ? DryRunReport::End::failed : DryRunReport::End::done;
    // Whatever the plugin made of it, from there on nothing was real.
    if (report.plan.stopped_because.empty()) return;
    report.end = DryRunReport::End::stopped;
    report.error.reset();
    report.outcome.clear();
}

void DryRun::cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (running_ != nullptr) running_->cancel();
}

Result<journal::Claim> next_claim(const journal::EventDetail& detail) {
    const auto seq = journal::to_int(detail.event.seq);
    if (detail.contents_erased) return fail(Failure::invalid, fmt::format("the contents of event {} were erased", seq));
    if (!detail.contents_problem.empty()) return fail(Failure::invalid, detail.contents_problem);
    if (detail.event.state == journal::EventState::dead && detail.event.attempts == 0)
        return fail(Failure::invalid, fmt::format("event {} cannot be delivered: {}", seq, detail.event.outcome));
    journal::Claim claim{.event = detail.event, .payload = detail.delivered_payload(), .headers = detail.headers};
    claim.attempt = ++claim.event.attempts;
    return claim;
}

}  // namespace sluice::host
