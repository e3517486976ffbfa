#pragma once
// What people and restarts do to events. Like deliveries.hpp: each function runs inside its caller's transaction.

#include "core/journal/sqlite/database.hpp"
#include "core/journal/types.hpp"

namespace sluice::journal::sqlite {

Result<void> replay(Database& database, Seq seq, const std::string& who, std::int64_t now_ms);
Result<void> discard(Database& database, Seq seq, const std::string& who, const std::string& reason,
                     std::int64_t now_ms);

/// Makes every claimed event ready: its process is gone, since the file's lock is ours. The attempt counts and is
/// unknown. Answers how many there were.
Result<std::size_t> recover_claims(Database& database, std::int64_t now_ms);
Result<void> shift_available(Database& database, std::int64_t step_ms, std::int64_t now_ms);

}  // namespace sluice::journal::sqlite
