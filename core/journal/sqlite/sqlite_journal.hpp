#pragma once
// The journal in one SQLite file: WAL, synchronous=FULL, one writer thread that groups commits.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/credentials/secret.hpp"
#include "core/journal/journal.hpp"

namespace sluice::journal {

struct SqliteOptions {
    /// The file (without its write-ahead log) grows no larger; what would need more is Failure::retry. 0: as large as
    /// the disk allows.
    std::int64_t max_bytes = 0;
    /// AES-256 keys: payloads, headers, edits and states are sealed with the first and opened with any. None: kept as
    /// they are.
    std::vector<Secret> keys;
    /// A registered sqlite3_vfs the file is on, for simulations: no lock, and every call commits on its own thread.
    std::string simulated_disk;
};

/// How well commits are shared: operations / commits. A commit is one fsync.
struct WriteStatistics {
    std::int64_t commits = 0;
    std::int64_t operations = 0;
};

/// What the connection that writes says of itself, in SQLite's terms (https://sqlite.org/pragma.html).
struct Durability {
    std::string journal_mode;      ///< "wal"
    std::int64_t synchronous = 0;  ///< 2 is FULL: a commit is on the disk when it returns
};

class SqliteJournal : public Journal {
public:
    /// Since the file was opened. Any thread.
    virtual WriteStatistics statistics() const = 0;
    /// Asks the connection, not the configuration. Any thread, blocking.
    virtual Result<Durability> durability() = 0;
};

/// Opens or makes the file (mode 0600) and takes an exclusive lock on it for this process. Claims that a dead process
/// left become ready again with `attempt_unknown` set and the attempt counted. Where the clock was set back since the
/// last commit, what waits becomes available by so much earlier (Journal::shift_available). Failure::invalid, naming
/// the file, where it is locked by another host, damaged, no journal, or written by a newer Sluice. `clock` outlives
/// the journal.
Result<std::unique_ptr<SqliteJournal>> open_sqlite_journal(const std::filesystem::path& file, const Clock& clock,
                                                           const SqliteOptions& options = {});

}  // namespace sluice::journal
