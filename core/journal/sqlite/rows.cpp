#include "core/journal/sqlite/rows.hpp"

namespace sluice::journal::sqlite {

EventSummary read_summary(const Query& row) {
    EventSummary event;
    event.seq = Seq{row.integer(0)};
    event.state = static_cast<EventState>(row.integer(1));
    event.connector = row.bytes(2);
    event.event_id = row.bytes(3);
    event.flow = row.bytes(4);
    event.order = row.bytes(5);
    event.ordering_key = row.bytes(6);
    event.topic = row.bytes(7);
    event.revision = row.bytes(8);
    event.record = row.bytes(9);
    event.occurred_at_ms = row.integer(10);
    event.appended_at_ms = row.integer(11);
    event.available_at_ms = row.integer(12);
    event.ready_at_ms = row.integer(13);
    event.ended_at_ms = row.integer(14);
    event.attempts = static_cast<int>(row.integer(15));
    event.counted_failures = static_cast<int>(row.integer(16));
    event.attempt_unknown = row.integer(17) != 0;
    event.holds_key = row.integer(18) != 0;
    event.fingerprint = row.bytes(19);
    event.outcome = row.bytes(20);
    event.replayed_at_ms = row.integer(21);
    return event;
}

Result<void> each_row(Result<Query> rows, const std::function<void(const Query&)>& take) {
    if (!rows) return std::unexpected(rows.error());
    for (;;) {
        const auto row = rows->next();
        if (!row) return std::unexpected(row.error());
        if (!*row) return {};
        take(*rows);
    }
}

Result<std::vector<EventSummary>> read_summaries(Result<Query> rows) {
    std::vector<EventSummary> events;
    auto read = each_row(std::move(rows), [&](const Query& row) { events.push_back(read_summary(row)); });
    if (!read) return std::unexpected(read.error());
    return events;
}

Result<void> keep_note(Database& database, Seq seq, const Note& note) {
    const auto last = database.number("SELECT max(number) FROM notes WHERE seq = ?1", seq);
    if (!last) return std::unexpected(last.error());
    auto written = database.run(
        "INSERT INTO notes (seq, number, at_ms, attempt, what, who, message)"
        " SELECT ?1, ?2, ?3, attempts, ?4, ?5, ?6 FROM events WHERE seq = ?1",
        seq, *last + 1, note.at_ms, note.what, note.who, bounded_message(note.message));
    if (!written) return written;
    return database.run("DELETE FROM notes WHERE seq = ?1 AND number <= ?2", seq, *last + 1 - max_notes_kept);
}

std::string bounded_message(std::string_view message) {
    if (message.size() <= max_message_bytes) return std::string(message);
    std::size_t end = max_message_bytes;
    while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xc0) == 0x80) --end;
    return std::string(message.substr(0, end)) + "...";
}

}  // namespace sluice::journal::sqlite
