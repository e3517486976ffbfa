#include "core/journal/sqlite/interventions.hpp"

#include <fmt/core.h>

#include <vector>

#include "core/base/timestamp.hpp"
#include "core/journal/sqlite/deliveries.hpp"
#include "core/journal/sqlite/rows.hpp"

namespace sluice::journal::sqlite {

namespace {

Result<EventSummary> dead_letter(Database& database, Seq seq, std::string_view doing) {
    auto rows = database.query("SELECT " SLUICE_SUMMARY_COLUMNS " FROM events WHERE seq = ?1", seq);
    if (!rows) return std::unexpected(rows.error());
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (!*row) return fail(Failure::invalid, fmt::format("cannot {} event {}: there is none", doing, to_int(seq)));
    auto event = read_summary(*rows);
    if (event.state != EventState::dead) {
        return fail(Failure::invalid, fmt::format("cannot {} event {}: it is no dead letter but {}", doing, to_int(seq),
                                                  to_string(event.state)));
    }
    return event;
}

Result<void> note(Database& database, Seq seq, std::int64_t now_ms, const std::string& text) {
    const auto last = database.number("SELECT max(number) FROM notes WHERE seq = ?1", seq);
    if (!last) return std::unexpected(last.error());
    auto written = database.run("INSERT INTO notes (seq, number, note) VALUES (?1, ?2, ?3)", seq, *last + 1,
                                bounded_message(fmt::format("{} {}", format_rfc3339(now_ms), text)));
    if (!written) return written;
    return database.run("DELETE FROM notes WHERE seq = ?1 AND number <= ?2", seq, *last + 1 - max_notes_kept);
}

}  // namespace

Result<void> replay(Database& database, Seq seq, const std::string& who, std::int64_t now_ms) {
    const auto event = dead_letter(database, seq, "replay");
    if (!event) return std::unexpected(event.error());
    // Every other dead letter was claimed once.
    if (event->attempts == 0) {
        std::string_view reason = event->outcome;
        if (reason.starts_with(appended_dead)) reason.remove_prefix(appended_dead.size());
        return fail(Failure::invalid, fmt::format("event {} cannot be delivered: {}; discard it", to_int(seq), reason));
    }
    // One that held its key is still its first. One that did not goes behind the key's head, before all others that
    // wait (they came later).
    bool waits = false;
    if (!event->holds_key && !event->ordering_key.empty()) {
        const auto held = has_head(database, event->connector, event->order, event->ordering_key);
        if (!held) return std::unexpected(held.error());
        waits = *held;
    }
    auto changed = database.run(
        "UPDATE events SET state = ?2, holds_key = 0, counted_failures = 0, available_at_ms = ?3 WHERE seq = ?1", seq,
        waits ? EventState::waiting : EventState::ready, now_ms);
    if (!changed) return changed;
    return note(database, seq, now_ms, fmt::format("replayed by {}: it was {}", who, event->outcome));
}

Result<void> discard(Database& database, Seq seq, const std::string& who, const std::string& reason,
                     std::int64_t now_ms) {
    if (reason.empty()) {
        return fail(Failure::invalid, fmt::format("cannot discard event {} without a reason", to_int(seq)));
    }
    const auto event = dead_letter(database, seq, "discard");
    if (!event) return std::unexpected(event.error());
    auto changed = database.run("UPDATE events SET state = 5, holds_key = 0 WHERE seq = ?1", seq);
    if (!changed) return changed;
    if (event->holds_key) {
        changed = promote_next(database, event->connector, event->order, event->ordering_key);
        if (!changed) return changed;
    }
    return note(database, seq, now_ms, fmt::format("discarded by {}: {}", who, reason));
}

Result<std::size_t> recover_claims(Database& database, std::int64_t now_ms) {
    std::vector<Seq> claimed;
    {
        // `state <> 3` lets SQLite use the partial index events_unfinished.
        auto rows = database.query("SELECT seq FROM events WHERE state = 2 AND state <> 3 ORDER BY seq");
        if (!rows) return std::unexpected(rows.error());
        for (;;) {
            const auto row = rows->next();
            if (!row) return std::unexpected(row.error());
            if (!*row) break;
            claimed.push_back(Seq{rows->integer(0)});
        }
    }
    for (const Seq seq : claimed) {
        auto changed = database.run(
            "UPDATE attempts SET verdict = 'unknown', message = 'the process died during this attempt'"
            " WHERE seq = ?1 AND verdict = ''",
            seq);
        if (!changed) return std::unexpected(changed.error());
        changed = database.run(
            "UPDATE events SET state = 0, attempt_unknown = 1, counted_failures = counted_failures + 1,"
            " available_at_ms = ?2, outcome = 'unknown: the process died during the attempt' WHERE seq = ?1",
            seq, now_ms);
        if (!changed) return std::unexpected(changed.error());
        changed = note(database, seq, now_ms, "recovered by the host at its start: the process died during an attempt");
        if (!changed) return std::unexpected(changed.error());
    }
    return claimed.size();
}

Result<void> shift_available(Database& database, std::int64_t step_ms, std::int64_t now_ms) {
    // `state <> 3` lets SQLite use the partial index events_unfinished. What waits keeps its time when it becomes
    // ready.
    return database.run(
        "UPDATE events SET available_at_ms = max(0, available_at_ms - ?1)"
        " WHERE state IN (0, 1) AND state <> 3 AND available_at_ms > ?2",
        step_ms, now_ms);
}

}  // namespace sluice::journal::sqlite
