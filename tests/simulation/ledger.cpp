#include "tests/simulation/ledger.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/base/timestamp.hpp"
#include "core/journal/sqlite/wall_clock.hpp"

namespace sluice::simulation {

using journal::EventState;

// ---- events come

journal::Appended Ledger::append_one(const journal::NewEvent& event, std::int64_t now_ms) {
    const auto id = std::pair(event.connector, event.event_id);
    if (const auto known = ids_.find(id); known != ids_.end()) {
        return {.seq = journal::Seq{known->second}, .duplicate = true};
    }
    journal::Appended appended{.seq = journal::Seq{++last_seq_}};
    Entry entry{.event = event, .appended_at_ms = now_ms, .payload = event.payload};
    if (!event.dead_letter_reason.empty()) {
        entry.state = EventState::dead;
        entry.ended_at_ms = now_ms;
    } else {
        if (event.coalesce && !event.ordering_key.empty()) supersede_older(entry, appended, now_ms);
        if (entry.state != EventState::superseded && !event.ordering_key.empty() && head_of(key_of(event)) != nullptr) {
            entry.state = EventState::waiting;
        }
        if (entry.state == EventState::ready) entry.ready_at_ms = now_ms;
    }
    entry.available_at_ms = now_ms;
    ids_[id] = last_seq_;
    erased_.erase(id);
    entries_[last_seq_] = std::move(entry);
    return appended;
}

void Ledger::supersede_older(Entry& entry, journal::Appended& appended, std::int64_t now_ms) {
    std::vector<Entry*> alike;
    for (auto& [seq, other] : entries_) {
        const bool waits = other.is_pending() || other.state == EventState::dead;
        if (waits && key_of(other.event) == key_of(entry.event) && other.event.flow == entry.event.flow &&
            other.event.topic == entry.event.topic) {
            alike.push_back(&other);
        }
    }
    for (const auto* other : alike) {
        if (other->state == EventState::dead || compare_revisions(other->event.revision, entry.event.revision) <= 0) {
            continue;
        }
        entry.state = EventState::superseded;
        entry.ended_at_ms = now_ms;
        entry.superseded_by = ids_.at({other->event.connector, other->event.event_id});
        return;
    }
    bool head_gone = false;
    for (auto* other : alike) {
        if (compare_revisions(other->event.revision, entry.event.revision) > 0) continue;
        head_gone = head_gone || other->is_head();
        entry.attempt_unknown = entry.attempt_unknown || other->attempt_unknown;
        other->state = EventState::superseded;
        other->holds_key = false;
        other->ended_at_ms = now_ms;
        other->superseded_by = last_seq_;
        ++appended.superseded;
    }
    if (head_gone) promote_next(key_of(entry.event), now_ms);
}

std::vector<journal::Appended> Ledger::append(const std::vector<journal::NewEvent>& events, std::int64_t now_ms) {
    std::vector<journal::Appended> appended;
    for (const auto& event : events) appended.push_back(append_one(event, now_ms));
    return appended;
}

// ---- attempts

Entry* Ledger::head_of(const Key& key) {
    for (auto& [seq, entry] : entries_) {
        if (entry.is_head() && key_of(entry.event) == key) return &entry;
    }
    return nullptr;
}

void Ledger::promote_next(const Key& key, std::int64_t now_ms) {
    if (std::get<2>(key).empty()) return;
    for (auto& [seq, entry] : entries_) {
        if (entry.state != EventState::waiting || key_of(entry.event) != key) continue;
        entry.state = EventState::ready;
        entry.ready_at_ms = now_ms;
        return;
    }
}

std::vector<std::int64_t> Ledger::claim(const std::vector<journal::Seq>& seqs, const journal::LeaseTerms& terms,
                                        std::int64_t /*now_ms*/) {
    std::vector<std::int64_t> claimed;
    for (const auto seq : seqs) {
        const auto found = entries_.find(to_int(seq));
        if (found == entries_.end() || found->second.state != EventState::ready) continue;
        auto& entry = found->second;
        entry.state = EventState::claimed;
        entry.leased_by = terms.host;
        entry.leased_until_ms = terms.until_ms;
        ++entry.attempts;
        claimed.push_back(to_int(seq));
    }
    return claimed;
}

Ledger::Finished Ledger::finish(const journal::Lease& lease, const journal::Finish& finish, std::int64_t now_ms) {
    const auto found = entries_.find(to_int(lease.seq));
    if (found == entries_.end() || found->second.state != EventState::claimed ||
        found->second.attempts != lease.token) {
        return Finished::lost;
    }
    auto& entry = found->second;
    using Kind = journal::Finish::Kind;
    if (finish.kind == Kind::done) {
        for (const auto& put : finish.state) {
            if (put.expected_version != journal::StatePut::any_version &&
                put.expected_version != state(entry.event.connector, put.name).version) {
                return Finished::conflict;
            }
        }
        for (const auto& put : finish.state) {
            auto& state = states_[{entry.event.connector, put.name}];
            state = {.value = put.value, .version = state.version + 1};
        }
        append(finish.emitted, now_ms);
        auto& applied = revisions_[key_of(entry.event)];
        if (!entry.event.ordering_key.empty() && compare_revisions(finish.applied_revision, applied.revision) > 0) {
            applied = {.revision = finish.applied_revision, .seq = to_int(lease.seq)};
        }
        entry.state = EventState::done;
        entry.attempt_unknown = false;
        entry.ended_at_ms = now_ms;
        promote_next(key_of(entry.event), now_ms);
        return Finished::ended;
    }
    if (give_way(entry, finish.unknown, now_ms)) return Finished::ended;
    entry.counted_failures += finish.counts ? 1 : 0;
    entry.attempt_unknown = finish.unknown;
    if (finish.kind == Kind::again) {
        entry.state = EventState::ready;
        entry.available_at_ms = finish.available_at_ms;
        return Finished::ended;
    }
    entry.state = EventState::dead;
    given_up_.insert(key_of(entry.event));
    entry.holds_key = finish.holds_key;
    entry.ended_at_ms = now_ms;
    if (!finish.holds_key) promote_next(key_of(entry.event), now_ms);
    return Finished::ended;
}

/// The newest that waits, where the flow wants no other, takes the place of one that failed before it.
bool Ledger::give_way(Entry& entry, bool unknown, std::int64_t now_ms) {
    Entry* newest = nullptr;
    for (auto& [seq, other] : entries_) {
        if (other.state == EventState::waiting && other.event.coalesce && key_of(other.event) == key_of(entry.event) &&
            other.event.flow == entry.event.flow && other.event.topic == entry.event.topic &&
            ids_.at({other.event.connector, other.event.event_id}) >
                ids_.at({entry.event.connector, entry.event.event_id}) &&
            compare_revisions(other.event.revision, entry.event.revision) >= 0) {
            newest = &other;
        }
    }
    if (newest == nullptr) return false;
    entry.state = EventState::superseded;
    entry.ended_at_ms = now_ms;
    entry.superseded_by = ids_.at({newest->event.connector, newest->event.event_id});
    newest->attempt_unknown = newest->attempt_unknown || unknown;
    promote_next(key_of(entry.event), now_ms);
    return true;
}

std::vector<journal::Lease> Ledger::renew(const std::vector<journal::Lease>& leases, std::int64_t until_ms) {
    std::vector<journal::Lease> lost;
    for (const auto& lease : leases) {
        const auto found = entries_.find(to_int(lease.seq));
        if (found != entries_.end() && found->second.state == EventState::claimed &&
            found->second.attempts == lease.token) {
            found->second.leased_until_ms = until_ms;
        } else {
            lost.push_back(lease);
        }
    }
    return lost;
}

void Ledger::take_back(Entry& entry, std::int64_t now_ms) {
    entry.state = EventState::ready;
    entry.attempt_unknown = true;
    ++entry.counted_failures;
    entry.available_at_ms = now_ms;
}

std::set<std::int64_t> Ledger::expire(const std::string& own_host, std::int64_t now_ms) {
    std::set<std::int64_t> expired;
    for (auto& [seq, entry] : entries_) {
        if (entry.state != EventState::claimed || entry.leased_until_ms >= now_ms || entry.leased_by == own_host) {
            continue;
        }
        take_back(entry, now_ms);
        expired.insert(seq);
    }
    return expired;
}

void Ledger::recover(std::int64_t now_ms) {
    if (last_ms_ > now_ms) shift(last_ms_ - now_ms, now_ms);
    for (auto& [seq, entry] : entries_) {
        if (entry.state == EventState::claimed) take_back(entry, now_ms);
    }
}

void Ledger::stamp(std::int64_t now_ms) {
    if (now_ms - last_ms_ >= journal::sqlite::stamp_every_ms) last_ms_ = now_ms;
}

void Ledger::shift(std::int64_t step_ms, std::int64_t now_ms) {
    last_ms_ = now_ms;
    for (auto& [seq, entry] : entries_) {
        const bool begun = entry.state == EventState::ready || entry.state == EventState::claimed;
        if (begun && entry.ready_at_ms > now_ms) {
            entry.ready_at_ms = std::max<std::int64_t>(0, entry.ready_at_ms - step_ms);
        }
        auto* const at_ms = entry.is_pending()                   ? &entry.available_at_ms
                            : entry.state == EventState::claimed ? &entry.leased_until_ms
                                                                 : nullptr;
        if (at_ms != nullptr && *at_ms > now_ms) *at_ms = std::max<std::int64_t>(0, *at_ms - step_ms);
    }
}

// ---- people and time

bool Ledger::replay(std::int64_t seq, std::int64_t now_ms) {
    const auto found = entries_.find(seq);
    if (found == entries_.end()) return false;
    auto& entry = found->second;
    if (entry.state != EventState::dead || !entry.event.dead_letter_reason.empty()) return false;
    const bool waits = !entry.holds_key && !entry.event.ordering_key.empty() && head_of(key_of(entry.event)) != nullptr;
    entry.state = waits ? EventState::waiting : EventState::ready;
    entry.holds_key = false;
    entry.counted_failures = 0;
    entry.available_at_ms = entry.ready_at_ms = now_ms;
    entry.ended_at_ms = 0;
    entry.replayed_at_ms = now_ms;
    return true;
}

bool Ledger::discard(std::int64_t seq, std::int64_t now_ms) {
    const auto found = entries_.find(seq);
    if (found == entries_.end() || found->second.state != EventState::dead) return false;
    auto& entry = found->second;
    const bool held = entry.holds_key;
    entry.state = EventState::discarded;
    entry.holds_key = false;
    entry.ended_at_ms = now_ms;
    if (held) promote_next(key_of(entry.event), now_ms);
    return true;
}

bool Ledger::edit(std::int64_t seq, const std::string& payload) {
    const auto found = entries_.find(seq);
    if (found == entries_.end()) return false;
    auto& entry = found->second;
    if (entry.state != EventState::dead || !entry.event.dead_letter_reason.empty()) return false;
    entry.payload = payload;
    ++entry.edits;
    return true;
}

std::vector<std::int64_t> Ledger::dead_letters(const journal::EventFilter& filter, bool only_deliverable) const {
    std::vector<std::int64_t> found;
    for (const auto& [seq, entry] : entries_) {
        if (entry.state != EventState::dead || seq <= filter.after_seq) continue;
        if (!filter.connector.empty() && entry.event.connector != filter.connector) continue;
        if (!filter.flow.empty() && entry.event.flow != filter.flow) continue;
        if (static_cast<int>(found.size()) == filter.limit) break;
        found.push_back(seq);
    }
    if (only_deliverable) {
        std::erase_if(found, [&](auto seq) { return !entries_.at(seq).event.dead_letter_reason.empty(); });
    }
    return found;
}

/// Only where its event is gone, and none of the key is left to which it could matter.
void Ledger::forget_revision(const Key& key) {
    const auto applied = revisions_.find(key);
    if (applied == revisions_.end() || entries_.contains(applied->second.seq)) return;
    const bool open = std::ranges::any_of(entries_, [&](const auto& one) {
        return key_of(one.second.event) == key && (one.second.is_unfinished() || one.second.state == EventState::dead);
    });
    if (!open) revisions_.erase(applied);
}

journal::Erased Ledger::erase(const journal::Retention& retention) {
    journal::Erased erased;
    for (auto at = entries_.begin(); at != entries_.end();) {
        auto& [seq, entry] = *at;
        const bool over = entry.state == EventState::done || entry.state == EventState::discarded ||
                          entry.state == EventState::superseded;
        const bool meant = over && entry.event.connector == retention.connector && entry.event.flow == retention.flow;
        if (meant && entry.ended_at_ms < retention.events_before_ms) {
            const auto id = std::pair(entry.event.connector, entry.event.event_id);
            erased_.insert(id);
            ids_.erase(id);
            const auto key = key_of(entry.event);
            at = entries_.erase(at);
            forget_revision(key);
            ++erased.events;
            continue;
        }
        if (meant && entry.ended_at_ms < retention.contents_before_ms && !entry.contents_erased) {
            entry.contents_erased = true;
            ++erased.contents;
        }
        ++at;
    }
    return erased;
}

}  // namespace sluice::simulation
