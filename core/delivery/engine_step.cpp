// Which event goes next.

#include <fmt/core.h>

#include <algorithm>

#include "core/delivery/engine.hpp"

namespace sluice::delivery {

namespace {

/// Stride scheduling: what a turn costs a flow. Four to one between neighbours.
std::int64_t stride(Priority priority) {
    switch (priority) {
        case Priority::high:
            return 1;
        case Priority::normal:
            return 4;
        case Priority::low:
            return 16;
    }
    return 4;
}

void keep_earliest(std::optional<std::int64_t>& earliest, std::optional<std::int64_t> at_ms) {
    if (at_ms) earliest = earliest ? std::min(*earliest, *at_ms) : *at_ms;
}

}  // namespace

std::vector<Action> Engine::step(std::int64_t now_ms) {
    auto actions = std::move(decided_);
    decided_.clear();
    if (stopping_) return actions;
    for (auto& odoo : breakers_.take_due_probes(now_ms)) actions.push_back(Probe{std::move(odoo)});
    external_breakers_.let_due_pass(now_ms);
    step_claims(actions, now_ms);
    step_loads(actions, now_ms);
    return actions;
}

void Engine::step_claims(std::vector<Action>& actions, std::int64_t now_ms) {
    if (connectors_.empty()) return;
    // One delivery of each connector in turn, each round begun by another one.
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

/// When the first delivery of a flow's window may begin, by its back-off and by what its batch waits for.
std::optional<std::int64_t> Engine::deliverable_at_ms(const Flow& flow) {
    if (flow.ready.empty()) return std::nullopt;
    const auto& first = flow.ready.front();
    const auto most = static_cast<std::size_t>(std::max(1, flow.plan.batch_max));
    if (most == 1 || flow.plan.batch_wait_ms == 0) return first.available_at_ms;
    const auto waits_until_ms = std::max(first.available_at_ms, first.ready_at_ms) + flow.plan.batch_wait_ms;
    if (flow.ready.size() < most) return waits_until_ms;
    return std::min(waits_until_ms, flow.ready[most - 1].available_at_ms);
}

Engine::Flow* Engine::next_flow(Connector& connector, std::int64_t now_ms) {
    Flow* next = nullptr;
    for (auto& [name, flow] : connector.flows) {
        if (!may_deliver(connector, name, flow)) continue;
        const auto at_ms = deliverable_at_ms(flow);
        if (!at_ms || *at_ms > now_ms) continue;
        // One that had nothing for a while has saved up no turns.
        flow.pass = std::max(flow.pass, connector.pass);
        if (next != nullptr && flow.pass >= next->pass) continue;
        const auto not_before_ms =
            admission_ == nullptr ? std::nullopt : admission_->earliest_start_ms(connector.plan.name, name, now_ms);
        if (not_before_ms && *not_before_ms > now_ms) {
            keep_earliest(connector.not_before_ms, not_before_ms);
        } else {
            next = &flow;
        }
    }
    return next;
}

std::optional<journal::Finish> Engine::undeliverable(const FlowPlan& plan, const journal::EventSummary& event,
                                                     std::int64_t now_ms) const {
    journal::Finish finish;
    finish.kind = journal::Finish::Kind::dead_letter;
    finish.unknown = event.attempt_unknown;
    finish.holds_key = plan.retry.holds_key;
    if (event.counted_failures >= plan.retry.limit) {
        // Its last counted attempt had no verdict to end it: the process died.
        finish.verdict = "unknown";
        finish.message = fmt::format("given up after {} of {} attempts, not delivered again: {}",
                                     event.counted_failures, plan.retry.limit, event.outcome);
        return finish;
    }
    // Whom a person replays has its time again.
    const auto since_ms = std::max(event.appended_at_ms, event.replayed_at_ms);
    if (plan.deadline_ms > 0 && age_.age_ms(since_ms, now_ms) > plan.deadline_ms) {
        finish.verdict = "expired";
        finish.message = fmt::format("not delivered within {} s of its arrival{}{}", plan.deadline_ms / 1'000,
                                     event.outcome.empty() ? "" : ": ", event.outcome);
        return finish;
    }
    return std::nullopt;
}

bool Engine::claim_next(Connector& connector, std::vector<Action>& actions, std::int64_t now_ms) {
    if (!may_deliver(connector)) return false;
    connector.not_before_ms.reset();  // also where no lane is free: a time that is past would keep it awake
    if (connector.lanes.size() >= static_cast<std::size_t>(std::max(1, connector.plan.lanes))) return false;
    auto* const flow = next_flow(connector, now_ms);
    if (flow == nullptr) return false;
    connector.pass = flow->pass;
    flow->pass += stride(flow->plan.priority);

    const auto lane = ++last_lane_;
    const auto begin = [&](const journal::EventSummary& event) {
        connector.in_flight.try_emplace(event.seq, InFlight{.lane = lane,
                                                            .order = event.ordering_key.empty() ? "" : event.order,
                                                            .own_order = event.order == flow->plan.order,
                                                            .emits = {}});
        ++connector.lanes[lane];
        breakers_.on_claimed(connector.plan.odoo, event.seq);
        if (flow->calls_external) external_breakers_.on_claimed(connector.plan.external, event.seq);
    };
    // While a breaker is half open one event goes alone.
    const bool alone = breakers_.is_half_open(connector.plan.odoo) ||
                       (flow->calls_external && external_breakers_.is_half_open(connector.plan.external));
    const auto most = static_cast<std::size_t>(alone ? 1 : std::max(1, flow->plan.batch_max));
    std::vector<journal::Seq> seqs;
    while (seqs.size() < most && !flow->ready.empty() && flow->ready.front().available_at_ms <= now_ms) {
        if (auto end = undeliverable(flow->plan, flow->ready.front(), now_ms)) {
            if (!seqs.empty()) break;  // it goes alone, the next time
            const auto& event = flow->ready.front();
            begin(event);
            connector.in_flight.at(event.seq).emits.emplace(connector.plan.name, event.flow);  // it may be given back
            actions.push_back(DeadLetterEvent{connector.plan.name, event.seq, std::move(*end), event.counted_failures});
            flow->ready.pop_front();
            return true;
        }
        begin(flow->ready.front());
        seqs.push_back(flow->ready.front().seq);
        flow->ready.pop_front();
    }
    actions.push_back(ClaimEvents{connector.plan.name, std::move(seqs)});
    return true;
}

void Engine::step_loads(std::vector<Action>& actions, std::int64_t now_ms) {
    for (auto& [name, connector] : connectors_) {
        if (!may_deliver(connector)) continue;
        for (auto& [flow_name, flow] : connector.flows) {
            if (flow.loading || !may_deliver(connector, flow_name, flow)) continue;
            if (flow.next_available_ms && *flow.next_available_ms <= now_ms) {
                flow.next_available_ms.reset();
                flow.reload = true;
            }
            // Not before it runs low: an answer replaces the whole window.
            const auto enough = static_cast<std::size_t>(std::max(1, connector.plan.lanes)) *
                                static_cast<std::size_t>(std::max(1, flow.plan.batch_max));
            const bool low = flow.ready.size() < std::min(enough, static_cast<std::size_t>(window));
            if (!flow.reload || !low) continue;
            flow.reload = false;
            flow.loading = true;
            actions.push_back(Load{name, flow_name, window});
        }
    }
}

std::optional<std::int64_t> Engine::wake_at(std::int64_t now_ms) const {
    if (!decided_.empty()) return now_ms;
    if (stopping_) return std::nullopt;
    auto earliest = breakers_.next_probe_ms();
    keep_earliest(earliest, external_breakers_.next_probe_ms());
    for (const auto& [name, connector] : connectors_) {
        if (!may_deliver(connector)) continue;
        keep_earliest(earliest, connector.not_before_ms);
        for (const auto& [flow_name, flow] : connector.flows) {
            if (!may_deliver(connector, flow_name, flow)) continue;
            if (!flow.loading) keep_earliest(earliest, flow.next_available_ms);
            // What is deliverable now waits for a lane (its verdict wakes the engine) or for admission.
            const auto at_ms = deliverable_at_ms(flow);
            if (at_ms && *at_ms > now_ms) keep_earliest(earliest, at_ms);
        }
    }
    return earliest;
}

}  // namespace sluice::delivery
