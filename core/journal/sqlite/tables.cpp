#include "core/journal/sqlite/tables.hpp"

#include <fmt/core.h>

namespace sluice::journal::sqlite {

namespace {

// Event states are the numbers of journal::EventState: 0 ready, 1 waiting, 2 claimed, 3 done, 4 dead, 5 discarded,
// 6 superseded.
//
// `head` is true of the event that others of its key wait for: there is at most one, which the unique index enforces
// (so there is at most one claim per key, too), and none waits where there is no head. An empty ordering_key orders
// nothing. Contents have a table of their own: a state change rewrites an event's row, and a payload can be large.
//
// A revision is kept as long as the event (`seq`) that applied it.
//
// An event that is done costs two index entries, of its identity and of its end; the others are partial.
constexpr std::string_view events_table = R"sql(
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 6),
    connector TEXT NOT NULL,
    event_id TEXT NOT NULL,
    flow TEXT NOT NULL,
    order_name TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    topic TEXT NOT NULL,
    revision TEXT NOT NULL,
    record TEXT NOT NULL,
    occurred_at_ms INTEGER NOT NULL,
    appended_at_ms INTEGER NOT NULL,
    available_at_ms INTEGER NOT NULL,
    ready_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    counted_failures INTEGER NOT NULL DEFAULT 0,
    attempt_unknown INTEGER NOT NULL DEFAULT 0,
    holds_key INTEGER NOT NULL DEFAULT 0,
    leased_until_ms INTEGER NOT NULL DEFAULT 0,
    leased_by TEXT NOT NULL DEFAULT '',
    fingerprint TEXT NOT NULL DEFAULT '',
    outcome TEXT NOT NULL DEFAULT '',
    coalesces INTEGER NOT NULL DEFAULT 0,
    replayed_at_ms INTEGER NOT NULL DEFAULT 0,
    head INTEGER NOT NULL GENERATED ALWAYS AS
        (ordering_key <> '' AND (state IN (0, 2) OR (state = 4 AND holds_key = 1))) VIRTUAL
) STRICT;
)sql";
constexpr std::string_view event_indexes = R"sql(
CREATE UNIQUE INDEX events_identity ON events (connector, event_id);
CREATE UNIQUE INDEX events_head ON events (connector, order_name, ordering_key) WHERE head = 1;
CREATE INDEX events_waiting ON events (connector, order_name, ordering_key, seq) WHERE state = 1;
CREATE INDEX events_ready ON events (connector, flow, available_at_ms, seq) WHERE state = 0;
CREATE INDEX events_claimed ON events (leased_until_ms) WHERE state = 2;
CREATE INDEX events_dead ON events (connector, order_name, ordering_key, seq) WHERE state = 4;
CREATE INDEX events_dead_in_order ON events (seq) WHERE state = 4;
CREATE INDEX events_dead_by_cause ON events (connector, flow, fingerprint, seq, ended_at_ms, holds_key) WHERE state = 4;
CREATE INDEX events_ended ON events (connector, flow, ended_at_ms, seq) WHERE state IN (3, 5, 6);
)sql";
constexpr std::string_view contents_table = R"sql(
CREATE TABLE contents (
    seq INTEGER PRIMARY KEY,
    sealed INTEGER NOT NULL DEFAULT 0,
    payload BLOB NOT NULL,
    headers BLOB NOT NULL
) STRICT;
)sql";
constexpr std::string_view tables_since_1 = R"sql(
CREATE TABLE attempts (
    seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    started_at_ms INTEGER NOT NULL,
    finished_at_ms INTEGER NOT NULL DEFAULT 0,
    verdict TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (seq, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE state (
    connector TEXT NOT NULL,
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    version INTEGER NOT NULL,
    sealed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (connector, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE revisions (
    connector TEXT NOT NULL,
    order_name TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    revision TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (connector, order_name, ordering_key)
) STRICT, WITHOUT ROWID;
)sql";
constexpr std::string_view tables_since_2 = R"sql(
CREATE TABLE edits (
    seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    reason TEXT NOT NULL,
    sealed INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (seq, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE notes (
    seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    what TEXT NOT NULL,
    who TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (seq, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE pauses (
    connector TEXT NOT NULL,
    flow TEXT NOT NULL,
    who TEXT NOT NULL,
    reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (connector, flow)
) STRICT, WITHOUT ROWID;
)sql";
// The last three: events up to `settled_seq` were there while hosts have run for as long as a repeat may take to come.
constexpr std::string_view clock_table = R"sql(
CREATE TABLE clock (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    last_ms INTEGER NOT NULL,
    trusted_ms INTEGER NOT NULL DEFAULT 0,
    doubted_for_ms INTEGER NOT NULL DEFAULT 0,
    ran_ms INTEGER NOT NULL DEFAULT 0,
    settled_seq INTEGER NOT NULL DEFAULT 0,
    marked_seq INTEGER NOT NULL DEFAULT 0,
    marked_at_ran_ms INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO clock (one, last_ms) VALUES (1, 0);
)sql";
constexpr std::string_view counting = R"sql(
CREATE TABLE counts (
    connector TEXT NOT NULL,
    flow TEXT NOT NULL,
    state INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (connector, flow, state)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER count_appended AFTER INSERT ON events BEGIN
    INSERT INTO counts VALUES (new.connector, new.flow, new.state, 1) ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER count_changed AFTER UPDATE OF state ON events WHEN old.state <> new.state BEGIN
    UPDATE counts SET number = number - 1 WHERE connector = old.connector AND flow = old.flow AND state = old.state;
    INSERT INTO counts VALUES (new.connector, new.flow, new.state, 1) ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER count_erased AFTER DELETE ON events BEGIN
    UPDATE counts SET number = number - 1 WHERE connector = old.connector AND flow = old.flow AND state = old.state;
END;
)sql";

/// Of schema 1. When an event ended was not kept then: its last attempt tells, else its append.
constexpr std::string_view from_schema_1 = R"sql(
ALTER TABLE events RENAME TO events_1;
ALTER TABLE notes RENAME TO notes_1;
DROP TRIGGER count_appended;
DROP TRIGGER count_changed;
DROP TABLE counts;
DROP INDEX events_identity;
DROP INDEX events_head;
DROP INDEX events_waiting;
DROP INDEX events_ready;
DROP INDEX events_unfinished;
)sql";
constexpr std::string_view copy_from_schema_1 = R"sql(
INSERT INTO events (seq, state, connector, event_id, flow, order_name, ordering_key, topic, revision, record,
                    occurred_at_ms, appended_at_ms, available_at_ms, ready_at_ms, ended_at_ms, attempts,
                    counted_failures, attempt_unknown, holds_key, outcome)
    SELECT seq, state, connector, event_id, flow, order_name, ordering_key, topic, revision, record,
           occurred_at_ms, appended_at_ms, available_at_ms, CASE WHEN state = 1 THEN 0 ELSE appended_at_ms END,
           CASE WHEN state IN (3, 4, 5) THEN
               coalesce((SELECT max(finished_at_ms) FROM attempts WHERE attempts.seq = events_1.seq), appended_at_ms)
           ELSE 0 END,
           attempts, counted_failures, attempt_unknown, holds_key, outcome FROM events_1 ORDER BY seq;
UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'events_1') WHERE name = 'events'
    AND EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'events_1');
DROP TABLE events_1;
INSERT INTO notes SELECT seq, number, CAST(round((julianday(substr(note, 1, 23)) - 2440587.5) * 86400000) AS INTEGER), 0,
    'note', '', substr(note, 26) FROM notes_1;
DROP TABLE notes_1;
ALTER TABLE contents ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
)sql";

/// Which of the events applied a revision was not kept then: the newest that is done.
constexpr std::string_view from_schema_2 = R"sql(
ALTER TABLE state ADD COLUMN sealed INTEGER NOT NULL DEFAULT 0;
UPDATE clock SET last_ms = (SELECT coalesce(max(max(appended_at_ms, ended_at_ms)), 0) FROM events);
UPDATE clock SET trusted_ms = last_ms;
ALTER TABLE revisions ADD COLUMN seq INTEGER NOT NULL DEFAULT 0;
UPDATE revisions SET seq = last.seq FROM
    (SELECT connector, order_name, ordering_key, max(seq) AS seq FROM events WHERE state = 3 GROUP BY 1, 2, 3) AS last
    WHERE (revisions.connector, revisions.order_name, revisions.ordering_key) =
          (last.connector, last.order_name, last.ordering_key);
)sql";

/// Whether a waiting event coalesces was not kept: those that are under way then wait as they would have.
constexpr std::string_view columns_since_4 = R"sql(
ALTER TABLE events ADD COLUMN coalesces INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN replayed_at_ms INTEGER NOT NULL DEFAULT 0;
)sql";
constexpr std::string_view from_schema_3 = R"sql(
ALTER TABLE clock ADD COLUMN ran_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clock ADD COLUMN settled_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clock ADD COLUMN marked_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE clock ADD COLUMN marked_at_ran_ms INTEGER NOT NULL DEFAULT 0;
)sql";

constexpr std::string_view count_all = R"sql(
INSERT INTO counts SELECT connector, flow, state, count(*) FROM events GROUP BY connector, flow, state;
)sql";

std::string stamp() {
    return fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", application_id, schema_version);
}

}  // namespace

std::string script_of_a_new_journal() {
    return fmt::format("{}{}{}{}{}{}{}{}", events_table, event_indexes, contents_table, tables_since_1, tables_since_2,
                       clock_table, counting, stamp());
}

std::string script_from_schema(std::int64_t version) {
    switch (version) {
        case 1:
            return fmt::format("{}{}{}{}{}{}{}{}{}{}", from_schema_1, events_table, event_indexes, tables_since_2,
                               copy_from_schema_1, counting, count_all, clock_table, from_schema_2, stamp());
        case 2:
            return fmt::format("{}{}{}{}", columns_since_4, clock_table, from_schema_2, stamp());
        case 3:
            return fmt::format("{}{}{}", columns_since_4, from_schema_3, stamp());
        default:
            return "";
    }
}

}  // namespace sluice::journal::sqlite
