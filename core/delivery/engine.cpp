#include "core/delivery/engine.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace sluice::delivery {

namespace {

std::int64_t probe_delay_ms(int failed_probes) {
    const int doublings = std::min(failed_probes, 16);
    return std::min(Engine::outage_probe_base_ms << doublings, Engine::outage_probe_cap_ms);
}

}  // namespace

Engine::Engine(std::vector<ConnectorPlan> plans, std::uint64_t seed) : random_(seed) {
    for (auto& plan : plans) {
        const std::string name = plan.name;
        connectors_[name].plan = std::move(plan);
    }
}

Engine::Connector* Engine::find(const std::string& connector) {
    const auto found = connectors_.find(connector);
    return found == connectors_.end() ? nullptr : &found->second;
}

const RetryPolicy& Engine::policy(const Connector& connector, const std::string& flow) const {
    static const RetryPolicy of_unknown_flow;  // an event may outlive the flow that made it
    const auto found = connector.plan.flows.find(flow);
    return found == connector.plan.flows.end() ? of_unknown_flow : found->second;
}

bool Engine::may_deliver(const Connector& connector) const {
    if (stopping_ || connector.retired || !connector.paused_because.empty()) return false;
    const auto outage = outages_.find(connector.plan.odoo);
    return outage == outages_.end() || (outage->second.half_open && !outage->second.canary);
}

// ---- inputs

void Engine::on_appended(const std::string& connector) {
    if (auto* found = find(connector)) found->reload = true;
}

void Engine::on_loaded(const std::string& connector, std::vector<journal::EventSummary> events,
                       std::optional<std::int64_t> next_available_ms) {
    auto* found = find(connector);
    if (found == nullptr) return;
    found->loading = false;
    // A full answer: the journal may hold more.
    if (events.size() >= static_cast<std::size_t>(window)) found->reload = true;
    found->next_available_ms = next_available_ms;
    // What is being claimed just now may still be in the answer.
    std::erase_if(events, [&](const auto& event) { return found->in_flight.contains(event.seq); });
    if (events.size() > static_cast<std::size_t>(window)) events.resize(static_cast<std::size_t>(window));
    found->ready.assign(std::make_move_iterator(events.begin()), std::make_move_iterator(events.end()));
}

void Engine::on_load_failed(const std::string& connector, std::int64_t now_ms) {
    auto* found = find(connector);
    if (found == nullptr) return;
    found->loading = false;
    found->reload = false;
    found->next_available_ms = now_ms + load_retry_ms;
}

void Engine::on_unclaimed(const std::string& connector, journal::Seq seq) {
    auto* found = find(connector);
    if (found == nullptr || found->in_flight.erase(seq) == 0) return;
    found->reload = true;
    forget_canary(found->plan.odoo, seq);
}

void Engine::on_verdict(const std::string& connector, const journal::EventSummary& event, Verdict verdict,
                        std::int64_t now_ms) {
    auto* found = find(connector);
    if (found == nullptr || !found->in_flight.contains(event.seq)) return;
    if (verdict.error && verdict.error->failure == Failure::auth) pause(connector, verdict.error->message);
    decide_and_finish(*found, event, std::move(verdict), now_ms);
}

void Engine::on_state_conflict(const std::string& connector, const journal::EventSummary& event, std::string message,
                               std::int64_t now_ms) {
    auto* found = find(connector);
    if (found == nullptr || !found->in_flight.contains(event.seq)) return;
    // What the delivery did elsewhere stands, so the next attempt must look.
    auto attempted = event;
    attempted.attempt_unknown = true;
    Verdict verdict;
    verdict.error = Error{.failure = Failure::retry, .message = std::move(message)};
    decide_and_finish(*found, attempted, std::move(verdict), now_ms);
}

void Engine::decide_and_finish(Connector& connector, const journal::EventSummary& event, Verdict verdict,
                               std::int64_t now_ms) {
    const bool in_doubt =
        verdict.error && (verdict.error->failure == Failure::retry || verdict.error->failure == Failure::unknown ||
                          verdict.error->failure == Failure::rate_limited);
    // Without an Odoo database there is nothing to probe, so the failure counts.
    const bool outage = verdict.outage && in_doubt && !connector.plan.odoo.empty();
    if (outage) {
        open_breaker(connector.plan.odoo, verdict.error->message, now_ms);
    } else {
        close_breaker(connector.plan.odoo, event.seq);
    }
    auto& others = connector.in_flight[event.seq];
    others.clear();
    for (const auto& emitted : verdict.emitted) others.insert(emitted.connector);
    auto finish = decide(policy(connector, event.flow), event, verdict, outage, stopping_, now_ms, random_);
    decided_.push_back(FinishEvent{connector.plan.name, event.seq, std::move(finish)});
}

void Engine::on_finished(const std::string& connector, journal::Seq seq) {
    auto* found = find(connector);
    if (found == nullptr) return;
    const auto running = found->in_flight.extract(seq);
    if (running.empty()) return;
    found->reload = true;
    forget_canary(found->plan.odoo, seq);  // one that was buried without a delivery
    for (const auto& other : running.mapped()) on_appended(other);
}

void Engine::open_breaker(const std::string& odoo, const std::string& reason, std::int64_t now_ms) {
    const auto [outage, is_new] = outages_.try_emplace(odoo);
    if (is_new) decided_.push_back(OutageChanged{.odoo = odoo, .begun = true, .reason = reason});
    if (is_new || outage->second.half_open) outage->second = Outage{.next_probe_ms = now_ms + probe_delay_ms(0)};
}

void Engine::close_breaker(const std::string& odoo, journal::Seq canary) {
    const auto outage = outages_.find(odoo);
    if (outage == outages_.end() || outage->second.canary != canary) return;
    outages_.erase(outage);
    decided_.push_back(OutageChanged{.odoo = odoo, .begun = false, .reason = {}});
}

void Engine::forget_canary(const std::string& odoo, journal::Seq seq) {
    const auto outage = outages_.find(odoo);
    if (outage != outages_.end() && outage->second.canary == seq) outage->second.canary.reset();
}

void Engine::on_probe(const std::string& odoo, bool healthy, std::int64_t now_ms) {
    const auto found = outages_.find(odoo);
    if (found == outages_.end() || !found->second.probing) return;
    auto& outage = found->second;
    outage.probing = false;
    outage.half_open = healthy;  // what became ready meanwhile was noted in `reload`
    if (healthy) return;
    ++outage.failed_probes;
    outage.next_probe_ms = now_ms + probe_delay_ms(outage.failed_probes);
}

void Engine::on_clock_set_back(std::int64_t step_ms) {
    for (auto& [odoo, outage] : outages_) outage.next_probe_ms -= step_ms;
    for (auto& [name, connector] : connectors_) {
        connector.ready.clear();
        connector.next_available_ms.reset();
        connector.reload = true;
    }
}

void Engine::pause(const std::string& connector, std::string reason) {
    auto* found = find(connector);
    if (found == nullptr || !found->paused_because.empty()) return;
    if (reason.empty()) reason = "no reason given";
    found->paused_because = reason;
    decided_.push_back(Paused{connector, std::move(reason)});
}

void Engine::resume(const std::string& connector) {
    auto* found = find(connector);
    if (found == nullptr) return;
    found->paused_because.clear();
}

void Engine::add(ConnectorPlan plan) {
    const std::string name = plan.name;
    connectors_.insert_or_assign(name, Connector{.plan = std::move(plan)});
}

void Engine::retire(const std::string& connector) {
    if (auto* found = find(connector)) found->retired = true;
}

void Engine::remove(const std::string& connector) {
    const auto found = connectors_.find(connector);
    if (found != connectors_.end() && found->second.in_flight.empty()) connectors_.erase(found);
}

// ---- decisions

std::vector<Action> Engine::step(std::int64_t now_ms) {
    auto actions = std::move(decided_);
    decided_.clear();
    if (stopping_) return actions;
    step_probes(actions, now_ms);
    step_claims(actions, now_ms);
    step_loads(actions, now_ms);
    return actions;
}

void Engine::step_probes(std::vector<Action>& actions, std::int64_t now_ms) {
    for (auto& [odoo, outage] : outages_) {
        if (outage.probing || outage.half_open || outage.next_probe_ms > now_ms) continue;
        outage.probing = true;
        actions.push_back(Probe{odoo});
    }
}

void Engine::step_claims(std::vector<Action>& actions, std::int64_t now_ms) {
    if (connectors_.empty()) return;
    // One event of each connector in turn, each round begun by another one.
    auto first = connectors_.upper_bound(served_first_);
    if (first == connectors_.end()) first = connectors_.begin();
    served_first_ = first->first;
    for (bool claimed = true; claimed;) {
        claimed = false;
        auto turn = first;
        do {
            claimed = claim_next(turn->second, actions, now_ms) || claimed;
            if (++turn == connectors_.end()) turn = connectors_.begin();
        } while (turn != first);
    }
}

bool Engine::claim_next(Connector& connector, std::vector<Action>& actions, std::int64_t now_ms) {
    if (!may_deliver(connector) || connector.ready.empty()) return false;
    if (connector.in_flight.size() >= static_cast<std::size_t>(std::max(1, connector.plan.lanes))) return false;
    if (connector.ready.front().available_at_ms > now_ms) return false;
    const auto event = std::move(connector.ready.front());
    connector.ready.pop_front();
    connector.in_flight.try_emplace(event.seq);
    if (const auto outage = outages_.find(connector.plan.odoo); outage != outages_.end())
        outage->second.canary = event.seq;

    const auto& retry = policy(connector, event.flow);
    if (event.counted_failures < retry.limit) {
        actions.push_back(ClaimEvent{connector.plan.name, event.seq});
        return true;
    }
    // Its last counted attempt had no verdict to end it: the process died.
    journal::Finish finish;
    finish.kind = journal::Finish::Kind::dead_letter;
    finish.verdict = "unknown";
    finish.message = fmt::format("given up after {} of {} attempts, not delivered again: {}", event.counted_failures,
                                 retry.limit, event.outcome);
    finish.unknown = event.attempt_unknown;
    finish.holds_key = retry.holds_key;
    actions.push_back(DeadLetterEvent{connector.plan.name, event.seq, std::move(finish)});
    return true;
}

void Engine::step_loads(std::vector<Action>& actions, std::int64_t now_ms) {
    for (auto& [name, connector] : connectors_) {
        if (!may_deliver(connector) || connector.loading) continue;
        if (connector.next_available_ms && *connector.next_available_ms <= now_ms) {
            connector.next_available_ms.reset();
            connector.reload = true;
        }
        // Not before it runs low: an answer replaces the whole window.
        const bool low = connector.ready.size() < static_cast<std::size_t>(std::max(1, connector.plan.lanes));
        if (!connector.reload || !low) continue;
        connector.reload = false;
        connector.loading = true;
        actions.push_back(Load{name, window});
    }
}

std::optional<std::int64_t> Engine::wake_at(std::int64_t now_ms) const {
    if (!decided_.empty()) return now_ms;
    if (stopping_) return std::nullopt;
    std::optional<std::int64_t> earliest;
    const auto consider = [&](std::int64_t at_ms) { earliest = earliest ? std::min(*earliest, at_ms) : at_ms; };
    for (const auto& [odoo, outage] : outages_) {
        if (!outage.probing && !outage.half_open) consider(outage.next_probe_ms);
    }
    for (const auto& [name, connector] : connectors_) {
        if (!may_deliver(connector)) continue;
        if (!connector.loading && connector.next_available_ms) consider(*connector.next_available_ms);
        // With events in the window, either all lanes are busy (their verdicts wake the engine), or the clock went
        // back.
        if (!connector.ready.empty() && connector.ready.front().available_at_ms > now_ms) {
            consider(connector.ready.front().available_at_ms);
        }
    }
    return earliest;
}

int Engine::running() const {
    std::size_t running = 0;
    for (const auto& [name, connector] : connectors_) running += connector.in_flight.size();
    return static_cast<int>(running);
}

int Engine::running(const std::string& connector) const {
    const auto found = connectors_.find(connector);
    return found == connectors_.end() ? 0 : static_cast<int>(found->second.in_flight.size());
}

std::vector<Engine::Status> Engine::status() const {
    std::vector<Status> all;
    for (const auto& [name, connector] : connectors_) {
        all.push_back({.connector = name,
                       .paused_because = connector.paused_because,
                       .outage = outages_.contains(connector.plan.odoo),
                       .running = static_cast<int>(connector.in_flight.size())});
    }
    return all;
}

std::size_t Engine::buffered() const {
    std::size_t buffered = 0;
    for (const auto& [name, connector] : connectors_) buffered += connector.ready.size();
    return buffered;
}

}  // namespace sluice::delivery
