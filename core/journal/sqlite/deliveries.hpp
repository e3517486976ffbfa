#pragma once
// The life of an event, from append to its end. Each function is one operation inside a transaction its caller has
// begun: on an error the caller rolls it back.

#include <vector>

#include "core/journal/sqlite/database.hpp"
#include "core/journal/sqlite/sealer.hpp"
#include "core/journal/types.hpp"

namespace sluice::journal::sqlite {

Result<std::vector<Appended>> append(Database& database, const Sealer& sealer, const std::vector<NewEvent>& events,
                                     std::int64_t now_ms);
Result<std::vector<Claim>> claim(Database& database, const Sealer& sealer, const std::vector<Seq>& seqs,
                                 const LeaseTerms& terms, std::int64_t now_ms);
Result<void> finish(Database& database, const Sealer& sealer, const Lease& lease, const Finish& finish,
                    std::int64_t now_ms);

/// The lowest waiting event of the key becomes ready. Called where the key's head has just gone.
Result<void> promote_next(Database& database, std::string_view connector, std::string_view order,
                          std::string_view ordering_key, std::int64_t now_ms);
/// True where an event of the key makes others wait.
Result<bool> has_head(Database& database, std::string_view connector, std::string_view order,
                      std::string_view ordering_key);

}  // namespace sluice::journal::sqlite
