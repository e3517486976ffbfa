#include "host/service/controls.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/base/timestamp.hpp"
#include "core/odoo/session.hpp"
#include "host/admin/render.hpp"
#include "host/plugins/reconcile_state.hpp"
#include "host/service/trigger_events.hpp"

namespace sluice::host {
namespace {

/// "shop", "flow order of shop"
std::string name_of(const std::string& connector, const std::string& flow) {
    return flow.empty() ? fmt::format("connector `{}`", connector)
                        : fmt::format("flow `{}` of connector `{}`", flow, connector);
}

std::string said(const journal::Pause& pause, std::string_view verb) {
    return fmt::format("{} {} paused since {} by {}: {}", name_of(pause.connector, pause.flow), verb,
                       format_rfc3339(pause.at_ms), pause.who, pause.reason);
}

}  // namespace

Result<std::shared_ptr<const Connector>> Controls::running(const std::string& name) const {
    auto connector = host_.current.get()->connector(name);
    if (!connector) return fail(Failure::invalid, fmt::format("there is no connector `{}` that runs", name));
    return connector;
}

// ---- pause and resume

Result<void> Controls::check_known(const std::string& connector, const std::string& flow) const {
    const auto set = host_.current.get();
    const auto running = set->connector(connector);
    const bool disabled = std::ranges::find(set->disabled, connector) != set->disabled.end();
    if (!running && !disabled) {
        auto names = set->disabled;
        for (const auto& [name, one] : set->connectors) names.push_back(name);
        return fail(Failure::invalid,
                    fmt::format("there is no connector `{}`{}", connector, did_you_mean(connector, names)));
    }
    if (flow.empty()) return {};
    std::vector<std::string> flows;
    if (running)
        for (const auto& [name, one] : running->plugin->contract.flows) flows.push_back(name);
    // Events outlive the flow that made them.
    for (const auto& counted : host_.journal.flow_counts(connector).value_or(std::vector<journal::FlowCounts>()))
        if (std::ranges::find(flows, counted.flow) == flows.end()) flows.push_back(counted.flow);
    if (std::ranges::find(flows, flow) != flows.end()) return {};
    return fail(Failure::invalid, fmt::format("connector `{}` has no flow `{}`{}; there is {}", connector, flow,
                                              did_you_mean(flow, flows), list_names(flows)));
}

Result<void> Controls::pause(const journal::Pause& pause) {
    if (auto known = check_known(pause.connector, pause.flow); !known) return known;
    if (auto paused = host_.pauses.pause(pause); !paused) return paused;
    host_.log.warning("paused; `sluice resume` lets it go on", {.connector = pause.connector, .flow = pause.flow},
                      {{"by", pause.who}, {"reason", pause.reason}});
    return {};
}

/// What went wrong with the connector and stopped it, where it runs.
bool Controls::resume_by_itself(const std::string& connector, Resumed& resumed) {
    const auto set = host_.current.get();
    const auto running = set->connector(connector);
    const auto engines = host_.dispatcher.status();
    const auto engine = std::ranges::find(engines, connector, &delivery::Engine::Status::connector);
    if (!running || engine == engines.end() || engine->paused_because.empty()) return false;
    set->database(running->odoo)->session->allow_login();
    host_.dispatcher.resume(connector);
    resumed.ended.push_back(fmt::format("the host had paused {}: {}", name_of(connector, ""), engine->paused_because));
    return true;
}

Result<Resumed> Controls::resume(const std::string& connector, const std::string& flow, const std::string& who) {
    const auto running = host_.current.get()->connector(connector);
    if (running && mode_of(*running, flow) == Mode::paused)
        return fail(Failure::rejected, fmt::format("{} is {}: give it another `mode`, and the host a SIGHUP",
                                                   name_of(connector, flow), paused_by_configuration));
    const auto pauses = host_.journal.pauses();
    if (!pauses) return std::unexpected(pauses.error());
    Resumed resumed;
    bool any = flow.empty() && resume_by_itself(connector, resumed);
    for (const auto& pause : *pauses) {
        if (pause.connector != connector) continue;
        if (pause.flow != flow) {
            resumed.still.push_back(said(pause, "is still"));
            continue;
        }
        const auto ended = host_.pauses.resume(connector, flow);
        if (!ended) return std::unexpected(ended.error());
        any = any || *ended;
        resumed.ended.push_back(said(pause, "was"));
    }
    if (any) {
        // The pause's row is gone: here is what remains of it, and who ended it.
        for (const auto& ended : resumed.ended)
            host_.log.warning("resumed", {.connector = connector, .flow = flow}, {{"by", who}, {"ended", ended}});
        return resumed;
    }
    if (auto known = check_known(connector, flow); !known) return std::unexpected(known.error());
    auto message = fmt::format("{} is not paused", name_of(connector, flow));
    for (const auto& still : resumed.still) message += "; " + still;
    return fail(Failure::rejected, std::move(message));
}

// ---- starting flows

Result<journal::Appended> Controls::trigger(const std::string& name, const std::string& flow, std::string data) {
    const auto connector = running(name);
    if (!connector) return std::unexpected(connector.error());
    return append_demanded(demand_event(**connector, flow, std::move(data), demand_id(), host_.clock.now_ms()));
}

Result<journal::Appended> Controls::sweep(const std::string& name, const std::string& flow) {
    const auto connector = running(name);
    if (!connector) return std::unexpected(connector.error());
    return append_demanded(demand_sweep_event(**connector, flow, demand_id(), host_.clock.now_ms()));
}

Result<journal::Appended> Controls::reconcile(const std::string& name, const std::string& flow,
                                              const ReconcileWish& wish) {
    const auto connector = running(name);
    if (!connector) return std::unexpected(connector.error());
    return append_demanded(demand_reconcile_event(**connector, flow, wish, demand_id(), host_.clock.now_ms()));
}

Result<std::string> Controls::reconcile_report(const std::string& connector, const std::string& flow,
                                               std::int64_t page) const {
    if (const auto known = check_known(connector, flow); !known) return std::unexpected(known.error());
    const auto report = read_reconcile_report(host_.journal, connector, flow, page);
    if (!report) return std::unexpected(report.error());
    return to_json(*report);
}

/// Two requests within a millisecond are two: a person asked twice.
std::string Controls::demand_id() {
    return fmt::format("{}-{}", host_.clock.now_ms(), ++demands_);
}

Result<journal::Appended> Controls::append_demanded(Result<journal::NewEvent> event) {
    if (!event) return std::unexpected(event.error());
    const auto connector = event->connector;
    std::vector<journal::NewEvent> events;
    events.push_back(std::move(*event));
    const auto appended = host_.journal.append(std::move(events));
    if (!appended) return std::unexpected(appended.error());
    host_.dispatcher.notify(connector);
    return appended->front();
}

// ---- what the contract says

std::string Controls::error_owner(const std::string& name, const std::string& flow) const {
    const auto connector = host_.current.get()->connector(name);
    if (!connector) return "";
    const auto& flows = connector->plugin->contract.flows;
    const auto found = flows.find(flow);
    return found == flows.end() ? "" : found->second.error_owner;
}

std::string Controls::mapping(const journal::EventDetail& detail) const {
    const auto connector = host_.current.get()->connector(detail.event.connector);
    if (!connector) return "";
    const auto& flows = connector->plugin->contract.flows;
    const auto flow = flows.find(detail.event.flow);
    if (flow == flows.end() || !flow->second.record) return "";
    return render_mapping(flow->second, detail.delivered_payload(), connector->config, connector->plugin->hooks);
}

// ---- dry runs

Result<std::string> Controls::dry_run(const journal::EventDetail& detail) {
    const auto claim = next_claim(detail);
    if (!claim) return std::unexpected(claim.error());
    const auto set = host_.current.get();
    const auto connector = set->connector(detail.event.connector);
    if (!connector) return fail(Failure::invalid, fmt::format("connector `{}` does not run", detail.event.connector));
    const auto database = set->database(connector->odoo);
    DryRun run(*connector, *database, host_.admission, host_.journal, host_.clock);
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return fail(Failure::cancelled, "the host stops");
        dry_run_ = &run;
    }
    const auto report = run.run(*claim);
    {
        const std::lock_guard lock(mutex_);
        dry_run_ = nullptr;
    }
    if (!report) return std::unexpected(report.error());
    return to_json(*report, detail.event.seq);
}

void Controls::stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (dry_run_ != nullptr) dry_run_->cancel();
}

AdminHooks Controls::hooks() {
    return {.status = {},
            .pause = [this](const journal::Pause& given) { return pause(given); },
            .resume = [this](const std::string& connector, const std::string& flow,
                             const std::string& who) { return resume(connector, flow, who); },
            .notify = [this](const std::string& connector) { host_.dispatcher.notify(connector); },
            .trigger = [this](const std::string& connector, const std::string& flow,
                              std::string data) { return trigger(connector, flow, std::move(data)); },
            .sweep = [this](const std::string& connector, const std::string& flow) { return sweep(connector, flow); },
            .reconcile = [this](const std::string& connector, const std::string& flow,
                                const ReconcileWish& wish) { return reconcile(connector, flow, wish); },
            .reconcile_report = [this](const std::string& connector, const std::string& flow,
                                       std::int64_t page) { return reconcile_report(connector, flow, page); },
            .error_owner = [this](const std::string& connector,
                                  const std::string& flow) { return error_owner(connector, flow); },
            .mapping = [this](const journal::EventDetail& detail) { return mapping(detail); },
            .dry_run = [this](const journal::EventDetail& detail) { return dry_run(detail); }};
}

}  // namespace sluice::host
