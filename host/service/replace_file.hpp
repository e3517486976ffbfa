#pragma once
// Small files of the data directory that are replaced as a whole.

#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace sluice::host {

/// Replaces `folder / name` durably (mode 0600), and makes the folder (0700) where it is missing: whoever reads it has
/// the old text or the new. One thread at a time for one name. Failure::retry names the file.
Result<void> replace_file(const std::filesystem::path& folder, const std::string& name, std::string_view text);

/// Failure::retry: what errno says of it, "cannot WHAT FILE: reason".
std::unexpected<Error> cannot(std::string_view what, const std::filesystem::path& file);

}  // namespace sluice::host
