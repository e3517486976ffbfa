#include <fmt/core.h>

#include <algorithm>

#include "core/base/timestamp.hpp"
#include "tests/simulation/ledger.hpp"

namespace sluice::simulation {

using journal::EventState;

std::vector<std::int64_t> Ledger::ready(const std::string& connector, const std::string& flow, std::int64_t until_ms,
                                        int limit) const {
    std::vector<std::pair<std::int64_t, std::int64_t>> found;
    for (const auto& [seq, entry] : entries_) {
        if (entry.state == EventState::ready && entry.available_at_ms <= until_ms && entry.event.flow == flow &&
            entry.event.connector == connector) {
            found.emplace_back(entry.available_at_ms, seq);
        }
    }
    std::ranges::sort(found);
    if (found.size() > static_cast<std::size_t>(limit)) found.resize(static_cast<std::size_t>(limit));
    std::vector<std::int64_t> seqs;
    for (const auto& [at_ms, seq] : found) seqs.push_back(seq);
    return seqs;
}

std::optional<std::int64_t> Ledger::next_available(const std::string& connector, const std::string& flow,
                                                   std::int64_t after_ms) const {
    std::optional<std::int64_t> next;
    for (const auto& [seq, entry] : entries_) {
        if (entry.state != EventState::ready || entry.available_at_ms <= after_ms || entry.event.flow != flow ||
            entry.event.connector != connector) {
            continue;
        }
        next = next ? std::min(*next, entry.available_at_ms) : entry.available_at_ms;
    }
    return next;
}

std::string Ledger::applied_revision(const Key& key) const {
    const auto found = revisions_.find(key);
    return found == revisions_.end() ? "" : found->second.revision;
}

journal::StateValue Ledger::state(const std::string& connector, const std::string& name) const {
    const auto found = states_.find({connector, name});
    return found == states_.end() ? journal::StateValue{} : found->second;
}

journal::Counts Ledger::counts() const {
    journal::Counts counts;
    for (const auto& [seq, entry] : entries_) {
        switch (entry.state) {
            case EventState::ready:
                ++counts.ready;
                break;
            case EventState::waiting:
                ++counts.waiting;
                break;
            case EventState::claimed:
                ++counts.claimed;
                break;
            case EventState::done:
                ++counts.done;
                break;
            case EventState::dead:
                ++counts.dead;
                break;
            case EventState::discarded:
                ++counts.discarded;
                break;
            case EventState::superseded:
                ++counts.superseded;
                break;
        }
    }
    return counts;
}

const Entry* Ledger::find(std::int64_t seq) const {
    const auto found = entries_.find(seq);
    return found == entries_.end() ? nullptr : &found->second;
}

const Entry* Ledger::find(const std::string& connector, const std::string& event_id) const {
    const auto found = ids_.find({connector, event_id});
    return found == ids_.end() ? nullptr : &entries_.at(found->second);
}

std::optional<std::string> Ledger::difference(const std::vector<journal::EventSummary>& listed) const {
    auto expected = entries_.begin();
    for (const auto& row : listed) {
        const auto seq = to_int(row.seq);
        if (expected == entries_.end() || seq < expected->first) {
            return fmt::format("event {} ({} {}) is there and nobody appended it", seq, row.connector, row.event_id);
        }
        if (seq > expected->first) break;
        const auto& entry = expected->second;
        const auto differs = [&](const char* what, const auto& is, const auto& should) -> std::optional<std::string> {
            if (is == should) return std::nullopt;
            return fmt::format("event {} ({} {}): {} is {}, not {}", seq, row.connector, row.event_id, what, is,
                               should);
        };
        if (auto other = differs("state", journal::to_string(row.state), journal::to_string(entry.state))) return other;
        if (auto other = differs("event_id", row.event_id, entry.event.event_id)) return other;
        if (auto other = differs("flow", row.flow, entry.event.flow)) return other;
        if (auto other = differs("revision", row.revision, entry.event.revision)) return other;
        if (auto other = differs("ordering_key", row.ordering_key, entry.event.ordering_key)) return other;
        if (auto other = differs("attempts", row.attempts, entry.attempts)) return other;
        if (auto other = differs("counted_failures", row.counted_failures, entry.counted_failures)) return other;
        if (auto other = differs("attempt_unknown", row.attempt_unknown, entry.attempt_unknown)) return other;
        if (auto other = differs("holds_key", row.holds_key, entry.holds_key)) return other;
        if (auto other = differs("ended_at_ms", row.ended_at_ms, entry.ended_at_ms)) return other;
        const bool is_due_once = entry.state == EventState::ready;
        if (is_due_once) {
            if (auto other = differs("available_at_ms", row.available_at_ms, entry.available_at_ms)) return other;
            if (auto other = differs("ready_at_ms", row.ready_at_ms, entry.ready_at_ms)) return other;
        }
        ++expected;
    }
    if (expected == entries_.end()) return std::nullopt;
    return fmt::format("event {} ({} {}), which was {}, is gone", expected->first, expected->second.event.connector,
                       expected->second.event.event_id, journal::to_string(expected->second.state));
}

}  // namespace sluice::simulation
