#pragma once
// What the journal must say, from what it was asked: its contract restated over plain maps.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "core/journal/types.hpp"

namespace sluice::simulation {

/// One event as the journal must have it.
struct Entry {
    journal::NewEvent event;  ///< as it came
    journal::EventState state = journal::EventState::ready;
    int attempts = 0, counted_failures = 0, edits = 0;
    bool attempt_unknown = false, holds_key = false, contents_erased = false;
    std::int64_t replayed_at_ms = 0;  ///< last (0: never); it may have got behind events that came later
    std::int64_t appended_at_ms = 0, available_at_ms = 0, ready_at_ms = 0, ended_at_ms = 0, leased_until_ms = 0;
    std::string leased_by;
    std::string payload;  ///< as last edited
    std::int64_t superseded_by = 0;

    bool is_pending() const { return state == journal::EventState::ready || state == journal::EventState::waiting; }
    bool is_unfinished() const { return is_pending() || state == journal::EventState::claimed; }
    /// Others of its key wait for it.
    bool is_head() const {
        return !event.ordering_key.empty() &&
               (state == journal::EventState::ready || state == journal::EventState::claimed ||
                (state == journal::EventState::dead && holds_key));
    }
};

/// Copyable: where a crash leaves open whether an operation was carried out, both outcomes are kept until the journal
/// is opened again.
class Ledger {
public:
    using Key = std::tuple<std::string, std::string, std::string>;  ///< connector, order, ordering key
    enum class Finished : std::uint8_t { ended, lost, conflict };

    std::vector<journal::Appended> append(const std::vector<journal::NewEvent>& events, std::int64_t now_ms);
    /// Those that were ready.
    std::vector<std::int64_t> claim(const std::vector<journal::Seq>& seqs, const journal::LeaseTerms& terms,
                                    std::int64_t now_ms);
    Finished finish(const journal::Lease& lease, const journal::Finish& finish, std::int64_t now_ms);
    std::vector<journal::Lease> renew(const std::vector<journal::Lease>& leases, std::int64_t until_ms);
    std::set<std::int64_t> expire(const std::string& own_host, std::int64_t now_ms);
    /// The journal was opened anew: nobody runs any attempt, and the clock may have been set back meanwhile.
    void recover(std::int64_t now_ms);
    bool is_changed_by_recovery(std::int64_t now_ms) const { return counts().claimed > 0 || last_ms_ > now_ms; }
    /// The end of every commit: the wall time is kept once in a while.
    void stamp(std::int64_t now_ms);
    void shift(std::int64_t step_ms, std::int64_t now_ms);
    bool replay(std::int64_t seq, std::int64_t now_ms);
    bool discard(std::int64_t seq, std::int64_t now_ms);
    bool edit(std::int64_t seq, const std::string& payload);
    /// The dead letters a filter means, oldest first.
    std::vector<std::int64_t> dead_letters(const journal::EventFilter& filter, bool only_deliverable) const;
    journal::Erased erase(const journal::Retention& retention);
    void pause(const journal::Pause& pause) { pauses_[{pause.connector, pause.flow}] = pause.reason; }
    bool resume(const std::string& connector, const std::string& flow) { return pauses_.erase({connector, flow}) > 0; }

    std::vector<std::int64_t> ready(const std::string& connector, const std::string& flow, std::int64_t until_ms,
                                    int limit) const;
    std::optional<std::int64_t> next_available(const std::string& connector, const std::string& flow,
                                               std::int64_t after_ms) const;
    std::string applied_revision(const Key& key) const;
    journal::StateValue state(const std::string& connector, const std::string& name) const;
    journal::Counts counts() const;

    const std::map<std::int64_t, Entry>& entries() const { return entries_; }
    const Entry* find(std::int64_t seq) const;
    const Entry* find(const std::string& connector, const std::string& event_id) const;
    /// Retention took it.
    bool was_erased(const std::string& connector, const std::string& event_id) const {
        return erased_.contains({connector, event_id});
    }
    /// An event of it ended as a dead letter once: what it did or did not do, nobody knows for sure.
    bool was_given_up(const Key& key) const { return given_up_.contains(key); }
    bool has_erased() const { return !erased_.empty(); }
    const std::map<std::pair<std::string, std::string>, std::string>& pauses() const { return pauses_; }
    const std::map<std::pair<std::string, std::string>, journal::StateValue>& states() const { return states_; }

    /// Nothing where the journal's list is what it must be; otherwise the first difference.
    std::optional<std::string> difference(const std::vector<journal::EventSummary>& listed) const;
    static Key key_of(const journal::NewEvent& event) { return {event.connector, event.order, event.ordering_key}; }

private:
    journal::Appended append_one(const journal::NewEvent& event, std::int64_t now_ms);
    void supersede_older(Entry& entry, journal::Appended& appended, std::int64_t now_ms);
    bool give_way(Entry& entry, bool unknown, std::int64_t now_ms);
    Entry* head_of(const Key& key);
    void promote_next(const Key& key, std::int64_t now_ms);
    static void take_back(Entry& entry, std::int64_t now_ms);

    std::map<std::int64_t, Entry> entries_;
    std::map<std::pair<std::string, std::string>, std::int64_t> ids_;
    std::set<std::pair<std::string, std::string>> erased_;
    std::set<Key> given_up_;
    std::map<std::pair<std::string, std::string>, journal::StateValue> states_;
    struct Applied {
        std::string revision;
        std::int64_t seq = 0;  ///< of the event that applied it
    };
    void forget_revision(const Key& key);
    std::map<Key, Applied> revisions_;
    std::map<std::pair<std::string, std::string>, std::string> pauses_;
    std::int64_t last_seq_ = 0, last_ms_ = 0;
};

}  // namespace sluice::simulation
