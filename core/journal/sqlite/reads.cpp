#include "core/journal/sqlite/reads.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/journal/sqlite/contents.hpp"
#include "core/journal/sqlite/rows.hpp"

namespace sluice::journal::sqlite {

namespace {

Result<std::optional<EventDetail>> read_detail(Database& database, const Sealer& sealer, Seq seq) {
    auto event = read_summaries(database.query("SELECT " SLUICE_SUMMARY_COLUMNS " FROM events WHERE seq = ?1", seq));
    if (!event) return std::unexpected(event.error());
    if (event->empty()) return std::nullopt;
    EventDetail detail{.event = std::move(event->front())};
    auto contents = read_contents(database, sealer, seq);
    if (!contents && !is_sealed_shut(contents.error())) return std::unexpected(contents.error());
    if (!contents) {
        detail.contents_problem = contents.error().message;
    } else if (*contents) {
        detail.payload = std::move((*contents)->payload);
        detail.headers = std::move((*contents)->headers);
    } else {
        detail.contents_erased = true;
    }
    auto edits = read_edits(database, sealer, seq);
    if (!edits && !is_sealed_shut(edits.error())) return std::unexpected(edits.error());
    if (edits) {
        detail.edits = std::move(*edits);
    } else {
        detail.contents_problem = edits.error().message;
    }
    auto read = each_row(database.query("SELECT number, started_at_ms, finished_at_ms, verdict, message FROM attempts"
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
    read = each_row(
        database.query("SELECT at_ms, attempt, what, who, message FROM notes WHERE seq = ?1 ORDER BY number", seq),
        [&](const Query& row) {
            detail.notes.push_back({.at_ms = row.integer(0),
                                    .attempt = static_cast<int>(row.integer(1)),
                                    .what = row.bytes(2),
                                    .who = row.bytes(3),
                                    .message = row.bytes(4)});
        });
    if (!read) return std::unexpected(read.error());
    return detail;
}

void add(Counts& counts, EventState state, std::int64_t number) {
    switch (state) {
        case EventState::ready:
            counts.ready += number;
            break;
        case EventState::waiting:
            counts.waiting += number;
            break;
        case EventState::claimed:
            counts.claimed += number;
            break;
        case EventState::done:
            counts.done += number;
            break;
        case EventState::dead:
            counts.dead += number;
            break;
        case EventState::discarded:
            counts.discarded += number;
            break;
        case EventState::superseded:
            counts.superseded += number;
            break;
    }
}

}  // namespace

Result<std::vector<EventSummary>> ready(Database& database, const std::string& connector, const std::string& flow,
                                        std::int64_t until_ms, int limit) {
    return read_summaries(
        database.query("SELECT " SLUICE_SUMMARY_COLUMNS
                       " FROM events WHERE connector = ?1 AND flow = ?2 AND state = 0 AND available_at_ms <= ?3"
                       " ORDER BY available_at_ms, seq LIMIT ?4",
                       connector, flow, until_ms, std::max(0, limit)));
}

Result<std::optional<std::int64_t>> next_available(Database& database, const std::string& connector,
                                                   const std::string& flow, std::int64_t after_ms) {
    std::optional<std::int64_t> earliest;
    auto read =
        each_row(database.query("SELECT available_at_ms FROM events WHERE connector = ?1 AND flow = ?2 AND state = 0"
                                " AND available_at_ms > ?3 ORDER BY available_at_ms LIMIT 1",
                                connector, flow, after_ms),
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

Result<StateValue> get_state(Database& database, const Sealer& sealer, const std::string& connector,
                             const std::string& name) {
    StateValue value;
    std::int64_t key_id = 0;
    auto read = each_row(
        database.query("SELECT value, version, sealed FROM state WHERE connector = ?1 AND name = ?2", connector, name),
        [&](const Query& row) {
            value = {.value = row.bytes(0), .version = row.integer(1)};
            key_id = row.integer(2);
        });
    if (!read) return std::unexpected(read.error());
    auto opened = sealer.open(key_id, Place::of_state(connector, name), std::move(value.value));
    if (!opened) return std::unexpected(opened.error());
    value.value = std::move(*opened);
    return value;
}

Result<std::vector<NamedState>> states(Database& database, const Sealer& sealer, const std::string& connector,
                                       const std::string& after, const std::string& up_to, int limit) {
    std::vector<NamedState> found;
    Result<void> opened;
    auto read = each_row(database.query("SELECT name, value, sealed FROM state WHERE connector = ?1 AND name > ?2"
                                        " AND name <= ?3 ORDER BY name LIMIT ?4",
                                        connector, after, up_to, std::max(0, limit)),
                         [&](const Query& row) {
                             auto value =
                                 sealer.open(row.integer(2), Place::of_state(connector, row.bytes(0)), row.bytes(1));
                             if (!value) opened = std::unexpected(value.error());
                             found.push_back({.name = row.bytes(0), .value = std::move(value).value_or("")});
                         });
    if (!read) return std::unexpected(read.error());
    if (!opened) return std::unexpected(opened.error());
    return found;
}

Result<std::optional<EventSummary>> find(Database& database, Seq seq) {
    auto found =
        read_summaries(database.query("SELECT " SLUICE_SUMMARY_COLUMNS " FROM events WHERE seq = ?1", to_int(seq)));
    if (!found) return std::unexpected(found.error());
    return found->empty() ? std::nullopt : std::optional(std::move(found->front()));
}

Result<std::vector<EventSummary>> list(Database& database, const EventFilter& filter) {
    // The state as a literal: only so does SQLite see which partial index serves.
    const std::string state = filter.state ? fmt::format(" AND state = {}", static_cast<int>(*filter.state)) : "";
    const int limit = std::clamp(filter.limit, 0, max_listed_events);
    constexpr std::string_view from = "SELECT " SLUICE_SUMMARY_COLUMNS " FROM events WHERE seq > ?1";
    if (!filter.fingerprint.empty() && !filter.connector.empty() && !filter.flow.empty()) {
        // A cause's dead letters have an index of their own.
        return read_summaries(database.query(
            fmt::format("{} AND connector = ?2 AND flow = ?3 AND fingerprint = ?4{} ORDER BY seq LIMIT ?5", from,
                        state),
            filter.after_seq, filter.connector, filter.flow, filter.fingerprint, limit));
    }
    return read_summaries(database.query(
        fmt::format("{} AND (?2 = '' OR connector = ?2) AND (?3 = '' OR flow = ?3) AND (?4 = '' OR fingerprint = ?4){}"
                    " ORDER BY seq LIMIT ?5",
                    from, state),
        filter.after_seq, filter.connector, filter.flow, filter.fingerprint, limit));
}

Result<std::optional<EventDetail>> show(Database& database, const Sealer& sealer, Seq seq) {
    if (auto begun = database.execute("BEGIN"); !begun) return std::unexpected(begun.error());
    auto detail = read_detail(database, sealer, seq);
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
                 [&](const Query& row) { add(counts, static_cast<EventState>(row.integer(0)), row.integer(1)); });
    if (!read) return std::unexpected(read.error());
    return counts;
}

Result<std::vector<FlowCounts>> flow_counts(Database& database, const std::string& connector) {
    std::vector<FlowCounts> flows;
    auto read =
        each_row(database.query("SELECT flow, state, number FROM counts WHERE connector = ?1 ORDER BY flow", connector),
                 [&](const Query& row) {
                     auto flow = row.bytes(0);
                     if (flows.empty() || flows.back().flow != flow)
                         flows.push_back({.flow = std::move(flow), .counts = {}});
                     add(flows.back().counts, static_cast<EventState>(row.integer(1)), row.integer(2));
                 });
    if (!read) return std::unexpected(read.error());
    return flows;
}

Result<std::vector<DeadLetterGroup>> dead_letter_groups(Database& database, const EventFilter& filter) {
    std::vector<DeadLetterGroup> groups;
    auto read =
        each_row(database.query(
                     "SELECT connector, flow, fingerprint, count(*), sum(holds_key), min(seq), max(seq),"
                     " min(ended_at_ms), max(ended_at_ms) FROM events WHERE state = 4"
                     " AND (?1 = '' OR connector = ?1) AND (?2 = '' OR flow = ?2) AND (?3 = '' OR fingerprint = ?3)"
                     " GROUP BY connector, flow, fingerprint ORDER BY count(*) DESC, min(seq) LIMIT ?4",
                     filter.connector, filter.flow, filter.fingerprint, std::clamp(filter.limit, 0, max_listed_events)),
                 [&](const Query& row) {
                     groups.push_back({.connector = row.bytes(0),
                                       .flow = row.bytes(1),
                                       .fingerprint = row.bytes(2),
                                       .outcome = {},
                                       .count = row.integer(3),
                                       .holding = row.integer(4),
                                       .first = Seq{row.integer(5)},
                                       .last = Seq{row.integer(6)},
                                       .first_at_ms = row.integer(7),
                                       .last_at_ms = row.integer(8)});
                 });
    if (!read) return std::unexpected(read.error());
    for (auto& group : groups) {
        read = each_row(database.query("SELECT outcome FROM events WHERE seq = ?1", group.first),
                        [&](const Query& row) { group.outcome = row.bytes(0); });
        if (!read) return std::unexpected(read.error());
    }
    return groups;
}

Result<std::vector<Pause>> pauses(Database& database) {
    std::vector<Pause> all;
    auto read =
        each_row(database.query("SELECT connector, flow, who, reason, at_ms FROM pauses ORDER BY connector, flow"),
                 [&](const Query& row) {
                     all.push_back({.connector = row.bytes(0),
                                    .flow = row.bytes(1),
                                    .who = row.bytes(2),
                                    .reason = row.bytes(3),
                                    .at_ms = row.integer(4)});
                 });
    if (!read) return std::unexpected(read.error());
    return all;
}

}  // namespace sluice::journal::sqlite
