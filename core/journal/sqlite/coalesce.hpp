#pragma once
// Of what waits for a key, only the newest is worth delivering.

#include <optional>
#include <vector>

#include "core/journal/sqlite/database.hpp"
#include "core/journal/types.hpp"

namespace sluice::journal::sqlite {

struct Coalesced {
    std::vector<Seq> older;        ///< superseded just now by the event that comes
    std::optional<Seq> newer;      ///< an event of a newer revision waits already: the one that comes is needless
    bool attempt_unknown = false;  ///< an attempt of `older` may have had its effect: the one that comes must look
};
/// Makes room for an event that is about to be inserted (NewEvent::coalesce says for which).
Result<Coalesced> coalesce(Database& database, const NewEvent& event, std::int64_t now_ms);
/// An attempt of `event` failed, with this outcome: where an event waits that would have superseded it had it come
/// later, it does so now. `unknown`: that one must look. True where it did.
Result<bool> give_way_to_newer(Database& database, const EventSummary& event, const std::string& outcome, bool unknown,
                               std::int64_t now_ms);
/// Writes down which event it was that superseded `old`.
Result<void> tell_superseded(Database& database, Seq old, Seq by, std::int64_t now_ms);

}  // namespace sluice::journal::sqlite
