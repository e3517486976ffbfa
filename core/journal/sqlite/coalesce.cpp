#include "core/journal/sqlite/coalesce.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/base/timestamp.hpp"
#include "core/journal/sqlite/deliveries.hpp"
#include "core/journal/sqlite/rows.hpp"

namespace sluice::journal::sqlite {

namespace {

/// All of the key's events that are not ended and not being handled, of this flow and topic. One query a partial index.
Result<std::vector<EventSummary>> waiting_like(Database& database, const NewEvent& event) {
    std::vector<EventSummary> all;
    for (const auto* sql :
         {"SELECT " SLUICE_SUMMARY_COLUMNS " FROM events WHERE connector = ?1 AND order_name = ?2 AND ordering_key = ?3"
          " AND flow = ?4 AND topic = ?5 AND state = 1",
          "SELECT " SLUICE_SUMMARY_COLUMNS " FROM events WHERE connector = ?1 AND order_name = ?2 AND ordering_key = ?3"
          " AND flow = ?4 AND topic = ?5 AND head = 1 AND state = 0",
          "SELECT " SLUICE_SUMMARY_COLUMNS " FROM events WHERE connector = ?1 AND order_name = ?2 AND ordering_key = ?3"
          " AND flow = ?4 AND topic = ?5 AND state = 4"}) {
        auto some = read_summaries(
            database.query(sql, event.connector, event.order, event.ordering_key, event.flow, event.topic));
        if (!some) return some;
        std::ranges::move(*some, std::back_inserter(all));
    }
    return all;
}

}  // namespace

Result<Coalesced> coalesce(Database& database, const NewEvent& event, std::int64_t now_ms) {
    const auto waiting = waiting_like(database, event);
    if (!waiting) return std::unexpected(waiting.error());
    Coalesced coalesced;
    for (const auto& old : *waiting) {
        if (compare_revisions(old.revision, event.revision) <= 0) continue;
        // A dead letter is no reason to drop what is older: nobody knows that it will ever be applied.
        if (old.state == EventState::dead) continue;
        coalesced.newer = old.seq;
        return coalesced;
    }
    bool head_gone = false;
    for (const auto& old : *waiting) {
        if (compare_revisions(old.revision, event.revision) > 0) continue;
        auto ended = database.run(
            "UPDATE events SET state = 6, holds_key = 0, ended_at_ms = ?2, fingerprint = '' WHERE seq = ?1", old.seq,
            now_ms);
        if (!ended) return std::unexpected(ended.error());
        coalesced.older.push_back(old.seq);
        coalesced.attempt_unknown = coalesced.attempt_unknown || old.attempt_unknown;
        head_gone = head_gone || old.state == EventState::ready || old.holds_key;
    }
    if (head_gone) {
        // Others of the key, of another flow or topic, waited before the one that comes.
        auto promoted = promote_next(database, event.connector, event.order, event.ordering_key, now_ms);
        if (!promoted) return std::unexpected(promoted.error());
    }
    return coalesced;
}

Result<bool> give_way_to_newer(Database& database, const EventSummary& event, const std::string& outcome, bool unknown,
                               std::int64_t now_ms) {
    if (event.ordering_key.empty()) return false;
    auto waiting = read_summaries(
        database.query("SELECT " SLUICE_SUMMARY_COLUMNS
                       " FROM events WHERE connector = ?1 AND order_name = ?2 AND ordering_key = ?3"
                       " AND flow = ?4 AND topic = ?5 AND state = 1 AND coalesces = 1 AND seq > ?6 ORDER BY seq DESC",
                       event.connector, event.order, event.ordering_key, event.flow, event.topic, event.seq));
    if (!waiting) return std::unexpected(waiting.error());
    const auto newer = std::ranges::find_if(
        *waiting, [&](const auto& other) { return compare_revisions(event.revision, other.revision) <= 0; });
    if (newer == waiting->end()) return false;
    auto done =
        database.run("UPDATE events SET state = 6, holds_key = 0, ended_at_ms = ?2, outcome = ?3 WHERE seq = ?1",
                     event.seq, now_ms, outcome);
    if (done) done = tell_superseded(database, event.seq, newer->seq, now_ms);
    if (done && unknown) done = database.run("UPDATE events SET attempt_unknown = 1 WHERE seq = ?1", newer->seq);
    if (done) done = promote_next(database, event.connector, event.order, event.ordering_key, now_ms);
    if (!done) return std::unexpected(done.error());
    return true;
}

Result<void> tell_superseded(Database& database, Seq old, Seq by, std::int64_t now_ms) {
    const auto before =
        read_summaries(database.query("SELECT " SLUICE_SUMMARY_COLUMNS " FROM events WHERE seq = ?1", old));
    if (!before) return std::unexpected(before.error());
    auto noted = keep_note(
        database, old,
        {.at_ms = now_ms,
         .what = "superseded",
         .who = "host",
         .message = fmt::format("by event {}; it was {}", to_int(by),
                                before->front().outcome.empty() ? "not attempted" : before->front().outcome)});
    if (!noted) return noted;
    return database.run("UPDATE events SET outcome = ?2 WHERE seq = ?1", old,
                        fmt::format("superseded by event {}", to_int(by)));
}

}  // namespace sluice::journal::sqlite
