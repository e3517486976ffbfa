#pragma once
// Payloads, headers and edits: bytes, sealed where there is a key.

#include <optional>
#include <string>
#include <vector>

#include "core/journal/sqlite/database.hpp"
#include "core/journal/sqlite/sealer.hpp"
#include "core/journal/types.hpp"

namespace sluice::journal::sqlite {

Result<void> keep_contents(Database& database, const Sealer& sealer, Seq seq, std::string_view payload,
                           std::string_view headers);
struct Contents {
    std::string payload, headers;
};
/// As they came; nothing where retention erased them.
Result<std::optional<Contents>> read_contents(Database& database, const Sealer& sealer, Seq seq);

Result<void> keep_edit(Database& database, const Sealer& sealer, Seq seq, const Edit& edit);
/// In their order.
Result<std::vector<Edit>> read_edits(Database& database, const Sealer& sealer, Seq seq);

}  // namespace sluice::journal::sqlite
