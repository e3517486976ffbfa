#pragma once
// What the journal keeps, as plain values.

#include <cstddef>
#include <cstdint>
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
constexpr std::int64_t to_int(Seq seq) {
    return static_cast<std::int64_t>(seq);
}

enum class EventState : std::uint8_t {
    ready = 0,    ///< first of its ordering key; deliverable from `available_at_ms`
    waiting = 1,  ///< an earlier event of its ordering key is not finished
    claimed = 2,  ///< an attempt is running (or its process died and the journal was not opened since)
    done = 3,
    dead = 4,       ///< a dead letter that a person must look at
    discarded = 5,  ///< a dead letter a person has put aside
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
};

/// An event as the engine sees it: everything but the payload.
struct EventSummary {
    Seq seq{};
    EventState state = EventState::ready;
    std::string connector, event_id, flow, order, ordering_key, topic, revision, record;
    std::int64_t occurred_at_ms = 0, appended_at_ms = 0, available_at_ms = 0;
    int attempts = 0;              ///< attempts begun
    int counted_failures = 0;      ///< those that count against the flow's retry limit
    bool attempt_unknown = false;  ///< an attempt ended without a verdict and none has looked since
    bool holds_key = false;        ///< a dead letter that keeps its ordering key waiting
    std::string outcome;  ///< the last attempt's class and message, or what a done event did ("created sale.order 12")
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
    std::string payload, headers;
    int attempt = 1;  ///< this attempt's number
};

/// One event with all that was recorded about it.
struct EventDetail {
    EventSummary event;
    std::string payload, headers;
    std::vector<Attempt> attempts;
    std::vector<std::string> notes;  ///< "2026-11-23T22:00:00.000Z replayed by admin: ..." in order
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

struct EventFilter {
    std::string connector;  ///< "" is any
    std::optional<EventState> state;
    std::int64_t after_seq = 0;  ///< page on from here (exclusive)
    int limit = 50;              ///< at most max_listed_events
};

struct Counts {
    std::int64_t ready = 0, waiting = 0, claimed = 0, done = 0, dead = 0, discarded = 0;
};

}  // namespace sluice::journal
