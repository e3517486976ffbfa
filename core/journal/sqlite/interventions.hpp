#pragma once
// What people do to events and flows: replay, discard, edit, pause. Each function is one operation inside a
// transaction.

#include <vector>

#include "core/journal/sqlite/database.hpp"
#include "core/journal/sqlite/sealer.hpp"
#include "core/journal/types.hpp"

namespace sluice::journal::sqlite {

Result<void> replay(Database& database, Seq seq, const std::string& who, std::int64_t now_ms);
Result<void> discard(Database& database, const Sealer& sealer, Seq seq, const std::string& who,
                     const std::string& reason, std::int64_t now_ms);
Result<std::vector<Seq>> replay_all(Database& database, const EventFilter& filter, const std::string& who,
                                    std::int64_t now_ms);
Result<std::vector<Seq>> discard_all(Database& database, const EventFilter& filter, const std::string& who,
                                     const std::string& reason, std::int64_t now_ms);
Result<void> edit(Database& database, const Sealer& sealer, Seq seq, const Edit& edit);

Result<void> pause(Database& database, const Pause& pause);
Result<bool> resume(Database& database, const std::string& connector, const std::string& flow);

}  // namespace sluice::journal::sqlite
