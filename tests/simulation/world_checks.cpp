// What must hold of a whole run.

#include <fmt/core.h>

#include <algorithm>

#include "core/journal/sqlite/wall_clock.hpp"
#include "tests/simulation/world.hpp"

namespace sluice::simulation {

using journal::EventState;

namespace {

/// With nothing in its way an event is claimed within this.
/// A step of the clock that only the journal notices, when it is opened, is known to within a stamp.
constexpr std::int64_t longest_wait_ms = 90'000 + journal::sqlite::stamp_every_ms;

}  // namespace

void World::look() {
    check_accepted();
    check_progress();
}

void World::check_accepted() const {
    ++statistics_.checks;
    for (const auto& [connector, event_id] : accepted_) {
        if (journal_.ledger().find(connector, event_id) != nullptr) continue;
        if (journal_.ledger().was_erased(connector, event_id)) continue;
        throw Violation(fmt::format("event {} of {} was accepted and is lost", event_id, connector));
    }
}

/// Nothing that may be delivered waits while a lane is free.
void World::check_progress() {
    const auto now_ms = clock_.now_ms();
    std::map<std::pair<std::int64_t, int>, std::int64_t> still;  // by event and attempts begun
    for (const auto& [seq, entry] : journal_.ledger().entries()) {
        // What nobody has begun waits for nothing, whatever the clock was set to meanwhile.
        if (entry.state != EventState::ready || (entry.available_at_ms > now_ms && entry.attempts > 0)) continue;
        const auto& [connector, flow] = std::pair(entry.event.connector, entry.event.flow);
        std::optional<std::int64_t> since_ms;
        bool in_flight = false;
        for (const auto& host : hosts_) {
            if (!host->is_alive() || host->frozen_until_ms() > clock_.steady_ms()) continue;
            in_flight = in_flight || host->engine().has_in_flight(connector, seq);
            const auto open_since_ms = host->engine().open_since_ms(connector, flow);
            if (open_since_ms) since_ms = std::min(since_ms.value_or(*open_since_ms), *open_since_ms);
        }
        if (!since_ms || in_flight || journal_.disk().is_limited()) continue;
        const auto before = deliverable_since_ms_.find({seq, entry.attempts});
        auto& first_seen_ms = still[{seq, entry.attempts}];
        first_seen_ms = before == deliverable_since_ms_.end() ? clock_.steady_ms() : before->second;
        if (clock_.steady_ms() - std::max(*since_ms, first_seen_ms) > longest_wait_ms + unseen_steps_ms_) {
            throw Violation(fmt::format("event {} of {} {} can be delivered, a lane is free, and nothing happens", seq,
                                        connector, flow));
        }
    }
    deliverable_since_ms_ = std::move(still);
}

bool World::is_drained() const {
    if (!all_alive() || !journal_.is_open()) return false;
    for (const auto& host : hosts_) {
        if (host->running() > 0) return false;
    }
    const auto& ledger = journal_.ledger();
    for (const auto& script : scenario_.events) {
        if (!accepted_.contains({script.event.connector, script.event.event_id})) return false;
    }
    for (const auto& [seq, entry] : ledger.entries()) {
        if (entry.state == EventState::ready || entry.state == EventState::claimed) return false;
    }
    return true;
}

std::string World::unfinished() const {
    for (const auto& [seq, entry] : journal_.ledger().entries()) {
        if (!entry.is_unfinished()) continue;
        std::string text = fmt::format("event {} of {} {} is {}", seq, entry.event.connector, entry.event.flow,
                                       journal::to_string(entry.state));
        for (const auto& host : hosts_) {
            text += fmt::format(
                "; {}: {}", host->name(),
                host->is_alive() ? host->engine().closed_because(entry.event.connector, entry.event.flow) : "dead");
        }
        if (entry.state != EventState::waiting) return text;
    }
    for (const auto& script : scenario_.events) {
        if (!accepted_.contains({script.event.connector, script.event.event_id})) {
            return fmt::format("event {} of {} was never taken", script.event.event_id, script.event.connector);
        }
    }
    return "something still runs";
}

/// Everything accepted has an end, or waits behind a dead letter; what is done was done once and wholly.
void World::check_end() {
    check_accepted();
    const auto& ledger = journal_.ledger();
    std::map<std::pair<std::string, std::string>, std::int64_t> counted;
    for (const auto& [seq, entry] : ledger.entries()) {
        ++statistics_.checks;
        const auto& connector = scenario_.connector(entry.event.connector);
        const auto& flow = connector.flow(entry.event.flow);
        if (entry.state == EventState::waiting) {
            const bool held = std::ranges::any_of(ledger.entries(), [&](const auto& other) {
                return other.second.state == EventState::dead && other.second.holds_key &&
                       Ledger::key_of(other.second.event) == Ledger::key_of(entry.event);
            });
            if (!held) throw Violation(fmt::format("event {} waits and no dead letter holds its key", seq));
        }
        if (entry.state == EventState::dead) check_dead_letter(seq, entry, flow);
        if (entry.state != EventState::done || is_stale(seq)) continue;
        const auto& remote = remotes_.at(flow.outward ? connector.vendor : connector.plan.odoo);
        for (int i = 0; i < flow.effects; ++i) {
            const auto key = fmt::format("{}/{}/{}", entry.event.connector, entry.event.event_id, i);
            if (!remote.has(key)) throw Violation(fmt::format("event {} is done and {} is not there", seq, key));
        }
        if (flow.counts) ++counted[{entry.event.connector, counter_of(flow)}];
        const auto next = emitted_id(entry.event.event_id);
        if (flow.emits_to && ledger.find(entry.event.connector, next) == nullptr &&
            !ledger.was_erased(entry.event.connector, next)) {
            throw Violation(fmt::format("event {} is done and what it emitted is not there", seq));
        }
    }
    if (ledger.has_erased()) return;
    for (const auto& [name, times] : counted) {
        const auto value = ledger.state(name.first, name.second).value;
        if (value != std::to_string(times)) {
            throw Violation(
                fmt::format("{} deliveries counted in {} of {} and it says {}", times, name.second, name.first, value));
        }
    }
}

bool World::is_stale(std::int64_t seq) {
    const auto shown = journal_.show(journal::Seq{seq});
    return shown.event.outcome.starts_with("stale");
}

/// Only what the policy says is given up: refused, too old, or failed as often as the flow allows.
void World::check_dead_letter(std::int64_t seq, const Entry& entry, const FlowScript& flow) {
    const auto shown = journal_.show(journal::Seq{seq});
    const auto& outcome = shown.event.outcome;
    // An edit heals, once a replay has followed it.
    const auto fate =
        healed_ ? scenario_.fate_of(shown.event, entry.payload) : scenario_.fate_of(shown.event, entry.event.payload);
    const bool refused = (outcome.starts_with("rejected") && fate == Fate::rejected) ||
                         (outcome.starts_with("invalid") && fate == Fate::invalid);
    const bool expired = outcome.starts_with("expired") && flow.plan.deadline_ms > 0;
    const bool worn_out = entry.counted_failures >= flow.plan.retry.limit;
    if (worn_out) environment_.hit(Fault::given_up);
    if (entry.event.dead_letter_reason.empty() && !refused && !expired && !worn_out) {
        throw Violation(fmt::format("event {} is a dead letter ({}) with {} counted failures of {}", seq, outcome,
                                    entry.counted_failures, flow.plan.retry.limit));
    }
}

}  // namespace sluice::simulation
