#pragma once
// What a process was told is durable before it was killed, against what its journal holds afterwards. Pure: see
// journal_verify.hpp for who is killed.

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/journal/types.hpp"

namespace sluice::host {

/// "c3.w1.b40.2/5": of the 3rd crash's process, its worker 1 and that one's 40th append, the 2nd of 5 events.
std::string crash_event_id(int crash, int worker, int batch, int index, int size);
/// The event that is emitted when this one is done.
std::string emitted_event_id(std::string_view event_id);
/// Whether it is one: nothing is emitted when it is done.
bool is_emitted_event_id(std::string_view event_id);
/// The bytes of the event with this id, which is how they can be compared after all who knew them are dead. Mostly
/// small, some over many pages of the journal, never two alike.
std::string crash_payload(std::string_view event_id);
/// What a finished event says of itself: the finisher's `number`-th. The finisher's state has this version then.
std::string finish_message(std::string_view finisher, std::int64_t number);

/// One event as the journal holds it.
struct FoundEvent {
    std::string event_id, payload;
    journal::EventState state = journal::EventState::ready;
    int attempts = 0;              ///< begun
    int times_done = 0;            ///< attempts that ended as done
    bool attempt_unknown = false;  ///< recovered: its process died in an attempt
    std::string outcome;
};

/// All a journal holds.
struct Remains {
    std::vector<FoundEvent> events;
    std::map<std::string, std::int64_t> finisher_versions;  ///< of each finisher's state, by its name
};

struct Findings {
    std::int64_t unacknowledged = 0;  ///< events that are there whole, their acknowledgement cut off
    std::int64_t recovered = 0;       ///< of the last crash's claims without an end: deliverable again, marked unknown
    std::vector<std::string> wrong;   ///< one line for each thing lost, doubled, damaged or half there
};

/// Among so many crashes of a running workload there is one that cuts off a claim whose end is not durable yet.
inline constexpr int crashes_that_cut_claims = 10;
/// Why a proof over so many of them, and all they left to recover, is none of the recovery; "" where it is one, or they
/// are too few to tell.
std::string unproved_recovery(int crashes, std::int64_t recovered);

/// One journal file's acknowledgements, over all processes that were killed on it. One thread.
class CrashLedger {
public:
    /// One line of the killed process's report, without its end: "appended ID ID ...", "claimed ID ATTEMPT" or
    /// "finished ID". False where it is none of these.
    bool take(std::string_view line);
    /// Compares, and begins anew with the claims of the next process.
    Findings check(const Remains& remains);

    std::int64_t appended() const { return static_cast<std::int64_t>(appended_.size()); }
    std::int64_t finished() const { return static_cast<std::int64_t>(finished_.size()); }

private:
    std::set<std::string, std::less<>> appended_, finished_;
    std::map<std::string, int, std::less<>> claimed_;  ///< the attempt, of those without an end
};

}  // namespace sluice::host
