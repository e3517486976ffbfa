#include "host/plugins/plugin_handler.hpp"

#include <deque>

#include "core/base/timestamp.hpp"
#include "host/plugins/capture_run.hpp"
#include "host/plugins/dry_http.hpp"
#include "host/plugins/dry_odoo.hpp"
#include "host/plugins/dry_run.hpp"
#include "host/plugins/gated_access.hpp"
#include "host/plugins/host_table.hpp"
#include "host/plugins/limits.hpp"
#include "host/plugins/plugin_instance.hpp"
#include "host/plugins/reconcile_run.hpp"
#include "host/plugins/shadow.hpp"
#include "host/plugins/status.hpp"

namespace sluice::host {
namespace {

/// The connector's keys that are no secrets as a JSON object; integers and booleans as such.
std::string configuration_json(const Connector& connector) {
    json::Writer writer;
    writer.begin_object();
    for (const auto& [name, value] : connector.config) {
        const auto key = connector.plugin->contract.config.find(name);
        const auto type =
            key == connector.plugin->contract.config.end() ? contract::ConfigKey::Type::text : key->second.type;
        if (type == contract::ConfigKey::Type::secret) continue;
        writer.key(name);
        if (type == contract::ConfigKey::Type::text)
            writer.string(value);
        else
            writer.raw(value);
    }
    writer.end_object();
    return writer.take();
}

sluice_event to_abi(const journal::Claim& claim, std::int64_t deadline_ms) {
    const auto& event = claim.event;
    return {.struct_size = sizeof(sluice_event),
            .attempt = static_cast<std::uint32_t>(claim.attempt),
            .attempt_unknown = event.attempt_unknown ? 1U : 0U,
            .reserved = 0,
            .event_id = to_text(event.event_id),
            .flow = to_text(event.flow),
            .topic = to_text(event.topic),
            .ordering_key = to_text(event.ordering_key),
            .revision = to_text(event.revision),
            .record = to_text(event.record),
            .payload = to_text(claim.payload),
            .headers = to_text(claim.headers),
            .occurred_at_ms = event.occurred_at_ms,
            .deadline_ms = deadline_ms};
}

class PluginHandler final : public delivery::Handler {
public:
    PluginHandler(const Connector& connector, delivery::AdmissionControl& admission, journal::ConnectorMemory& journal,
                  const Clock& clock, const telemetry::Logger& logger, std::unique_ptr<OdooAccess> odoo,
                  std::unique_ptr<HttpAccess> http, std::int64_t odoo_total_ms)
        : odoo_(std::move(odoo)),
          http_(std::move(http)),
          lane_{connector, admission, journal, clock, *odoo_, *http_, logger, stopping_},
          budget_ms_(deadline_odoo_calls * odoo_total_ms) {}
    ~PluginHandler() override {
        if (instance_ != nullptr) table().destroy(instance_);
    }

    Result<void> create() {
        HostDelivery setup(lane_);
        const std::string configuration = configuration_json(lane_.connector);
        sluice_status status = SLUICE_OK;
        try {
            status = table().create(&host_table(), setup.handle(), to_text(configuration), &instance_);
        } catch (...) {
            instance_ = nullptr;
            return refused(
                {Failure::rejected, "create() let an exception out, which its ABI forbids (plugin.h, UNWIND)"});
        }
        if (status != SLUICE_OK) {
            instance_ = nullptr;  // a failed create() leaves nothing to destroy
            return refused(setup.setup_error(status));
        }
        if (instance_ == nullptr) return refused({Failure::rejected, "create() answered OK and no instance"});
        return {};
    }

    delivery::Verdict handle(const journal::Claim& claim) override {
        if (auto settled = without_the_plugin(claim)) return *std::move(settled);
        if (is_reconcile(claim.event)) return reconcile(claim);
        return is_shadow(claim) ? shadow(claim) : deliver(claim);
    }

    std::vector<delivery::Verdict> handle_batch(const std::vector<journal::Claim>& claims) override {
        std::vector<delivery::Verdict> verdicts(claims.size());
        std::vector<std::size_t> together;
        for (std::size_t i = 0; i < claims.size(); ++i) {
            if (auto settled = without_the_plugin(claims[i])) {
                verdicts[i] = *std::move(settled);
            } else if (is_reconcile(claims[i].event)) {
                verdicts[i] = reconcile(claims[i]);
            } else if (is_shadow(claims[i])) {
                verdicts[i] = shadow(claims[i]);
            } else if (table().handle_batch == nullptr) {
                verdicts[i] = deliver(claims[i]);
            } else {
                together.push_back(i);
            }
        }
        if (!together.empty()) deliver_together(claims, together, verdicts);
        return verdicts;
    }

    void cancel() override {
        stopping_.store(true, std::memory_order_relaxed);
        odoo_->cancel();
        http_->cancel();
    }

private:
    const sluice_plugin& table() const { return *lane_.connector.plugin->table; }

    /// The verdict on what the plugin is not asked about: polls, what is stale, and anything once the host stops.
    std::optional<delivery::Verdict> without_the_plugin(const journal::Claim& claim) const {
        const auto& event = claim.event;
        if (stopping_.load(std::memory_order_relaxed))
            return failed({Failure::cancelled, "the host stops; nothing was done"});
        if (is_capture(event)) return capture(claim);
        if (event.revision.empty()) return std::nullopt;
        const auto applied = lane_.journal.applied_revision(event.connector, event.order, event.ordering_key);
        if (!applied) return failed(applied.error());
        if (compare_revisions(*applied, event.revision) <= 0) return std::nullopt;
        delivery::Verdict stale;
        stale.outcome = "stale: revision " + event.revision + " is older than " + *applied + ", which is applied";
        return stale;
    }

    bool is_shadow(const journal::Claim& claim) const {
        return mode_of(lane_.connector, claim.event.flow) == Mode::shadow;
    }

    /// The same instance over ways out that let only reads through. Nothing of what it would have left behind is kept:
    /// no state, no emitted event, no applied revision.
    delivery::Verdict shadow(const journal::Claim& claim) const {
        DryRunReport report;
        DryOdoo odoo(*odoo_, lane_.connector.name, report.plan);
        ComparedOdoo compared(odoo);
        DryHttp http(*http_, report.plan);
        const Lane dry{lane_.connector, lane_.admission, lane_.journal, lane_.clock, compared, http,
                       lane_.logger,    lane_.stopping};
        auto verdict = deliver(dry, claim);
        if (lane_.stopping.load(std::memory_order_relaxed))
            return failed({Failure::cancelled, "the host stops; nothing was done"});
        if (report.plan.stopped_because.empty() && verdict.error && !is_of_the_document(verdict.error->failure))
            return verdict;  // it could not be looked at now
        report.outcome = std::move(verdict.outcome);
        report.error = std::move(verdict.error);
        close(report);
        const auto flow = lane_.connector.plugin->contract.flows.find(claim.event.flow);
        const bool has_record = flow != lane_.connector.plugin->contract.flows.end() && flow->second.record;
        delivery::Verdict recorded{
            .outcome = to_outcome(shadowed(report, has_record ? flow->second.record->model : "")), .word = "shadow"};
        return ended(claim, std::move(recorded));
    }

    delivery::Verdict deliver(const journal::Claim& claim) const { return ended(claim, deliver(lane_, claim)); }

    delivery::Verdict deliver(const Lane& lane, const journal::Claim& claim) const { return ask(lane, claim).verdict; }

    AskedPage ask(const Lane& lane, const journal::Claim& claim) const {
        HostDelivery delivery(lane, claim, lane.clock.steady_ms() + budget_ms_);
        const sluice_event abi = to_abi(claim, lane.clock.now_ms() + budget_ms_);
        sluice_status status = SLUICE_OK;
        try {
            status = table().handle(instance_, delivery.handle(), &abi);
        } catch (...) {
            return {.verdict = delivery.verdict_after_exception(), .page = std::nullopt};
        }
        auto page = delivery.take_page();
        return {.verdict = delivery.verdict(status), .page = std::move(page)};
    }

    delivery::Verdict reconcile(const journal::Claim& claim) const {
        const auto& flows = lane_.connector.plugin->contract.flows;
        const auto flow = flows.find(claim.event.flow);
        if (flow == flows.end() || !flow->second.reconcile)
            return failed({Failure::rejected, "the contract's flow `" + claim.event.flow +
                                                  "` is not reconciled any more; discard this event"});
        return run_reconcile(lane_, flow->second, claim,
                             [this](const journal::Claim& page) { return ask(lane_, page); });
    }

    /// `together` are indexes of `claims`; the plugin gets them in one call, and time for all of them.
    void deliver_together(const std::vector<journal::Claim>& claims, const std::vector<std::size_t>& together,
                          std::vector<delivery::Verdict>& verdicts) const {
        const std::int64_t budget_ms = budget_ms_ * static_cast<std::int64_t>(together.size());
        const std::int64_t steady_deadline_ms = lane_.clock.steady_ms() + budget_ms;
        const std::int64_t deadline_ms = lane_.clock.now_ms() + budget_ms;
        std::deque<HostDelivery> deliveries;
        std::vector<sluice_event> events;
        events.reserve(together.size());
        std::vector<sluice_delivery*> handles;
        std::vector<const sluice_event*> pointers;
        for (const auto index : together) {
            handles.push_back(deliveries.emplace_back(lane_, claims[index], steady_deadline_ms).handle());
            pointers.push_back(&events.emplace_back(to_abi(claims[index], deadline_ms)));
        }
        // What the plugin forgets to answer may have been done.
        std::vector<sluice_status> statuses(together.size(), SLUICE_UNKNOWN);
        bool thrown = false;
        try {
            table().handle_batch(instance_, handles.data(), pointers.data(), together.size(), statuses.data());
        } catch (...) {
            thrown = true;
        }
        for (std::size_t i = 0; i < together.size(); ++i) {
            verdicts[together[i]] = thrown ? deliveries[i].verdict_after_exception()
                                           : ended(claims[together[i]], deliveries[i].verdict(statuses[i]));
        }
    }

    static delivery::Verdict ended(const journal::Claim& claim, delivery::Verdict verdict) {
        // With the acknowledgement, so that a host that starts knows what it has missed.
        if (!verdict.error && claim.event.topic == schedule_topic)
            verdict.state.push_back({.name = std::string(DeliveryState::schedule_prefix) + claim.event.flow,
                                     .value = std::to_string(claim.event.occurred_at_ms),
                                     .expected_version = journal::StatePut::any_version});
        return verdict;
    }

    delivery::Verdict capture(const journal::Claim& claim) const {
        const auto& flows = lane_.connector.plugin->contract.flows;
        const auto flow = flows.find(claim.event.flow);
        if (flow == flows.end() || !flow->second.odoo_change)
            return failed({Failure::rejected, "the contract's flow `" + claim.event.flow +
                                                  "` watches no Odoo model any more; discard it"});
        return run_capture(lane_, flow->second, claim);
    }

    std::unexpected<Error> refused(Error error) const {
        error.message = "plugin " + lane_.connector.plugin->name + " refuses connector " + lane_.connector.name + ": " +
                        error.message;
        return std::unexpected(std::move(error));
    }

    static delivery::Verdict failed(Error error) {
        delivery::Verdict verdict;
        verdict.error = std::move(error);
        return verdict;
    }

    std::atomic<bool> stopping_ = false;
    std::unique_ptr<OdooAccess> odoo_;
    std::unique_ptr<HttpAccess> http_;
    Lane lane_;
    std::int64_t budget_ms_;
    sluice_connector* instance_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<delivery::Handler>> make_plugin_handler_over(
    const Connector& connector, delivery::AdmissionControl& admission, journal::ConnectorMemory& journal,
    const Clock& clock, const telemetry::Logger& logger, std::unique_ptr<OdooAccess> odoo,
    std::unique_ptr<HttpAccess> http, std::int64_t odoo_total_ms) {
    auto handler = std::make_unique<PluginHandler>(connector, admission, journal, clock, logger, std::move(odoo),
                                                   std::move(http), odoo_total_ms);
    auto created = handler->create();
    if (!created) return std::unexpected(created.error());
    return handler;
}

Result<std::unique_ptr<delivery::Handler>> make_plugin_handler(const Connector& connector, const OdooDatabase& database,
                                                               delivery::AdmissionControl& admission,
                                                               journal::ConnectorMemory& journal, const Clock& clock,
                                                               const telemetry::Logger& logger) {
    auto odoo = std::make_unique<GatedOdoo>(std::make_unique<LaneOdoo>(database, connector.name, connector.context),
                                            admission.odoo(connector.odoo), connector.name);
    auto http = std::make_unique<GatedHttp>(std::make_unique<LaneHttp>(), admission.external(connector.name),
                                            connector.name, clock);
    return make_plugin_handler_over(connector, admission, journal, clock, logger, std::move(odoo), std::move(http),
                                    database.account.timeouts.total_ms);
}

}  // namespace sluice::host
