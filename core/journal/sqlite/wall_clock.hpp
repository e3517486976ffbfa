#pragma once
// What the file knows of the wall clock, which may be set while nobody runs. Each function is one operation inside a
// transaction.

#include <cstdint>

#include "core/journal/sqlite/database.hpp"
#include "core/journal/types.hpp"

namespace sluice::journal::sqlite {

/// The last wall time is written when it is so much older, with a commit that happens anyway: a commit more in a minute
/// writes a page more, and times in the file are later than it by no more than this.
inline constexpr std::int64_t stamp_every_ms = 60'000;

/// Before a commit.
Result<void> stamp_wall_clock(Database& database, std::int64_t now_ms);
/// The file was opened. Where the clock has been set back since its last commit, shifts what waits (shift_available).
Result<void> recover_wall_clock(Database& database, std::int64_t now_ms);
Result<ClockTrust> clock_trust(Database& database);
Result<void> keep_clock_trust(Database& database, const ClockTrust& trust);
/// The clock was set back, and what waits has been shifted.
Result<void> set_wall_clock_back(Database& database, std::int64_t now_ms);

}  // namespace sluice::journal::sqlite
