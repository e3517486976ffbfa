#pragma once
// Claims whose holder is gone, or shows that it is not. Each function is one operation inside a transaction.

#include <vector>

#include "core/journal/sqlite/database.hpp"
#include "core/journal/types.hpp"

namespace sluice::journal::sqlite {

Result<std::vector<Lease>> renew(Database& database, const std::vector<Lease>& leases, std::int64_t until_ms);
Result<std::vector<EventSummary>> expire_leases(Database& database, const std::string& own_host, std::int64_t now_ms);
/// Takes back every claim: the file was opened by a new process and belongs to one alone. Answers how many there were.
Result<std::size_t> recover_claims(Database& database, std::int64_t now_ms);
Result<void> shift_available(Database& database, std::int64_t step_ms, std::int64_t now_ms);

}  // namespace sluice::journal::sqlite
