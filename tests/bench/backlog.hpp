#pragma once
// Events that wait.

#include <cstdint>

#include "core/journal/sqlite/sqlite_journal.hpp"

namespace sluice::bench {

/// An event of connector "shop" and a key of its own, numbered.
journal::NewEvent numbered_event(std::int64_t number, std::size_t payload_bytes);
/// As many as are wanted, 1,000 a commit; throws where an append fails.
void fill(journal::Journal& journal, std::int64_t first, std::int64_t count, std::size_t payload_bytes);

}  // namespace sluice::bench
