#include "core/journal/sqlite/wall_clock.hpp"

#include "core/journal/sqlite/leases.hpp"

namespace sluice::journal::sqlite {

Result<void> stamp_wall_clock(Database& database, std::int64_t now_ms) {
    // Never back: that is for those who shift what waits for the time that was.
    return database.run("UPDATE clock SET last_ms = ?1 WHERE last_ms <= ?2", now_ms, now_ms - stamp_every_ms);
}

Result<void> recover_wall_clock(Database& database, std::int64_t now_ms) {
    const auto last_ms = database.number("SELECT last_ms FROM clock");
    if (!last_ms) return std::unexpected(last_ms.error());
    if (*last_ms <= now_ms) return {};
    return shift_available(database, *last_ms - now_ms, now_ms);
}

Result<void> set_wall_clock_back(Database& database, std::int64_t now_ms) {
    return database.run("UPDATE clock SET last_ms = ?1", now_ms);
}

}  // namespace sluice::journal::sqlite
