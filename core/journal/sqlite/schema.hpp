#pragma once
// What the file looks like, and whether a file is one of ours.

#include <cstdint>
#include <stop_token>

#include "core/journal/sqlite/database.hpp"
#include "core/journal/sqlite/sealer.hpp"
#include "core/journal/sqlite/sqlite_journal.hpp"

namespace sluice::journal::sqlite {

/// Checks that the file is a sound journal of this or an older schema, or empty; nothing is written to a file that is
/// refused. Then sets the connection up (WAL, synchronous=FULL) and makes the tables of an empty file, or brings those
/// of an older schema to this one, in one transaction. `max_bytes` limits the file's growth; 0: no limit.
Result<void> prepare_writer(Database& database, std::int64_t max_bytes);
/// How the connection writes now.
Result<Durability> durability(Database& database);
/// Reads every page, compares indexes with tables and counts with events, and opens what is sealed: Failure::invalid
/// where anything is wrong, Failure::cancelled where `stop` ended it.
Result<void> check_everything(Database& database, const Sealer& sealer, const std::stop_token& stop);
/// Sets up a connection that only reads.
Result<void> prepare_reader(Database& database);

}  // namespace sluice::journal::sqlite
