#include "core/journal/sqlite/retention.hpp"

#include "core/journal/sqlite/rows.hpp"

namespace sluice::journal::sqlite {

namespace {

#define SLUICE_ENDED_EVENTS                                                                            \
    "SELECT seq, ended_at_ms, order_name, ordering_key FROM events WHERE connector = ?1 AND flow = ?2" \
    " AND state IN (3, 5, 6)"

struct Ended {
    Seq seq{};
    std::int64_t at_ms = 0;
    std::string order, ordering_key;
};

Result<std::vector<Ended>> read_ended(Result<Query> rows) {
    std::vector<Ended> found;
    auto read = each_row(std::move(rows), [&](const Query& row) {
        found.push_back(
            {.seq = Seq{row.integer(0)}, .at_ms = row.integer(1), .order = row.bytes(2), .ordering_key = row.bytes(3)});
    });
    if (!read) return std::unexpected(read.error());
    return found;
}

Result<void> run_each(Database& database, std::initializer_list<const char*> statements, Seq seq) {
    for (const auto* sql : statements) {
        if (auto ran = database.run(sql, seq); !ran) return ran;
    }
    return {};
}

/// That of the event's key, where the event that applied it is gone and none is left that it could make a no-op. Most
/// keys are of one record that is not heard of again, so one row each would be growth without end.
Result<void> erase_revision(Database& database, const std::string& connector, const Ended& event) {
    if (event.ordering_key.empty()) return {};
    return database.run(
        "DELETE FROM revisions WHERE connector = ?1 AND order_name = ?2 AND ordering_key = ?3"
        " AND NOT EXISTS (SELECT 1 FROM events WHERE events.seq = revisions.seq)"
        " AND NOT EXISTS (SELECT 1 FROM events WHERE connector = ?1 AND order_name = ?2 AND ordering_key = ?3"
        " AND head = 1)"
        " AND NOT EXISTS (SELECT 1 FROM events WHERE connector = ?1 AND order_name = ?2 AND ordering_key = ?3"
        " AND state = 4)",
        connector, event.order, event.ordering_key);
}

Result<void> erase_events(Database& database, const Retention& retention, Erased& erased) {
    const auto old = read_ended(database.query(
        SLUICE_ENDED_EVENTS " AND ended_at_ms < ?3 AND seq <= ?4 ORDER BY ended_at_ms LIMIT ?5", retention.connector,
        retention.flow, retention.events_before_ms, retention.events_up_to, retention.limit));
    if (!old) return std::unexpected(old.error());
    for (const auto& event : *old) {
        auto gone = run_each(database,
                             {"DELETE FROM contents WHERE seq = ?1", "DELETE FROM edits WHERE seq = ?1",
                              "DELETE FROM attempts WHERE seq = ?1", "DELETE FROM notes WHERE seq = ?1",
                              "DELETE FROM events WHERE seq = ?1"},
                             event.seq);
        if (gone) gone = erase_revision(database, retention.connector, event);
        if (!gone) return gone;
        ++erased.events;
    }
    erased.more = erased.more || static_cast<int>(old->size()) == retention.limit;
    return {};
}

/// Goes through what ended in the order of its end, from where it was left: most of it has lost its contents already.
Result<void> erase_contents(Database& database, const Retention& retention, Erased& erased) {
    const auto next = read_ended(
        database.query(SLUICE_ENDED_EVENTS
                       " AND (ended_at_ms, seq) > (?3, ?4) AND ended_at_ms < ?5 ORDER BY ended_at_ms, seq LIMIT ?6",
                       retention.connector, retention.flow, retention.looked_up_to_ms, retention.looked_up_to,
                       retention.contents_before_ms, retention.limit));
    if (!next) return std::unexpected(next.error());
    for (const auto& event : *next) {
        const auto kept = database.number("DELETE FROM contents WHERE seq = ?1 RETURNING 1", event.seq);
        if (!kept) return std::unexpected(kept.error());
        erased.contents += *kept;
        if (*kept == 0) continue;
        auto gone = run_each(database,
                             {"DELETE FROM edits WHERE seq = ?1",
                              "UPDATE events SET outcome = substr(outcome, 1, instr(outcome, char(10)) - 1)"
                              " WHERE seq = ?1 AND instr(outcome, char(10)) > 0",
                              "UPDATE attempts SET message = substr(message, 1, instr(message, char(10)) - 1)"
                              " WHERE seq = ?1 AND instr(message, char(10)) > 0"},
                             event.seq);
        if (!gone) return gone;
    }
    if (!next->empty()) {
        erased.looked_up_to_ms = next->back().at_ms;
        erased.looked_up_to = next->back().seq;
    }
    erased.more = erased.more || static_cast<int>(next->size()) == retention.limit;
    return {};
}

}  // namespace

Result<Erased> erase(Database& database, const Retention& retention) {
    Erased erased{.looked_up_to_ms = retention.looked_up_to_ms, .looked_up_to = retention.looked_up_to};
    if (auto gone = erase_events(database, retention, erased); !gone) return std::unexpected(gone.error());
    if (auto gone = erase_contents(database, retention, erased); !gone) return std::unexpected(gone.error());
    return erased;
}

}  // namespace sluice::journal::sqlite
