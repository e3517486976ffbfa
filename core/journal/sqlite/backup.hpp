#pragma once
// A copy of a journal that is in use.

#include <filesystem>

#include "core/base/result.hpp"

namespace sluice::journal::sqlite {

/// Copies the journal `file` as of one moment to `copy`, which must not exist, with mode 0600; it is on the disk when
/// this returns, under a name that is only given to a whole copy. Writers go on meanwhile (their log is not cut back).
Result<void> backup(const std::filesystem::path& file, const std::filesystem::path& copy);

}  // namespace sluice::journal::sqlite
