#include "core/journal/sqlite/schema.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace sluice::journal::sqlite {

namespace {

// Event states are the numbers of journal::EventState: 0 ready, 1 waiting, 2 claimed, 3 done, 4 dead, 5 discarded.
//
// `head` is true of the event that others of its key wait for: there is at most one, which the unique index enforces
// (so there is at most one claim per key, too), and none waits where there is no head. An empty ordering_key orders
// nothing. Contents have a table of their own: a state change rewrites an event's row, and a payload can be large.
constexpr const char* tables = R"sql(
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 5),
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
    attempts INTEGER NOT NULL DEFAULT 0,
    counted_failures INTEGER NOT NULL DEFAULT 0,
    attempt_unknown INTEGER NOT NULL DEFAULT 0,
    holds_key INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT '',
    head INTEGER NOT NULL GENERATED ALWAYS AS
        (ordering_key <> '' AND (state IN (0, 2) OR (state = 4 AND holds_key = 1))) VIRTUAL
) STRICT;
CREATE UNIQUE INDEX events_identity ON events (connector, event_id);
CREATE UNIQUE INDEX events_head ON events (connector, order_name, ordering_key) WHERE head = 1;
CREATE INDEX events_waiting ON events (connector, order_name, ordering_key, seq) WHERE state = 1;
CREATE INDEX events_ready ON events (connector, available_at_ms, seq) WHERE state = 0;
CREATE INDEX events_unfinished ON events (state, seq) WHERE state <> 3;

CREATE TABLE contents (
    seq INTEGER PRIMARY KEY,
    payload BLOB NOT NULL,
    headers BLOB NOT NULL
) STRICT;
CREATE TABLE attempts (
    seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    started_at_ms INTEGER NOT NULL,
    finished_at_ms INTEGER NOT NULL DEFAULT 0,
    verdict TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (seq, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE notes (
    seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (seq, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE state (
    connector TEXT NOT NULL,
    name TEXT NOT NULL,
    value BLOB NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (connector, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE revisions (
    connector TEXT NOT NULL,
    order_name TEXT NOT NULL,
    ordering_key TEXT NOT NULL,
    revision TEXT NOT NULL,
    PRIMARY KEY (connector, order_name, ordering_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE counts (
    connector TEXT NOT NULL,
    state INTEGER NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (connector, state)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER count_appended AFTER INSERT ON events BEGIN
    INSERT INTO counts VALUES (new.connector, new.state, 1) ON CONFLICT DO UPDATE SET number = number + 1;
END;
CREATE TRIGGER count_changed AFTER UPDATE OF state ON events WHEN old.state <> new.state BEGIN
    UPDATE counts SET number = number - 1 WHERE connector = old.connector AND state = old.state;
    INSERT INTO counts VALUES (new.connector, new.state, 1) ON CONFLICT DO UPDATE SET number = number + 1;
END;
)sql";

constexpr std::int64_t page_bytes = 4096;

/// True for a journal, false for an empty file; an error for anything else. Only reads.
Result<bool> is_journal(Database& database) {
    const auto id = database.number("PRAGMA application_id");
    if (!id) return std::unexpected(id.error());
    const auto version = database.number("PRAGMA user_version");
    if (!version) return std::unexpected(version.error());
    const auto objects = database.number("SELECT count(*) FROM sqlite_schema");
    if (!objects) return std::unexpected(objects.error());
    if (*id == 0 && *version == 0 && *objects == 0) return false;
    const std::string file = database.file().string();
    if (*id != application_id) {
        return fail(Failure::invalid, fmt::format("journal {}: this is no journal but another program's SQLite file "
                                                  "(application id {:#x}, not {:#x}); name another file",
                                                  file, *id, application_id));
    }
    if (*version > schema_version) {
        return fail(Failure::invalid,
                    fmt::format("journal {}: written by a newer Sluice (schema {}, this one knows up to {}); run that "
                                "version or a later one",
                                file, *version, schema_version));
    }
    if (*version != schema_version) {
        return fail(Failure::invalid, fmt::format("journal {}: schema {} is unknown; this Sluice knows {}", file,
                                                  *version, schema_version));
    }
    return true;
}

Result<void> check_soundness(Database& database) {
    auto rows = database.query("PRAGMA quick_check(1)");
    if (!rows) return std::unexpected(rows.error());
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    const std::string answer = *row ? rows->bytes(0) : "no answer";
    if (answer == "ok") return {};
    return fail(Failure::invalid,
                fmt::format("journal {}: the file is damaged ({}); restore it from a backup, or salvage it with "
                            "`sqlite3 FILE .recover`",
                            database.file().string(), answer));
}

Result<void> use_wal(Database& database) {
    auto rows = database.query("PRAGMA journal_mode = WAL");
    if (!rows) return std::unexpected(rows.error());
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (*row && rows->bytes(0) == "wal") return {};
    return fail(Failure::invalid, fmt::format("journal {}: this file system cannot share memory between connections "
                                              "(a network file system?); keep the journal on a local disk",
                                              database.file().string()));
}

}  // namespace

Result<void> prepare_writer(Database& database, std::int64_t max_bytes) {
    const auto known = is_journal(database);
    if (!known) return std::unexpected(known.error());
    if (*known) {
        if (auto sound = check_soundness(database); !sound) return sound;
    }
    if (auto wal = use_wal(database); !wal) return wal;
    // FULL: a commit is on the disk when it returns. The log is cut back after a checkpoint that found it larger.
    auto set = database.execute(
        "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; PRAGMA trusted_schema = "
        "OFF;"
        "PRAGMA journal_size_limit = 67108864;");
    if (!set) return set;
    if (max_bytes > 0) {
        set = database.execute(
            fmt::format("PRAGMA max_page_count = {}", std::max<std::int64_t>(1, max_bytes / page_bytes)));
        if (!set) return set;
    }
    if (*known) return {};
    return database.execute(
        fmt::format("BEGIN IMMEDIATE; {} PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT;", tables,
                    application_id, schema_version));
}

Result<Durability> durability(Database& database) {
    const auto synchronous = database.number("PRAGMA synchronous");
    if (!synchronous) return std::unexpected(synchronous.error());
    auto rows = database.query("PRAGMA journal_mode");
    if (!rows) return std::unexpected(rows.error());
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    return Durability{.journal_mode = *row ? rows->bytes(0) : "", .synchronous = *synchronous};
}

Result<void> prepare_reader(Database& database) {
    return database.execute("PRAGMA query_only = ON; PRAGMA cache_size = -8000; PRAGMA trusted_schema = OFF;");
}

}  // namespace sluice::journal::sqlite
