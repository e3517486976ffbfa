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
    event.attempts = static_cast<int>(row.integer(13));
    event.counted_failures = static_cast<int>(row.integer(14));
    event.attempt_unknown = row.integer(15) != 0;
    event.holds_key = row.integer(16) != 0;
    event.outcome = row.bytes(17);
    return event;
}

Result<void> read_contents(Database& database, Seq seq, std::string& payload, std::string& headers) {
    auto rows = database.query("SELECT payload, headers FROM contents WHERE seq = ?1", seq);
    if (!rows) return std::unexpected(rows.error());
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (*row) {
        payload = rows->bytes(0);
        headers = rows->bytes(1);
    }
    return {};
}

}  // namespace sluice::journal::sqlite
