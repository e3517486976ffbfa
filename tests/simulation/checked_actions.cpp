// Each action of the engine, and when it is allowed.

#include <fmt/core.h>

#include <algorithm>

#include "tests/simulation/checked_engine.hpp"

namespace sluice::simulation {

namespace {

std::vector<std::int64_t> numbers_of(const std::vector<journal::Seq>& seqs) {
    std::vector<std::int64_t> numbers;
    for (const auto seq : seqs) numbers.push_back(to_int(seq));
    return numbers;
}

/// What a turn costs: four to one between neighbours.
int cost(delivery::Priority priority) {
    return priority == delivery::Priority::high ? 1 : priority == delivery::Priority::normal ? 4 : 16;
}

/// Of a flow's deadline.
std::int64_t clock_begins_at(const Entry& entry) {
    return std::max(entry.appended_at_ms, entry.replayed_at_ms);
}

}  // namespace

void CheckedEngine::check(const delivery::Load& load) {
    note("load", load.connector, load.flow);
    expect(load.limit == delivery::Engine::window, "the engine loads more than its window");
    expect(connectors_.contains(load.connector), "a connector that is not there is loaded");
}

bool CheckedEngine::is_admitted(const std::string& connector, const std::string& flow) const {
    return admission_ == nullptr || admission_->earliest_start_ms(connector, flow, now_ms()).value_or(0) <= now_ms();
}

bool CheckedEngine::is_over(const delivery::FlowPlan& plan, const Entry& entry) const {
    return entry.counted_failures >= plan.retry.limit ||
           (plan.deadline_ms > 0 && now_ms() - clock_begins_at(entry) - forward_ms_ > plan.deadline_ms);
}

bool CheckedEngine::may_be_over(const delivery::FlowPlan& plan, const Entry& entry) const {
    if (entry.counted_failures >= plan.retry.limit) return true;
    if (plan.deadline_ms == 0) return false;
    const auto now = environment_.clock.steady_ms();
    const auto appended = environment_.clock.first_shown_at_ms(clock_begins_at(entry));
    auto oldest_ms = now - appended;
    // What passed before this host began it knows by the wall clock alone.
    if (appended < began_steady_ms_)
        oldest_ms = std::max(oldest_ms, began_at_ms_ - clock_begins_at(entry) + now - began_steady_ms_);
    return oldest_ms > plan.deadline_ms;
}

void CheckedEngine::check_may_begin(const std::string& name, const std::vector<std::int64_t>& seqs) {
    expect(!stopping_, "the host stops and something is claimed");
    expect(connectors_.contains(name), "something is claimed of a connector that was removed");
    auto& connector = connectors_.at(name);
    expect(!connector.retired && !connector.paused && !connector.held.contains(""),
           fmt::format("something is claimed of {}, which is paused", name));
    auto& breaker = breakers_[connector.plan.odoo];
    expect(!breaker.open || breaker.half_open,
           fmt::format("something is claimed of {} and {} does not answer", name, connector.plan.odoo));
    expect(!breaker.open || (!breaker.canary && seqs.size() == 1),
           fmt::format("more than one event goes to {}, which may not be there", connector.plan.odoo));
    if (breaker.open) breaker.canary = seqs.front();
    if (const auto* first = journal_.ledger().find(seqs.front())) check_vendor(connector, first->event.flow, seqs);
    const int lane = ++last_lane_;
    for (const auto seq : seqs) {
        expect(connector.in_flight.emplace(seq, lane).second, fmt::format("event {} is claimed and runs", seq));
        const auto* entry = journal_.ledger().find(seq);
        if (entry == nullptr) continue;  // retention was quicker; the claim will find nothing
        expect(!connector.held.contains(entry->event.flow),
               fmt::format("event {} is claimed and its flow is held", seq));
        expect(is_admitted(name, entry->event.flow), fmt::format("event {} is claimed and not admitted yet", seq));
        connector.window[entry->event.flow].erase(seq);
    }
    std::set<int> lanes;
    for (const auto& [seq, one] : connector.in_flight) lanes.insert(one);
    expect(lanes.size() <= static_cast<std::size_t>(connector.plan.lanes),
           fmt::format("{} has {} lanes and {} are busy", name, connector.plan.lanes, lanes.size()));
}

void CheckedEngine::check_batch(const delivery::FlowPlan& plan, const std::vector<std::int64_t>& seqs) const {
    expect(seqs.size() <= static_cast<std::size_t>(plan.batch_max), "a batch is larger than its flow says");
    if (seqs.size() > 1) environment_.hit(Fault::batch);
    // With two hosts the window may be older than what the other one did.
    const auto* first = journal_.ledger().find(seqs.front());
    if (environment_.scenario.hosts > 1 || first == nullptr) return;
    const auto began_ms = std::max(first->available_at_ms, first->ready_at_ms);
    // A `ready_at_ms` may lie ahead by less than a stamp of the clock, which delays nothing but a wait.
    const bool waited = plan.batch_wait_ms == 0 || began_ms + plan.batch_wait_ms <= now_ms();
    const auto& connector = connectors_.at(first->event.connector);
    const bool alone = breakers_.at(connector.plan.odoo).open || is_vendor_away(connector, first->event.flow);
    // What is over goes by itself, and ends the batch before it.
    const bool before_one = std::ranges::any_of(journal_.ledger().entries(), [&](const auto& other) {
        return other.second.event.flow == first->event.flow && may_be_over(plan, other.second);
    });
    expect(
        waited || alone || before_one || plan.batch_max == 1 || seqs.size() == static_cast<std::size_t>(plan.batch_max),
        fmt::format("a batch of {} goes before others could join it", seqs.size()));
    for (const auto seq : seqs) {
        const auto* entry = journal_.ledger().find(seq);
        if (entry == nullptr || entry->state != journal::EventState::ready) continue;
        expect(entry->available_at_ms <= now_ms(), fmt::format("event {} is claimed before its time", seq));
        expect(!is_over(plan, *entry), fmt::format("event {} is delivered though it is too old or failed too often ({} "
                                                   "counted failures, limit {})",
                                                   seq, entry->counted_failures, plan.retry.limit));
    }
}

void CheckedEngine::take_turn(Connector& connector, const std::string& flow) {
    if (environment_.scenario.hosts > 1) return;
    connector.passed_over[flow] = 0;
    for (const auto& [name, plan] : connector.plan.flows) {
        if (name == flow) continue;
        const auto& window = connector.window[name];
        const bool may_begin = !connector.held.contains(name) && is_admitted(connector.plan.name, name) &&
                               !is_vendor_away(connector, name);
        const bool waits = may_begin && plan.batch_wait_ms == 0 && std::ranges::any_of(window, [&](auto seq) {
                               const auto* entry = journal_.ledger().find(seq);
                               return entry != nullptr && entry->state == journal::EventState::ready &&
                                      entry->available_at_ms <= now_ms();
                           });
        auto& passed_over = connector.passed_over[name];
        passed_over = waits ? passed_over + 1 : 0;
        // While this flow saves up for its turn each other one may have as many as that costs, and one begun before.
        int allowed = 2;
        for (const auto& [other_name, other] : connector.plan.flows) {
            if (other_name != name)
                allowed += (cost(plan.priority) + cost(other.priority) - 1) / cost(other.priority) + 1;
        }
        expect(passed_over <= allowed, fmt::format("{} of {} had something to deliver and {} others went first", name,
                                                   connector.plan.name, passed_over));
    }
}

void CheckedEngine::check(const delivery::ClaimEvents& claim) {
    const auto seqs = numbers_of(claim.seqs);
    for (const auto seq : seqs) note("claim", claim.connector, seq);
    expect(!seqs.empty(), "nothing is claimed");
    check_may_begin(claim.connector, seqs);
    const auto* first = journal_.ledger().find(seqs.front());
    if (first == nullptr) return;
    for (const auto seq : seqs) {
        const auto* entry = journal_.ledger().find(seq);
        expect(entry == nullptr || entry->event.flow == first->event.flow, "a batch is of several flows");
    }
    check_batch(plan_of(claim.connector, first->event.flow), seqs);
    take_turn(connectors_.at(claim.connector), first->event.flow);
}

void CheckedEngine::check(const delivery::FinishEvent& finish) {
    const auto seq = to_int(finish.seq);
    note("end", seq, static_cast<int>(finish.finish.kind), finish.finish.verdict, finish.finish.message);
    const auto expected = ends_.extract(seq);
    expect(!expected.empty(), fmt::format("event {} is finished and there was no verdict", seq));
    const auto wrong = difference(expected.mapped().end, finish.finish, expected.mapped().holds_key);
    expect(wrong.empty(),
           fmt::format("the end of event {} ({}: {}) {}", seq, finish.finish.verdict, finish.finish.message, wrong));
}

void CheckedEngine::check(const delivery::DeadLetterEvent& end) {
    const auto seq = to_int(end.seq);
    note("bury", seq, end.finish.verdict);
    check_may_begin(end.connector, {seq});
    const auto* entry = journal_.ledger().find(seq);
    if (entry == nullptr || environment_.scenario.hosts > 1) return;
    take_turn(connectors_.at(end.connector), entry->event.flow);
    const auto& plan = plan_of(end.connector, entry->event.flow);
    expect(end.finish.kind == journal::Finish::Kind::dead_letter && end.finish.holds_key == plan.retry.holds_key &&
               !end.finish.counts,
           fmt::format("event {} is buried otherwise than its flow says", seq));
    // A replay may have come in between: then the claim finds what it is.
    if (entry->state != journal::EventState::ready) return;
    expect(may_be_over(plan, *entry),
           fmt::format("event {} is buried and was neither too old nor failed too often", seq));
    expect(end.finish.unknown == entry->attempt_unknown, fmt::format("event {} is buried and its doubt is lost", seq));
    environment_.hit(entry->counted_failures >= plan.retry.limit ? Fault::buried_unseen : Fault::expired);
}

void CheckedEngine::check(const delivery::Probe& probe) {
    note("probe", probe.odoo);
    auto& breaker = breakers_[probe.odoo];
    expect(breaker.open && !breaker.half_open && !breaker.probing,
           fmt::format("{} is probed without need", probe.odoo));
    breaker.probing = true;
}

void CheckedEngine::check(const delivery::Paused& paused) {
    note("paused", paused.connector);
    const auto told = pauses_.find(paused.connector);
    expect(told != pauses_.end(), fmt::format("{} is said to be paused", paused.connector));
    pauses_.erase(told);
}

void CheckedEngine::check(const delivery::OutageChanged& changed) {
    const auto& system = changed.odoo.empty() ? changed.external : changed.odoo;
    note(changed.begun ? "outage begun" : "outage ended", system);
    auto& expected = changed.begun ? outages_begun_ : outages_ended_;
    const auto told = expected.find(system);
    expect(told != expected.end(),
           fmt::format("an outage of {} is said to have {}", system, changed.begun ? "begun" : "ended"));
    expected.erase(told);
}

}  // namespace sluice::simulation
