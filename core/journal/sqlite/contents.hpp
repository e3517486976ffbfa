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
/// True of an error that says no more than that contents cannot be decrypted.
bool is_sealed_shut(const Error& error);
struct Contents {
    std::string payload, headers;
};
/// As they came; nothing where retention erased them. This and the others that read: as Sealer::open fails.
Result<std::optional<Contents>> read_contents(Database& database, const Sealer& sealer, Seq seq);
/// As they are delivered: the payload as last edited, and of an edited one not the payload that came.
Result<Contents> read_delivered(Database& database, const Sealer& sealer, Seq seq);

Result<void> keep_edit(Database& database, const Sealer& sealer, Seq seq, const Edit& edit);
/// In their order.
Result<std::vector<Edit>> read_edits(Database& database, const Sealer& sealer, Seq seq);

/// Opens all that is sealed: Failure::invalid says how much of it cannot be read.
Result<void> check_sealed(Database& database, const Sealer& sealer);

}  // namespace sluice::journal::sqlite
