#pragma once
// The host's durable store of events, attempts and connector state.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/journal/types.hpp"

namespace sluice::journal {

/// The start of the message of a finish() that met another version of a state (Failure::retry): "state conflict: NAME".
inline constexpr std::string_view state_conflict = "state conflict";

/// Lifecycle: open (sqlite/sqlite_journal.hpp), use from any thread, destroy after the last call has returned.
///
/// Every mutating call returns only when its effect is durable; calls from several threads share one commit. A failure
/// (Failure::retry: disk full, file locked; Failure::invalid: a file that is damaged or newer) leaves nothing half
/// written.
class Journal {
public:
    virtual ~Journal() = default;

    /// Appends all or none. An event whose (connector, event_id) is known is dropped and reported as a duplicate.
    virtual Result<std::vector<Appended>> append(std::vector<NewEvent> events) = 0;
    /// The same without blocking: `done` runs on the journal's thread after the commit (or the failure) and must be
    /// quick.
    virtual void append_async(std::vector<NewEvent> events,
                              std::function<void(Result<std::vector<Appended>>)> done) = 0;

    /// Ready events of a connector, the longest available first: `available_at_ms` <= `until_ms`, at most `limit`.
    virtual Result<std::vector<EventSummary>> ready(const std::string& connector, std::int64_t until_ms, int limit) = 0;
    /// The earliest `available_at_ms` later than `after_ms` of a ready event of this connector, or nothing.
    virtual Result<std::optional<std::int64_t>> next_available(const std::string& connector, std::int64_t after_ms) = 0;
    /// The clock was set back by `step_ms` to `now_ms`: what is ready or waiting with an `available_at_ms` later than
    /// `now_ms` becomes available by so much earlier, or it would wait for the clock to catch up.
    virtual Result<void> shift_available(std::int64_t step_ms, std::int64_t now_ms) = 0;

    /// Makes one attempt durable and hands the event over. Nothing where the event is not ready any more (claimed,
    /// discarded).
    virtual Result<std::optional<Claim>> claim(Seq seq, std::int64_t now_ms) = 0;
    /// Ends the attempt of a claimed event. Failure::retry with "state conflict" where a StatePut met a newer version:
    /// nothing was written and the claim stands. Failure::invalid where the event is not claimed. On done (or a dead
    /// letter that holds no key) the next event of the key becomes ready.
    virtual Result<void> finish(Seq seq, const Finish& finish, std::int64_t now_ms) = 0;

    /// The newest revision applied to the record this ordering key names; "" where none.
    virtual Result<std::string> applied_revision(const std::string& connector, const std::string& order,
                                                 const std::string& ordering_key) = 0;
    virtual Result<StateValue> get_state(const std::string& connector, const std::string& name) = 0;
    /// The states whose names are greater than `after` and at most `up_to`, as bytes, in their order; at most `limit`.
    virtual Result<std::vector<NamedState>> states(const std::string& connector, const std::string& after,
                                                   const std::string& up_to, int limit) = 0;

    virtual Result<std::vector<EventSummary>> list(const EventFilter& filter) = 0;
    /// Nothing where there is no such event.
    virtual Result<std::optional<EventDetail>> show(Seq seq) = 0;
    virtual Result<Counts> counts(const std::string& connector) = 0;
    /// Every connector that ever had an event here, configured or not, in alphabetical order.
    virtual Result<std::vector<std::string>> connectors() = 0;

    /// Makes a dead letter deliverable again, its counted failures forgotten, its history kept. Failure::invalid where
    /// the event is no dead letter, or one that was appended as such: without an order and a revision of its own it
    /// would run beside newer data and undo it.
    virtual Result<void> replay(Seq seq, const std::string& who, std::int64_t now_ms) = 0;
    /// Puts a dead letter aside and frees its ordering key. `reason` must not be empty.
    virtual Result<void> discard(Seq seq, const std::string& who, const std::string& reason, std::int64_t now_ms) = 0;
};

}  // namespace sluice::journal
