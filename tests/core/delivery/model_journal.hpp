#pragma once
// The journal as a few lines of maps: the model that the engine's properties are checked against.

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "core/journal/types.hpp"

namespace sluice::delivery::testing {

class ModelJournal {
public:
    void append(int seq, const std::string& connector, const std::string& key, std::int64_t now_ms) {
        journal::EventSummary event;
        event.seq = journal::Seq{seq};
        event.connector = connector;
        event.flow = event.order = "order";
        event.ordering_key = key;
        event.available_at_ms = now_ms;
        auto& waiting = keys_[{connector, key}];
        event.state = waiting.empty() || key.empty() ? journal::EventState::ready : journal::EventState::waiting;
        if (!key.empty()) waiting.insert(seq);
        if (event.state == journal::EventState::ready) ready_[connector].insert({now_ms, seq});
        events_[seq] = std::move(event);
    }

    std::vector<journal::EventSummary> ready(const std::string& connector, std::int64_t until_ms, int limit) {
        std::vector<journal::EventSummary> found;
        for (const auto& [at_ms, seq] : ready_[connector]) {
            if (at_ms > until_ms || static_cast<int>(found.size()) == limit) break;
            found.push_back(events_.at(seq));
        }
        return found;
    }
    std::optional<std::int64_t> next_available(const std::string& connector, std::int64_t after_ms) {
        const auto next = ready_[connector].upper_bound({after_ms, std::numeric_limits<int>::max()});
        if (next == ready_[connector].end()) return std::nullopt;
        return next->first;
    }

    std::optional<journal::EventSummary> claim(int seq) {
        auto& event = events_.at(seq);
        if (event.state != journal::EventState::ready) return std::nullopt;
        if (!event.ordering_key.empty()) {
            EXPECT_EQ(*keys_.at({event.connector, event.ordering_key}).begin(), seq) << "out of order";
        }
        ready_[event.connector].erase({event.available_at_ms, seq});
        event.state = journal::EventState::claimed;
        ++event.attempts;
        return event;
    }

    void finish(int seq, const journal::Finish& finish) {
        auto& event = events_.at(seq);
        ASSERT_EQ(event.state, journal::EventState::claimed) << "the end of an event that no attempt runs on";
        if (finish.counts) ++event.counted_failures;
        event.attempt_unknown = finish.unknown;
        switch (finish.kind) {
            case journal::Finish::Kind::done:
                event.state = journal::EventState::done;
                break;
            case journal::Finish::Kind::dead_letter:
                event.state = journal::EventState::dead;
                break;
            case journal::Finish::Kind::again:
                make_ready(event, finish.available_at_ms);
                return;
        }
        event.holds_key = finish.kind == journal::Finish::Kind::dead_letter && finish.holds_key;
        if (event.ordering_key.empty() || event.holds_key) return;
        auto& waiting = keys_.at({event.connector, event.ordering_key});
        waiting.erase(seq);
        if (!waiting.empty()) {
            auto& next = events_.at(*waiting.begin());
            make_ready(next, next.available_at_ms);
        }
    }

    /// The process dies and the journal is opened again.
    void crash(std::int64_t now_ms) {
        for (auto& [seq, event] : events_) {
            if (event.state != journal::EventState::claimed) continue;
            event.attempt_unknown = true;
            ++event.counted_failures;
            make_ready(event, now_ms);
        }
    }

    const std::map<int, journal::EventSummary>& events() const { return events_; }
    bool is_held(const journal::EventSummary& event) const {
        if (event.ordering_key.empty()) return false;
        const auto& first = events_.at(*keys_.at({event.connector, event.ordering_key}).begin());
        return first.state == journal::EventState::dead && first.seq != event.seq;
    }

private:
    void make_ready(journal::EventSummary& event, std::int64_t at_ms) {
        event.state = journal::EventState::ready;
        event.available_at_ms = at_ms;
        ready_[event.connector].insert({at_ms, static_cast<int>(journal::to_int(event.seq))});
    }

    std::map<int, journal::EventSummary> events_;
    std::map<std::pair<std::string, std::string>, std::set<int>> keys_;  ///< unfinished events, in order
    std::map<std::string, std::set<std::pair<std::int64_t, int>>> ready_;
};

}  // namespace sluice::delivery::testing
