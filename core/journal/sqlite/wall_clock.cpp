#include "core/journal/sqlite/wall_clock.hpp"

#include "core/journal/sqlite/leases.hpp"
#include "core/journal/sqlite/rows.hpp"

namespace sluice::journal::sqlite {

Result<void> stamp_wall_clock(Database& database, std::int64_t now_ms) {
    // Never back: that is for those who shift what waits for the time that was.
    return database.run("UPDATE clock SET last_ms = ?1 WHERE last_ms <= ?2", now_ms, now_ms - stamp_every_ms);
}

Result<void> recover_wall_clock(Database& database, std::int64_t now_ms) {
    const auto last_ms = database.number("SELECT last_ms FROM clock");
    if (!last_ms) return std::unexpected(last_ms.error());
    if (*last_ms <= now_ms) return {};
    return shift_available(database, *last_ms - now_ms, now_ms);
}

Result<void> set_wall_clock_back(Database& database, std::int64_t now_ms) {
    return database.run("UPDATE clock SET last_ms = ?1", now_ms);
}

Result<ClockTrust> clock_trust(Database& database) {
    ClockTrust trust;
    auto read = each_row(database.query("SELECT trusted_ms, doubted_for_ms, ran_ms, settled_seq FROM clock"),
                         [&](const Query& row) {
                             trust = {.trusted_ms = row.integer(0),
                                      .doubted_for_ms = row.integer(1),
                                      .ran_ms = row.integer(2),
                                      .settled_seq = Seq{row.integer(3)}};
                         });
    if (!read) return std::unexpected(read.error());
    return trust;
}

Result<void> keep_clock_trust(Database& database, const ClockTrust& trust) {
    auto kept = database.run("UPDATE clock SET trusted_ms = ?1, doubted_for_ms = ?2, ran_ms = ?3", trust.trusted_ms,
                             trust.doubted_for_ms, trust.ran_ms);
    if (!kept) return kept;
    return database.run(
        "UPDATE clock SET settled_seq = marked_seq, marked_at_ran_ms = ran_ms,"
        " marked_seq = coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)"
        " WHERE marked_seq = 0 OR ran_ms - marked_at_ran_ms >= ?1",
        least_ids_ms);
}

}  // namespace sluice::journal::sqlite
