#pragma once
// The host's durable store of events, attempts and connector state.

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "core/journal/types.hpp"

namespace sluice::journal {

/// The start of the message of a finish() that met another version of a state (Failure::retry): "state conflict: NAME".
inline constexpr std::string_view state_conflict = "state conflict";
/// The start of the message of a finish() whose claim somebody else has, or had (Failure::invalid): "lease lost".
inline constexpr std::string_view lease_lost = "lease lost";

/// Where events come in: all of the journal that what takes them needs. Any thread.
class Intake {
public:
    virtual ~Intake() = default;

    /// Appends all or none. An event whose (connector, event_id) is known is dropped and reported as a duplicate.
    virtual Result<std::vector<Appended>> append(std::vector<NewEvent> events) = 0;
    /// The same without blocking: `done` runs on the journal's thread after the commit (or the failure) and must be
    /// quick.
    virtual void append_async(std::vector<NewEvent> events,
                              std::function<void(Result<std::vector<Appended>>)> done) = 0;
};

/// What connectors remember: all of the journal that a delivery sees. Any thread.
class ConnectorMemory {
public:
    virtual ~ConnectorMemory() = default;

    /// The newest revision applied to the record this ordering key names; "" where none, or where retention erased the
    /// event that applied it.
    virtual Result<std::string> applied_revision(const std::string& connector, const std::string& order,
                                                 const std::string& ordering_key) = 0;
    /// This and states(): Failure::auth where a key to decrypt it is not given, Failure::rejected where it was changed
    /// since it was encrypted.
    virtual Result<StateValue> get_state(const std::string& connector, const std::string& name) = 0;
    /// The states whose names are greater than `after` and at most `up_to`, as bytes, in their order; at most `limit`.
    virtual Result<std::vector<NamedState>> states(const std::string& connector, const std::string& after,
                                                   const std::string& up_to, int limit) = 0;
};

/// Lifecycle: open (sqlite/sqlite_journal.hpp), use from any thread, destroy after the last call has returned.
///
/// Every mutating call returns only when its effect is durable; calls from several threads share one commit. A failure
/// (Failure::retry: disk full, file locked; Failure::invalid: a file that is damaged or newer) leaves nothing half
/// written.
class Journal : public Intake, public ConnectorMemory {
public:
    /// Ready events of a connector's flow, the longest available first: `available_at_ms` <= `until_ms`, at most
    /// `limit`.
    virtual Result<std::vector<EventSummary>> ready(const std::string& connector, const std::string& flow,
                                                    std::int64_t until_ms, int limit) = 0;
    /// The earliest `available_at_ms` later than `after_ms` of a ready event of this flow, or nothing.
    virtual Result<std::optional<std::int64_t>> next_available(const std::string& connector, const std::string& flow,
                                                               std::int64_t after_ms) = 0;
    /// The clock was set back by `step_ms` to `now_ms`: what is ready or waiting with an `available_at_ms` (or
    /// `ready_at_ms`) later than `now_ms` becomes available by so much earlier, or it would wait for the clock to catch
    /// up.
    virtual Result<void> shift_available(std::int64_t step_ms, std::int64_t now_ms) = 0;

    /// Makes one attempt of each durable and hands the events over, each under a lease. Those that are not ready any
    /// more (claimed, discarded, superseded) are left out. So is one whose contents were changed since they were
    /// encrypted: that attempt ends as a dead letter ("unreadable") that holds its key. Failure::auth where a key to
    /// decrypt one is not given: none is claimed.
    virtual Result<std::vector<Claim>> claim(const std::vector<Seq>& seqs, const LeaseTerms& terms,
                                             std::int64_t now_ms) = 0;
    /// Ends the attempt of a claimed event. Failure::retry with "state conflict" where a StatePut met a newer version:
    /// nothing was written and the claim stands. Failure::invalid with "lease lost" where the event is not claimed
    /// under this token any more, and nothing was written. On done (or a dead letter that holds no key) the next event
    /// of the key becomes ready.
    virtual Result<void> finish(const Lease& lease, const Finish& finish, std::int64_t now_ms) = 0;
    /// The same for several, in order; they share a commit where the journal can, and each fails by itself.
    virtual std::vector<Result<void>> finish_all(const std::vector<Ending>& endings, std::int64_t now_ms) = 0;
    /// Keeps leases alive until `until_ms`; answers those that are lost.
    virtual Result<std::vector<Lease>> renew(const std::vector<Lease>& leases, std::int64_t until_ms) = 0;
    /// Takes back what another host than `own_host` has claimed under a lease that ended before `now_ms`: that host is
    /// gone, or too slow. The event is ready again, its outcome unknown, its attempt counted.
    virtual Result<std::vector<EventSummary>> expire_leases(const std::string& own_host, std::int64_t now_ms) = 0;

    /// An event without its contents, nothing where there is none: in nobody's way, and readable whatever became of the
    /// contents.
    virtual Result<std::optional<EventSummary>> find(Seq seq) = 0;
    virtual Result<std::vector<EventSummary>> list(const EventFilter& filter) = 0;
    /// Nothing where there is no such event. Contents that cannot be decrypted fail nothing (contents_problem).
    virtual Result<std::optional<EventDetail>> show(Seq seq) = 0;
    virtual Result<Counts> counts(const std::string& connector) = 0;
    /// The same for each flow that ever had an event of this connector here.
    virtual Result<std::vector<FlowCounts>> flow_counts(const std::string& connector) = 0;
    /// Every connector that ever had an event here, configured or not, in alphabetical order.
    virtual Result<std::vector<std::string>> connectors() = 0;

    /// Dead letters by cause, the largest group first. Filters: connector, flow, fingerprint, limit.
    virtual Result<std::vector<DeadLetterGroup>> dead_letter_groups(const EventFilter& filter) = 0;
    /// Makes a dead letter deliverable again, its counted failures forgotten, its history kept. Failure::invalid where
    /// the event is no dead letter, or one that was appended as such: without an order and a revision of its own it
    /// would run beside newer data and undo it.
    virtual Result<void> replay(Seq seq, const std::string& who, std::int64_t now_ms) = 0;
    /// Puts a dead letter aside and frees its ordering key. `reason` must not be empty. The same for a ready event that
    /// cannot be decrypted: where a key is lost for good nothing else ends it.
    virtual Result<void> discard(Seq seq, const std::string& who, const std::string& reason, std::int64_t now_ms) = 0;
    /// The same for the dead letters a filter means (connector, flow, fingerprint, after_seq), the oldest first and at
    /// most `limit` of them, in one transaction. Replay passes over those that cannot be replayed. Answers those that
    /// were changed.
    virtual Result<std::vector<Seq>> replay_all(const EventFilter& filter, const std::string& who,
                                                std::int64_t now_ms) = 0;
    virtual Result<std::vector<Seq>> discard_all(const EventFilter& filter, const std::string& who,
                                                 const std::string& reason, std::int64_t now_ms) = 0;
    /// Gives a dead letter another payload, with which a replay delivers it; the one that came is kept.
    /// Failure::invalid where the event is no dead letter that can be replayed, or its contents were erased.
    virtual Result<void> edit(Seq seq, std::string payload, const std::string& who, const std::string& reason,
                              std::int64_t now_ms) = 0;

    /// Replaces what was said of this connector and flow.
    virtual Result<void> pause(const Pause& pause) = 0;
    /// True where there was a pause.
    virtual Result<bool> resume(const std::string& connector, const std::string& flow) = 0;
    virtual Result<std::vector<Pause>> pauses() = 0;

    /// Erases what a retention lets go; call again while there is `more`.
    virtual Result<Erased> erase(const Retention& retention) = 0;
    /// Kept for whoever decides on retentions; the journal itself goes by neither.
    virtual Result<ClockTrust> clock_trust() = 0;
    virtual Result<void> keep_clock_trust(const ClockTrust& trust) = 0;
    /// Writes a copy as of one moment to a new file while everything goes on; `file` must not exist. Blocking.
    virtual Result<void> backup(const std::filesystem::path& file) = 0;
    /// Reads everything, compares (pages, indexes, counts) and decrypts what is encrypted: Failure::invalid says what
    /// is wrong. Blocking, for as long as reading the file takes, and in nobody's way; Failure::cancelled where `stop`
    /// ends it.
    virtual Result<void> check(std::stop_token stop = {}) = 0;
};

}  // namespace sluice::journal
