#include "core/delivery/engine.hpp"

#include <algorithm>

namespace sluice::delivery {

Engine::Engine(std::vector<ConnectorPlan> plans, std::uint64_t seed, Admission* admission)
    : random_(seed), admission_(admission) {
    for (auto& plan : plans) add(std::move(plan));
}

Engine::Connector Engine::make_connector(ConnectorPlan plan) {
    Connector connector;
    for (const auto& [name, flow] : plan.flows) connector.flows[name].plan = flow;
    connector.held = plan.held;
    connector.plan = std::move(plan);
    return connector;
}

Engine::Connector* Engine::find(const std::string& connector) {
    const auto found = connectors_.find(connector);
    return found == connectors_.end() ? nullptr : &found->second;
}

Engine::Flow* Engine::find(const std::string& connector, const std::string& flow) {
    auto* found = find(connector);
    if (found == nullptr) return nullptr;
    const auto one = found->flows.find(flow);
    return one == found->flows.end() ? nullptr : &one->second;
}

const FlowPlan& Engine::plan_of(const Connector& connector, const std::string& flow) {
    static const FlowPlan of_unknown_flow;
    const auto found = connector.flows.find(flow);
    return found == connector.flows.end() ? of_unknown_flow : found->second.plan;
}

bool Engine::may_deliver(const Connector& connector) const {
    return !stopping_ && !connector.retired && connector.paused_because.empty() && !connector.held.contains("") &&
           breakers_.lets_pass(connector.plan.odoo);
}

// ---- inputs

void Engine::on_appended(const std::string& connector, const std::string& flow) {
    auto* found = find(connector);
    if (found == nullptr) return;
    for (auto& [name, one] : found->flows) one.reload = one.reload || flow.empty() || flow == name;
}

void Engine::on_loaded(const std::string& connector, const std::string& flow, std::vector<journal::EventSummary> events,
                       std::optional<std::int64_t> next_available_ms) {
    auto* found = find(connector, flow);
    if (found == nullptr) return;
    found->loading = false;
    // A full answer: the journal may hold more.
    if (events.size() >= static_cast<std::size_t>(window)) found->reload = true;
    found->next_available_ms = next_available_ms;
    // What is being claimed just now may still be in the answer.
    const auto& in_flight = find(connector)->in_flight;
    std::erase_if(events, [&](const auto& event) { return in_flight.contains(event.seq); });
    if (events.size() > static_cast<std::size_t>(window)) events.resize(static_cast<std::size_t>(window));
    found->ready.assign(std::make_move_iterator(events.begin()), std::make_move_iterator(events.end()));
}

void Engine::on_load_failed(const std::string& connector, const std::string& flow, std::int64_t now_ms) {
    auto* found = find(connector, flow);
    if (found == nullptr) return;
    found->loading = false;
    found->reload = false;
    found->next_available_ms = now_ms + load_retry_ms;
}

void Engine::leave(Connector& connector, journal::Seq seq) {
    const auto running = connector.in_flight.extract(seq);
    if (running.empty()) return;
    const auto lane = connector.lanes.find(running.mapped().lane);
    if (lane != connector.lanes.end() && --lane->second == 0) connector.lanes.erase(lane);
    breakers_.forget_canary(connector.plan.odoo, seq);
    external_breakers_.forget_canary(connector.plan.external, seq);
}

void Engine::on_unclaimed(const std::string& connector, journal::Seq seq) {
    auto* found = find(connector);
    if (found == nullptr || !found->in_flight.contains(seq)) return;
    leave(*found, seq);
    on_appended(connector);
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

bool Engine::learn(Connector& connector, const journal::EventSummary& event, const Verdict& verdict,
                   std::int64_t now_ms) {
    const auto failed_as = [&](Failure failure) { return verdict.error && verdict.error->failure == failure; };
    const bool in_doubt = failed_as(Failure::retry) || failed_as(Failure::unknown);
    const auto& odoo = connector.plan.odoo;
    // Without an Odoo database there is nothing to probe, so the failure counts.
    const bool outage = verdict.outage && (in_doubt || failed_as(Failure::rate_limited)) && !odoo.empty();
    if (outage) {
        if (breakers_.open(odoo, verdict.error->message, now_ms))
            decided_.push_back(
                OutageChanged{.odoo = odoo, .begun = true, .reason = verdict.error->message, .external = {}});
    } else if (breakers_.close(odoo, event.seq)) {
        decided_.push_back(OutageChanged{.odoo = odoo, .begun = false, .reason = {}, .external = {}});
    }

    const auto& account = connector.plan.external;
    if (account.empty() || (!verdict.external_outage && !verdict.external_answered)) return outage;
    if (const auto flow = connector.flows.find(event.flow); flow != connector.flows.end())
        flow->second.calls_external = true;
    if (verdict.external_outage && in_doubt) {
        if (external_breakers_.open(account, verdict.error->message, now_ms))
            decided_.push_back(
                OutageChanged{.odoo = {}, .begun = true, .reason = verdict.error->message, .external = account});
    } else if (verdict.external_answered && external_breakers_.close(account, event.seq)) {
        decided_.push_back(OutageChanged{.odoo = {}, .begun = false, .reason = {}, .external = account});
    }
    return outage;
}

void Engine::decide_and_finish(Connector& connector, const journal::EventSummary& event, Verdict verdict,
                               std::int64_t now_ms) {
    const bool outage = learn(connector, event, verdict, now_ms);
    auto& running = connector.in_flight[event.seq];
    running.emits.clear();
    for (const auto& emitted : verdict.emitted) {
        // One that supersedes the first of its key makes the next one ready, of whatever flow.
        running.emits.emplace(emitted.connector, emitted.coalesce ? "" : emitted.flow);
    }
    auto finish = decide(plan_of(connector, event.flow).retry, event, verdict, outage, stopping_, now_ms, random_);
    // Tried again: its own flow must be looked at, also where it is of no order.
    if (finish.kind == journal::Finish::Kind::again) running.emits.emplace(event.connector, event.flow);
    decided_.push_back(FinishEvent{connector.plan.name, event.seq, std::move(finish)});
}

void Engine::on_finished(const std::string& connector, journal::Seq seq) {
    auto* found = find(connector);
    if (found == nullptr) return;
    const auto running = found->in_flight.find(seq);
    if (running == found->in_flight.end()) return;
    const auto [order, own_order] = std::pair(running->second.order, running->second.own_order);
    const auto emits = std::move(running->second.emits);
    leave(*found, seq);
    for (auto& [name, flow] : found->flows) {
        // A successor may be of any flow of that order. Of a flow the contract has no more the order is not known; nor
        // which flows have events of an order that is no flow's (a poll's, or one that the contract had).
        const bool may_succeed = !own_order || flow.plan.order == order || flow.plan.order.empty();
        flow.reload = flow.reload || (!order.empty() && may_succeed);
    }
    for (const auto& [other, flow] : emits) on_appended(other, flow);
}

void Engine::on_clock_set_back(std::int64_t step_ms, std::int64_t now_ms) {
    age_.on_set_back(step_ms, now_ms);
    breakers_.on_clock_set_back(step_ms);
    external_breakers_.on_clock_set_back(step_ms);
    for (auto& [name, connector] : connectors_) {
        connector.not_before_ms.reset();
        for (auto& [flow_name, flow] : connector.flows) {
            flow.ready.clear();
            flow.next_available_ms.reset();
            flow.reload = true;
        }
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
    if (auto* found = find(connector)) found->paused_because.clear();
}

void Engine::hold(const std::string& connector, const std::string& flow, std::string reason) {
    if (auto* found = find(connector)) found->held.insert_or_assign(flow, std::move(reason));
}

void Engine::release(const std::string& connector, const std::string& flow) {
    if (auto* found = find(connector)) found->held.erase(flow);
}

void Engine::add(ConnectorPlan plan) {
    const std::string name = plan.name;
    connectors_.insert_or_assign(name, make_connector(std::move(plan)));
}

void Engine::retire(const std::string& connector) {
    if (auto* found = find(connector)) found->retired = true;
}

void Engine::remove(const std::string& connector) {
    const auto found = connectors_.find(connector);
    if (found != connectors_.end() && found->second.in_flight.empty()) connectors_.erase(found);
}

// ---- what there is

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
                       .held = connector.held,
                       .outage = breakers_.is_open(connector.plan.odoo),
                       .external_outage = external_breakers_.reason(connector.plan.external),
                       .external_half_open = external_breakers_.is_half_open(connector.plan.external),
                       .running = static_cast<int>(connector.in_flight.size())});
    }
    return all;
}

std::size_t Engine::buffered() const {
    std::size_t buffered = 0;
    for (const auto& [name, connector] : connectors_) {
        for (const auto& [flow_name, flow] : connector.flows) buffered += flow.ready.size();
    }
    return buffered;
}

}  // namespace sluice::delivery
