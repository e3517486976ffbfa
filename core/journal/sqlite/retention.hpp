#pragma once
// What ended is kept for a while, not for ever.

#include "core/journal/sqlite/database.hpp"
#include "core/journal/types.hpp"

namespace sluice::journal::sqlite {

/// One operation inside a transaction.
Result<Erased> erase(Database& database, const Retention& retention);

}  // namespace sluice::journal::sqlite
