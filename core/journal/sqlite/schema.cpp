#include "core/journal/sqlite/schema.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "core/journal/fingerprint.hpp"
#include "core/journal/sqlite/contents.hpp"
#include "core/journal/sqlite/rows.hpp"
#include "core/journal/sqlite/tables.hpp"

namespace sluice::journal::sqlite {

namespace {

constexpr std::int64_t page_bytes = 4096;

/// The schema of a journal, 0 for an empty file; an error for anything else. Only reads.
Result<std::int64_t> schema_of(Database& database) {
    const auto id = database.number("PRAGMA application_id");
    if (!id) return std::unexpected(id.error());
    const auto version = database.number("PRAGMA user_version");
    if (!version) return std::unexpected(version.error());
    const auto objects = database.number("SELECT count(*) FROM sqlite_schema");
    if (!objects) return std::unexpected(objects.error());
    if (*id == 0 && *version == 0 && *objects == 0) return 0;
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
    if (*version != schema_version && script_from_schema(*version).empty()) {
        return fail(Failure::invalid, fmt::format("journal {}: schema {} is unknown; this Sluice knows up to {}", file,
                                                  *version, schema_version));
    }
    return *version;
}

Error damaged(Database& database, std::string_view what) {
    return {Failure::invalid, fmt::format("journal {}: the file is damaged ({}); restore it from a backup, or salvage "
                                          "it with `sqlite3 FILE .recover`",
                                          database.file().string(), what)};
}

/// `pragma` is one that answers "ok".
Result<void> check_soundness(Database& database, std::string_view pragma) {
    auto rows = database.query(pragma);
    if (!rows) return std::unexpected(rows.error());
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    const std::string answer = *row ? rows->bytes(0) : "no answer";
    if (answer == "ok") return {};
    if (answer.find("unable to get the page") != std::string::npos) {
        // Not what is on the disk is wrong, but that it cannot be read now.
        return fail(Failure::retry,
                    fmt::format("journal {}: the disk cannot read it ({})", database.file().string(), answer));
    }
    return std::unexpected(damaged(database, answer));
}

/// All tables but what came from outside, which may be as large as the disk: that is checked while the host runs.
Result<void> check_tables(Database& database) {
    std::vector<std::string> tables;
    auto rows = database.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'contents'");
    if (!rows) return std::unexpected(rows.error());
    for (;;) {
        const auto row = rows->next();
        if (!row) return std::unexpected(row.error());
        if (!*row) break;
        tables.push_back(rows->bytes(0));
    }
    for (const auto& table : tables) {
        if (auto sound = check_soundness(database, fmt::format("PRAGMA quick_check('{}')", table)); !sound)
            return sound;
    }
    return {};
}

/// An older Sluice kept no fingerprints of dead letters, or others.
Result<void> find_causes(Database& database) {
    std::vector<std::pair<Seq, std::string>> dead;
    auto read = each_row(database.query("SELECT seq, outcome FROM events WHERE state = 4"),
                         [&](const Query& row) { dead.emplace_back(Seq{row.integer(0)}, row.bytes(1)); });
    if (!read) return read;
    for (const auto& [seq, outcome] : dead) {
        auto kept = database.run("UPDATE events SET fingerprint = ?2 WHERE seq = ?1", seq, fingerprint(outcome));
        if (!kept) return kept;
    }
    return {};
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
    const auto schema = schema_of(database);
    if (!schema) return std::unexpected(schema.error());
    if (*schema != 0) {
        if (auto sound = check_tables(database); !sound) return sound;
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
    if (*schema == schema_version) return {};
    for (const auto& step :
         {std::string("BEGIN IMMEDIATE;"), *schema == 0 ? script_of_a_new_journal() : script_from_schema(*schema)}) {
        if (auto done = database.execute(step); !done) return done;
    }
    if (auto found = find_causes(database); !found) return found;
    return database.execute("COMMIT;");
}

Result<void> check_everything(Database& database, const Sealer& sealer, const std::stop_token& stop) {
    database.stop_on(stop);
    if (auto sound = check_soundness(database, "PRAGMA integrity_check(1)"); !sound) return sound;
    const auto wrong = database.number(
        "SELECT count(*) FROM (SELECT connector, flow, state, count(*) AS number FROM events GROUP BY 1, 2, 3) AS real"
        " FULL JOIN counts USING (connector, flow, state)"
        " WHERE coalesce(real.number, 0) <> coalesce(counts.number, 0)");
    if (!wrong) return std::unexpected(wrong.error());
    if (*wrong != 0) return std::unexpected(damaged(database, "events are not those that were counted"));
    return check_sealed(database, sealer);
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
