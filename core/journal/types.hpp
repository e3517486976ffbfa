#pragma once
// What the journal keeps, as plain values.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace sluice::journal {

// ---- limits
/// Payload and headers of one event; more is Failure::invalid.
inline constexpr std::size_t max_event_bytes = 64 * 1024 * 1024;
/// All other text of one event together; more is Failure::invalid.
inline constexpr std::size_t max_event_text_bytes = 64 * 1024;
/// An attempt's message, an outcome or a note is cut to this.
inline constexpr std::size_t max_message_bytes = 4 * 1024;
/// Of one event the last so many attempts and notes are kept.
inline constexpr int max_attempts_kept = 100;
inline constexpr int max_notes_kept = 100;
/// Events that one list() answers.
inline constexpr int max_listed_events = 1'000;

/// The journal's own number of an event: its place in the order of arrival. Unique in one journal, never reused.
enum class Seq : std::int64_t {};
inline constexpr Seq newest_seq{std::numeric_limits<std::int64_t>::max()};  ///< no event has it: a bound for all
constexpr std::int64_t to_int(Seq seq) {
    return static_cast<std::int64_t>(seq);
}

enum class EventState : std::uint8_t {
    ready = 0,    ///< first of its ordering key; deliverable from `available_at_ms`
    waiting = 1,  ///< an earlier event of its ordering key is not finished
    claimed = 2,  ///< an attempt is running (or its process died and the journal was not opened since)
    done = 3,
    dead = 4,        ///< a dead letter that a person must look at
    discarded = 5,   ///< a dead letter a person has put aside
    superseded = 6,  ///< a newer event of its key made it needless (NewEvent::coalesce)
};
std::string_view to_string(EventState state);

/// An event to append. Text is UTF-8; `payload` and `headers` are kept byte for byte.
struct NewEvent {
    std::string connector;
    std::string event_id;  ///< unique per connector; a second append of it is dropped
    std::string flow;
    std::string order;         ///< the namespace of ordering keys ("order"): flows that name the same one share keys
    std::string ordering_key;  ///< at most one event of (connector, order, ordering_key) is claimed at any time
    std::string topic;
    std::string revision;
    std::string record;
    std::string payload;
    std::string headers;  ///< a JSON object
    std::int64_t occurred_at_ms = 0;
    /// Of what waits for the same key, with the same flow and topic, only the newest is kept: events that no attempt
    /// has begun, and dead letters, are superseded by this one, or this one by them where its revision is older.
    bool coalesce = false;
    /// Set where the event cannot be delivered at all (a signed body that is no JSON): it is journalled as a dead
    /// letter.
    std::string dead_letter_reason;
};
/// What max_event_text_bytes limits: ids, key and names together.
std::size_t text_bytes(const NewEvent& event);
/// What max_event_bytes limits.
std::size_t content_bytes(const NewEvent& event);

/// What became of one appended event.
struct Appended {
    Seq seq{};               ///< of the event, or of the first with this event_id
    bool duplicate = false;  ///< known already; nothing was written
    int superseded = 0;      ///< earlier events that this one made needless
};

/// An event as the engine sees it: everything but the payload.
struct EventSummary {
    Seq seq{};
    EventState state = EventState::ready;
    std::string connector, event_id, flow, order, ordering_key, topic, revision, record;
    std::int64_t occurred_at_ms = 0, appended_at_ms = 0, available_at_ms = 0;
    std::int64_t ready_at_ms = 0;  ///< when it became the first of its key: at the append, or when the one before ended
    std::int64_t replayed_at_ms = 0;  ///< last, by a person; 0: never
    std::int64_t ended_at_ms = 0;     ///< done, dead, discarded or superseded since; 0: none of these
    int attempts = 0;                 ///< attempts begun
    int counted_failures = 0;         ///< those that count against the flow's retry limit
    bool attempt_unknown = false;     ///< an attempt ended without a verdict and none has looked since
    bool holds_key = false;           ///< a dead letter that keeps its ordering key waiting
    std::string outcome;  ///< the last attempt's class and message, or what a done event did ("created sale.order 12")
    std::string fingerprint;  ///< of a dead letter's cause (fingerprint.hpp); "" of every other event
};

/// A claim as its holder proves it: no end and no renewal is taken with an older token.
struct Lease {
    Seq seq{};
    int token = 0;  ///< the attempt's number
    bool operator==(const Lease&) const = default;
};

/// Who claims, and for how long without a renewal. Then another host may take the event.
struct LeaseTerms {
    std::string host;           ///< unique among the hosts of one journal, also across restarts
    std::int64_t until_ms = 0;  ///< on the clock of `now_ms`
};

struct Attempt {
    int number = 0;
    std::int64_t started_at_ms = 0;
    std::int64_t finished_at_ms = 0;  ///< 0 while running, or where its process died (then verdict is "unknown")
    std::string verdict;              ///< "done", "retry", "unknown", ...; "" while running
    std::string message;
};

/// A claimed event with its content; the attempt is durable when this exists.
struct Claim {
    EventSummary event;
    std::string payload, headers;  ///< the payload as last edited
    int attempt = 1;               ///< this attempt's number
    Lease lease() const { return {.seq = event.seq, .token = attempt}; }
};

/// What happened to an event between its attempts: recovered, lease lost, superseded, replayed, discarded, edited.
struct Note {
    std::int64_t at_ms = 0;
    int attempt = 0;      ///< the last one begun then
    std::string what;     ///< "replayed"
    std::string who;      ///< "admin"; "host" for what it does by itself
    std::string message;  ///< the reason, or what it was before
};

/// "2026-11-23T22:00:00.000Z replayed by admin: it was rejected: no such product"
std::string to_string(const Note& note);

/// A person's other payload for an event; the one that came is kept.
struct Edit {
    std::int64_t at_ms = 0;
    std::string who, reason, payload;
};

/// One event with all that was recorded about it.
struct EventDetail {
    EventSummary event;
    std::string payload, headers;  ///< as they came
    bool contents_erased = false;  ///< retention took them (and the edits)
    /// Why they cannot be decrypted ("": they can); payload, headers or edits are then missing here.
    std::string contents_problem;
    std::vector<Edit> edits;  ///< the last one is what is delivered
    std::vector<Attempt> attempts;
    std::vector<Note> notes;
    const std::string& delivered_payload() const { return edits.empty() ? payload : edits.back().payload; }
};

struct StatePut {
    std::string name, value;
    /// The version the delivery read (0: there was none). A different one in the journal is a conflict.
    std::int64_t expected_version = 0;
    /// As expected_version: whatever is there is replaced (a hint, which nobody builds on unchecked).
    static constexpr std::int64_t any_version = -1;
};

struct StateValue {
    std::string value;
    std::int64_t version = 0;  ///< 0: not set
};

struct NamedState {
    std::string name, value;
};

/// How a delivery ends. Written with its emitted events and state in one transaction.
struct Finish {
    enum class Kind : std::uint8_t {
        done,   ///< acknowledged
        again,  ///< deliver again from `available_at_ms`
        dead_letter,
    };
    Kind kind = Kind::done;
    std::string verdict;  ///< the word for the attempt: "done", "retry", "unknown", "rejected", "cancelled", ...
    std::string message;
    std::int64_t available_at_ms = 0;  ///< for `again`
    bool counts = false;               ///< for `again` and `dead_letter`: raises counted_failures
    bool unknown = false;              ///< for `again` and `dead_letter`: the next attempt must look before it writes
    bool holds_key = true;             ///< for `dead_letter`
    std::vector<NewEvent> emitted;     ///< for `done`
    std::vector<StatePut> state;       ///< for `done`
    std::string applied_revision;      ///< for `done`: the newest revision now in the other system; "" leaves it
};

struct Ending {
    Lease lease;
    Finish finish;
};

struct EventFilter {
    std::string connector, flow;  ///< "" is any
    std::optional<EventState> state;
    std::string fingerprint;     ///< dead letters of one cause; "" is any event
    std::int64_t after_seq = 0;  ///< page on from here (exclusive)
    int limit = 50;              ///< at most max_listed_events
};

/// Events the journal still has, by state.
struct Counts {
    std::int64_t ready = 0, waiting = 0, claimed = 0, done = 0, dead = 0, discarded = 0, superseded = 0;
    std::int64_t unfinished() const { return ready + waiting + claimed; }
};

struct FlowCounts {
    std::string flow;
    Counts counts;
};

/// Dead letters of one connector and flow with one cause.
struct DeadLetterGroup {
    std::string connector, flow, fingerprint;
    std::string outcome;  ///< of the oldest
    std::int64_t count = 0;
    std::int64_t holding = 0;  ///< of them that keep their ordering key waiting
    Seq first{}, last{};
    std::int64_t first_at_ms = 0, last_at_ms = 0;  ///< when they became dead letters
};

/// An operator's order that nothing of a connector, or of one of its flows, is delivered. It outlives the host.
struct Pause {
    std::string connector;
    std::string flow;  ///< "": the whole connector
    std::string who, reason;
    std::int64_t at_ms = 0;
};

/// How long what ended is kept. Dead letters are kept until a person decides.
struct Retention {
    std::string connector, flow;
    std::int64_t contents_before_ms = 0;  ///< of what ended earlier payload, headers and edits are erased
    Seq events_up_to = newest_seq;        ///< of no later event everything, whatever the clock says (ClockTrust)
    std::int64_t events_before_ms = 0;    ///< and of what ended earlier everything: its event_id is new again
                                          ///< (and the revision it applied, where nothing of its key is open)
    /// Up to where an earlier call has looked for contents (Erased): (0, 0) at first.
    std::int64_t looked_up_to_ms = 0;
    Seq looked_up_to{};
    int limit = 1'000;  ///< events one call looks at
};
/// So long hosts run at least before an event_id may be new again: vendors repeat webhooks for up to two days.
inline constexpr std::int64_t least_ids_ms = 72 * 3'600'000LL;
/// How far the wall clock is trusted with what cannot be undone, kept from one process to the next.
struct ClockTrust {
    std::int64_t trusted_ms = 0;      ///< wall time; 0: nothing was kept yet
    std::int64_t doubted_for_ms = 0;  ///< for so long hosts have run while the wall clock was far ahead of that
    std::int64_t ran_ms = 0;          ///< for so long hosts have run, by the steady clock
    /// Events up to this one were there while hosts have run for least_ids_ms at least: no repeat of them is to come,
    /// whatever the wall clock said meanwhile. Worked out by the journal.
    Seq settled_seq{};
};
struct Erased {
    std::int64_t contents = 0, events = 0;
    std::int64_t looked_up_to_ms = 0;
    Seq looked_up_to{};
    bool more = false;  ///< the limit ended the call
};

}  // namespace sluice::journal
