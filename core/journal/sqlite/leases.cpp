#include "core/journal/sqlite/leases.hpp"

#include <fmt/core.h>

#include "core/journal/sqlite/rows.hpp"
#include "core/journal/sqlite/wall_clock.hpp"

namespace sluice::journal::sqlite {

namespace {

/// Ready again, outcome unknown, the attempt counted: an event that kills its worker must come to an end.
Result<void> take_back(Database& database, Seq seq, std::string_view what, std::string_view why, std::int64_t now_ms) {
    auto changed =
        database.run("UPDATE attempts SET verdict = 'unknown', message = ?2 WHERE seq = ?1 AND verdict = ''", seq, why);
    if (!changed) return changed;
    changed = database.run(
        "UPDATE events SET state = 0, attempt_unknown = 1, counted_failures = counted_failures + 1,"
        " available_at_ms = ?2, outcome = ?3 WHERE seq = ?1",
        seq, now_ms, fmt::format("unknown: {}", why));
    if (!changed) return changed;
    return keep_note(database, seq,
                     {.at_ms = now_ms, .what = std::string(what), .who = "host", .message = std::string(why)});
}

}  // namespace

Result<std::vector<Lease>> renew(Database& database, const std::vector<Lease>& leases, std::int64_t until_ms) {
    std::vector<Lease> lost;
    for (const auto& lease : leases) {
        const auto renewed = database.number(
            "UPDATE events SET leased_until_ms = ?3 WHERE seq = ?1 AND state = 2 AND attempts = ?2 RETURNING 1",
            lease.seq, lease.token, until_ms);
        if (!renewed) return std::unexpected(renewed.error());
        if (*renewed == 0) lost.push_back(lease);
    }
    return lost;
}

Result<std::vector<EventSummary>> expire_leases(Database& database, const std::string& own_host, std::int64_t now_ms) {
    auto expired = read_summaries(database.query(
        "SELECT " SLUICE_SUMMARY_COLUMNS
        " FROM events WHERE state = 2 AND leased_until_ms < ?1 AND leased_by <> ?2 ORDER BY leased_until_ms",
        now_ms, own_host));
    if (!expired) return expired;
    for (const auto& event : *expired) {
        auto taken =
            take_back(database, event.seq, "lease expired", "its host let the lease of this attempt run out", now_ms);
        if (!taken) return std::unexpected(taken.error());
    }
    return expired;
}

Result<std::size_t> recover_claims(Database& database, std::int64_t now_ms) {
    std::vector<Seq> claimed;
    auto read = each_row(database.query("SELECT seq FROM events WHERE state = 2 ORDER BY leased_until_ms"),
                         [&](const Query& row) { claimed.push_back(Seq{row.integer(0)}); });
    if (!read) return std::unexpected(read.error());
    for (const Seq seq : claimed) {
        auto taken = take_back(database, seq, "recovered", "the process died during the attempt", now_ms);
        if (!taken) return std::unexpected(taken.error());
    }
    return claimed.size();
}

Result<void> shift_available(Database& database, std::int64_t step_ms, std::int64_t now_ms) {
    // What waits keeps its time when it becomes ready; since when an event is ready a batch wants to know. One
    // statement a partial index.
    for (const auto* sql :
         {"UPDATE events SET"
          " available_at_ms = max(0, available_at_ms - CASE WHEN available_at_ms > ?2 THEN ?1 ELSE 0 END),"
          " ready_at_ms = max(0, ready_at_ms - CASE WHEN ready_at_ms > ?2 THEN ?1 ELSE 0 END)"
          " WHERE state = 0 AND (available_at_ms > ?2 OR ready_at_ms > ?2)",
          "UPDATE events SET available_at_ms = max(0, available_at_ms - ?1) WHERE state = 1 AND available_at_ms > ?2",
          "UPDATE events SET"
          " leased_until_ms = max(0, leased_until_ms - CASE WHEN leased_until_ms > ?2 THEN ?1 ELSE 0 END),"
          " ready_at_ms = max(0, ready_at_ms - CASE WHEN ready_at_ms > ?2 THEN ?1 ELSE 0 END)"
          " WHERE state = 2 AND (leased_until_ms > ?2 OR ready_at_ms > ?2)"}) {
        if (auto shifted = database.run(sql, step_ms, now_ms); !shifted) return shifted;
    }
    return set_wall_clock_back(database, now_ms);
}

}  // namespace sluice::journal::sqlite
