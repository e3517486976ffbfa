#include "core/journal/sqlite/reads.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>

#include "core/journal/sqlite/rows.hpp"

namespace sluice::journal::sqlite {

namespace {

/// Every row of a query, in order.
Result<void> each_row(Result<Query> rows, const std::function<void(const Query&)>& take) {
    if (!rows) return std::unexpected(rows.error());
    for (;;) {
        const auto row = rows->next();
        if (!row) return std::unexpected(row.error());
        if (!*row) return {};
        take(*rows);
    }
}

Result<std::vector<EventSummary>> summaries(Result<Query> rows) {
    std::vector<EventSummary> events;
    auto read = each_row(std::move(rows), [&](const Query& row) { events.push_back(read_summary(row)); });
    if (!read) return std::unexpected(read.error());
    return events;
}

Result<std::optional<EventDetail>> read_detail(Database& database, Seq seq) {
    auto event = summaries(database.query("SELECT " SLUICE_SUMMARY_COLUMNS " FROM events WHERE seq = ?1", seq));
    if (!event) return std::unexpected(event.error());
    if (event->empty()) return std::nullopt;
    EventDetail detail{.event = std::move(event->front())};
    auto read = read_contents(database, seq, detail.payload, detail.headers);
    if (!read) return std::unexpected(read.error());
    read = each_row(database.query("SELECT number, started_at_ms, finished_at_ms, verdict, message FROM attempts"
                                   " WHERE seq = ?1 ORDER BY number",
                                   seq),
                    [&](const Query& row) {
                        detail.attempts.push_back({.number = static_cast<int>(row.integer(0)),
                                                   .started_at_ms = row.integer(1),
                                                   .finished_at_ms = row.integer(2),
                                                   .verdict = row.bytes(3),
                                                   .message = row.bytes(4)});
                    });
    if (!read) return std::unexpected(read.error());
    read = each_row(database.query("SELECT note FROM notes WHERE seq = ?1 ORDER BY number", seq),
                    [&](const Query& row) { detail.notes.push_back(row.bytes(0)); });
    if (!read) return std::unexpected(read.error());
    return detail;
}

}  // namespace

Result<std::vector<EventSummary>> ready(Database& database, const std::string& connector, std::int64_t until_ms,
                                        int limit) {
    return summaries(database.query("SELECT " SLUICE_SUMMARY_COLUMNS
                                    " FROM events WHERE connector = ?1 AND state = 0 AND available_at_ms <= ?2"
                                    " ORDER BY available_at_ms, seq LIMIT ?3",
                                    connector, until_ms, std::max(0, limit)));
}

Result<std::optional<std::int64_t>> next_available(Database& database, const std::string& connector,
                                                   std::int64_t after_ms) {
    std::optional<std::int64_t> earliest;
    auto read = each_row(database.query("SELECT available_at_ms FROM events WHERE connector = ?1 AND state = 0"
                                        " AND available_at_ms > ?2 ORDER BY available_at_ms LIMIT 1",
                                        connector, after_ms),
                         [&](const Query& row) { earliest = row.integer(0); });
    if (!read) return std::unexpected(read.error());
    return earliest;
}

Result<std::string> applied_revision(Database& database, const std::string& connector, const std::string& order,
                                     const std::string& ordering_key) {
    std::string revision;
    auto read = each_row(database.query("SELECT revision FROM revisions WHERE connector = ?1 AND order_name = ?2"
                                        " AND ordering_key = ?3",
                                        connector, order, ordering_key),
                         [&](const Query& row) { revision = row.bytes(0); });
    if (!read) return std::unexpected(read.error());
    return revision;
}

Result<StateValue> get_state(Database& database, const std::string& connector, const std::string& name) {
    StateValue value;
    auto read =
        each_row(database.query("SELECT value, version FROM state WHERE connector = ?1 AND name = ?2", connector, name),
                 [&](const Query& row) { value = {.value = row.bytes(0), .version = row.integer(1)}; });
    if (!read) return std::unexpected(read.error());
    return value;
}

Result<std::vector<NamedState>> states(Database& database, const std::string& connector, const std::string& after,
                                       const std::string& up_to, int limit) {
    std::vector<NamedState> found;
    auto read =
        each_row(database.query("SELECT name, value FROM state WHERE connector = ?1 AND name > ?2 AND name <= ?3"
                                " ORDER BY name LIMIT ?4",
                                connector, after, up_to, std::max(0, limit)),
                 [&](const Query& row) { found.push_back({.name = row.bytes(0), .value = row.bytes(1)}); });
    if (!read) return std::unexpected(read.error());
    return found;
}

Result<std::vector<EventSummary>> list(Database& database, const EventFilter& filter) {
    std::string sql = "SELECT " SLUICE_SUMMARY_COLUMNS " FROM events WHERE seq > ?1 AND (?2 = '' OR connector = ?2)";
    if (filter.state) {
        // A literal, and `state <> 3` beside it: only so does SQLite see that the partial index events_unfinished
        // serves.
        sql += fmt::format(" AND state = {}", static_cast<int>(*filter.state));
        if (*filter.state != EventState::done) sql += " AND state <> 3";
    }
    sql += " ORDER BY seq LIMIT ?3";
    return summaries(
        database.query(sql, filter.after_seq, filter.connector, std::clamp(filter.limit, 0, max_listed_events)));
}

Result<std::optional<EventDetail>> show(Database& database, Seq seq) {
    if (auto begun = database.execute("BEGIN"); !begun) return std::unexpected(begun.error());
    auto detail = read_detail(database, seq);
    if (auto ended = database.execute("ROLLBACK"); !ended && detail) return std::unexpected(ended.error());
    return detail;
}

Result<std::vector<std::string>> connectors(Database& database) {
    std::vector<std::string> names;
    auto read = each_row(database.query("SELECT DISTINCT connector FROM counts ORDER BY connector"),
                         [&](const Query& row) { names.push_back(row.bytes(0)); });
    if (!read) return std::unexpected(read.error());
    return names;
}

Result<Counts> counts(Database& database, const std::string& connector) {
    Counts counts;
    auto read =
        each_row(database.query("SELECT state, sum(number) FROM counts WHERE ?1 = '' OR connector = ?1 GROUP BY state",
                                connector),
                 [&](const Query& row) {
                     const auto number = row.integer(1);
                     switch (static_cast<EventState>(row.integer(0))) {
                         case EventState::ready:
                             counts.ready = number;
                             break;
                         case EventState::waiting:
                             counts.waiting = number;
                             break;
                         case EventState::claimed:
                             counts.claimed = number;
                             break;
                         case EventState::done:
                             counts.done = number;
                             break;
                         case EventState::dead:
                             counts.dead = number;
                             break;
                         case EventState::discarded:
                             counts.discarded = number;
                             break;
                     }
                 });
    if (!read) return std::unexpected(read.error());
    return counts;
}

}  // namespace sluice::journal::sqlite
