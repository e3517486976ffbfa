#include "tests/simulation/checked_engine.hpp"

#include <fmt/core.h>

namespace sluice::simulation {

CheckedEngine::CheckedEngine(const Environment& environment, const CheckedJournal& journal,
                             std::vector<delivery::ConnectorPlan> plans, std::uint64_t seed,
                             delivery::Admission* admission)
    : environment_(environment),
      journal_(journal),
      admission_(admission),
      engine_(plans, seed, admission),
      began_at_ms_(environment.clock.now_ms()),
      began_steady_ms_(environment.clock.steady_ms()) {
    for (const auto& plan : plans) know(plan);
}

void CheckedEngine::expect(bool holds, const std::string& what) const {
    ++environment_.statistics.checks;
    if (!holds) throw Violation(what);
}

const delivery::FlowPlan& CheckedEngine::plan_of(const std::string& connector, const std::string& flow) const {
    return connectors_.at(connector).plan.flows.at(flow);
}

void CheckedEngine::know(const delivery::ConnectorPlan& plan) {
    auto& connector = connectors_[plan.name];
    connector = {};
    connector.plan = plan;
    for (const auto& [flow, reason] : plan.held) connector.held.insert(flow);
}

// ---- inputs

void CheckedEngine::on_appended(const std::string& connector, const std::string& flow) {
    fed_ = true;
    engine_.on_appended(connector, flow);
}

void CheckedEngine::on_loaded(const delivery::Load& load, std::vector<journal::EventSummary> events,
                              std::optional<std::int64_t> next_available_ms) {
    fed_ = true;
    if (const auto found = connectors_.find(load.connector); found != connectors_.end()) {
        auto& window = found->second.window[load.flow];
        window.clear();
        for (const auto& event : events) {
            // It may be claimed and the journal does not know yet.
            if (!found->second.in_flight.contains(to_int(event.seq))) window.insert(to_int(event.seq));
        }
        note("loaded", load.connector, load.flow, static_cast<std::int64_t>(events.size()),
             next_available_ms ? *next_available_ms - now_ms() : -1);
    }
    engine_.on_loaded(load.connector, load.flow, std::move(events), next_available_ms);
}

void CheckedEngine::on_load_failed(const delivery::Load& load) {
    fed_ = true;
    engine_.on_load_failed(load.connector, load.flow, now_ms());
}

void CheckedEngine::leave(const std::string& connector, std::int64_t seq) {
    const auto found = connectors_.find(connector);
    if (found == connectors_.end()) return;
    found->second.in_flight.erase(seq);
    auto& breaker = breakers_[found->second.plan.odoo];
    if (breaker.canary == seq) breaker.canary.reset();
    auto& vendor = vendor_breaker(found->second);
    if (vendor.canary == seq) vendor.canary.reset();
}

void CheckedEngine::on_unclaimed(const std::string& connector, journal::Seq seq) {
    fed_ = true;
    environment_.hit(Fault::unclaimed);
    note("unclaimed", to_int(seq));
    leave(connector, to_int(seq));
    engine_.on_unclaimed(connector, seq);
}

void CheckedEngine::expect_end(const journal::EventSummary& event, const VerdictSeen& seen) {
    const auto& odoo = connectors_.at(event.connector).plan.odoo;
    const auto seq = to_int(event.seq);
    auto& breaker = breakers_[odoo];
    if (seen.outage) {
        if (!breaker.open) outages_begun_.insert(odoo);
        if (!breaker.open || breaker.half_open) breaker = {.open = true};
    } else if (breaker.open && breaker.canary == seq) {
        breaker = {};
        outages_ended_.insert(odoo);
    }
    const auto& policy = plan_of(event.connector, event.flow).retry;
    ends_.insert_or_assign(seq, Expected{.end = expected_end(policy, event, seen), .holds_key = policy.holds_key});
}

void CheckedEngine::on_verdict(const std::string& connector, const journal::EventSummary& event,
                               delivery::Verdict verdict) {
    fed_ = true;
    note("verdict", to_int(event.seq), verdict.error ? to_string(verdict.error->failure) : "done",
         verdict.outage ? "outage" : "");
    const auto failure = verdict.error ? std::optional(verdict.error->failure) : std::nullopt;
    const bool may_be_outage =
        failure == Failure::retry || failure == Failure::unknown || failure == Failure::rate_limited;
    if (failure == Failure::auth) {
        auto& paused = connectors_.at(connector).paused;
        if (!std::exchange(paused, true)) pauses_.insert(connector);
    }
    learn_of_vendor(connectors_.at(connector), event, verdict);
    expect_end(event, {.error = verdict.error,
                       .outage = verdict.outage && may_be_outage,
                       .external_outage = verdict.external_outage,
                       .stopping = stopping_,
                       .now_ms = now_ms()});
    engine_.on_verdict(connector, event, std::move(verdict), now_ms());
}

void CheckedEngine::on_state_conflict(const std::string& connector, const journal::EventSummary& event,
                                      std::string message) {
    fed_ = true;
    environment_.hit(Fault::state_conflict);
    auto attempted = event;
    attempted.attempt_unknown = true;  // what it did elsewhere stands
    expect_end(attempted, {.error = Error{.failure = Failure::retry}, .stopping = stopping_, .now_ms = now_ms()});
    engine_.on_state_conflict(connector, event, std::move(message), now_ms());
}

void CheckedEngine::on_finished(const std::string& connector, journal::Seq seq) {
    fed_ = true;
    note("finished", to_int(seq));
    leave(connector, to_int(seq));
    engine_.on_finished(connector, seq);
}

void CheckedEngine::on_probe(const std::string& odoo, bool healthy) {
    fed_ = true;
    auto& breaker = breakers_[odoo];
    if (breaker.open && std::exchange(breaker.probing, false)) breaker.half_open = healthy;
    engine_.on_probe(odoo, healthy, now_ms());
}

void CheckedEngine::on_clock_set_back(std::int64_t step_ms) {
    fed_ = true;
    for (auto& [vendor, breaker] : vendor_breakers_) breaker.try_at_ms -= step_ms;
    engine_.on_clock_set_back(step_ms, now_ms());
}

void CheckedEngine::on_clock_set_forward(std::int64_t step_ms) {
    fed_ = true;
    forward_ms_ += step_ms;
    engine_.on_clock_set_forward(step_ms, now_ms());
}

void CheckedEngine::pause(const std::string& connector, const std::string& reason) {
    fed_ = true;
    const auto found = connectors_.find(connector);
    if (found != connectors_.end() && !std::exchange(found->second.paused, true)) pauses_.insert(connector);
    engine_.pause(connector, reason);
}

void CheckedEngine::resume(const std::string& connector) {
    fed_ = true;
    if (const auto found = connectors_.find(connector); found != connectors_.end()) found->second.paused = false;
    engine_.resume(connector);
}

void CheckedEngine::hold(const std::string& connector, const std::string& flow) {
    fed_ = true;
    if (const auto found = connectors_.find(connector); found != connectors_.end()) found->second.held.insert(flow);
    engine_.hold(connector, flow, "an operator said so");
}

void CheckedEngine::release(const std::string& connector, const std::string& flow) {
    fed_ = true;
    if (const auto found = connectors_.find(connector); found != connectors_.end()) found->second.held.erase(flow);
    engine_.release(connector, flow);
}

void CheckedEngine::add(const delivery::ConnectorPlan& plan) {
    fed_ = true;
    know(plan);
    engine_.add(plan);
}

void CheckedEngine::retire(const std::string& connector) {
    fed_ = true;
    connectors_.at(connector).retired = true;
    engine_.retire(connector);
}

void CheckedEngine::remove(const std::string& connector) {
    fed_ = true;
    expect(connectors_.at(connector).in_flight.empty(), "a connector is removed of which something runs");
    connectors_.erase(connector);
    engine_.remove(connector);
}

void CheckedEngine::stop() {
    fed_ = true;
    stopping_ = true;
    engine_.stop();
}

// ---- outputs

std::vector<delivery::Action> CheckedEngine::step() {
    let_vendors_be_tried();
    note_what_is_closed();
    const bool asleep = !fed_ && promised_ && (!promised_wake_ms_ || now_ms() < *promised_wake_ms_);
    auto actions = engine_.step(now_ms());
    expect(!asleep || actions.empty(), "the engine has something to do and had not said when");
    for (const auto& action : actions) std::visit([this](const auto& one) { check(one); }, action);
    std::size_t flows = 0;
    for (const auto& [name, connector] : connectors_) flows += connector.plan.flows.size();
    expect(engine_.buffered() <= flows * static_cast<std::size_t>(delivery::Engine::window),
           fmt::format("the engine keeps {} events in memory", engine_.buffered()));
    for (const auto* left : {&outages_begun_, &outages_ended_, &pauses_}) {
        expect(left->empty(), "the operator was not told of an outage or a pause");
    }
    note_what_is_closed();
    fed_ = false;
    promised_ = actions.empty();
    promised_wake_ms_ = engine_.wake_at(now_ms());
    expect(!promised_ || !promised_wake_ms_ || *promised_wake_ms_ > now_ms(),
           "the engine has nothing to do and wants to be asked again at once");
    return actions;
}

std::optional<std::int64_t> CheckedEngine::wake_at() const {
    return engine_.wake_at(now_ms());
}

std::string CheckedEngine::closed_because(const std::string& name, const std::string& flow) const {
    const auto found = connectors_.find(name);
    if (found == connectors_.end()) return "removed";
    const auto& connector = found->second;
    if (stopping_) return "stopping";
    if (connector.retired) return "retired";
    if (connector.paused) return "paused";
    if (connector.held.contains("") || connector.held.contains(flow)) return "held";
    std::set<int> lanes;
    for (const auto& [seq, lane] : connector.in_flight) lanes.insert(lane);
    if (lanes.size() >= static_cast<std::size_t>(connector.plan.lanes)) return "no lane is free";
    if (!is_admitted(name, flow)) return "not admitted";
    const auto breaker = breakers_.find(connector.plan.odoo);
    const bool odoo_away = breaker != breakers_.end() && breaker->second.open;
    if (!odoo_away && !is_vendor_away(connector, flow)) return "";
    // An open breaker closes by itself: not for ever is what the run's end tells.
    return "outage";
}

void CheckedEngine::note_what_is_closed() {
    const auto now = environment_.clock.steady_ms();
    for (auto& [name, connector] : connectors_) {
        for (const auto& [flow, plan] : connector.plan.flows) {
            if (!closed_because(name, flow).empty()) connector.closed_at_ms[flow] = now;
        }
    }
}

std::optional<std::int64_t> CheckedEngine::open_since_ms(const std::string& name, const std::string& flow) const {
    if (!closed_because(name, flow).empty()) return std::nullopt;
    const auto& closed_at_ms = connectors_.at(name).closed_at_ms;
    const auto found = closed_at_ms.find(flow);
    return found == closed_at_ms.end() ? 0 : found->second;
}

bool CheckedEngine::has_in_flight(const std::string& connector, std::int64_t seq) const {
    const auto found = connectors_.find(connector);
    return found != connectors_.end() && found->second.in_flight.contains(seq);
}

}  // namespace sluice::simulation
