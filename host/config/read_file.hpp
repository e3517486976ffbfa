#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.hpp"

namespace sluice::host {

/// A file's bytes. Failure::invalid names the file and says why there are none: "cannot be read (it is a folder)".
Result<std::string> read_file(const std::filesystem::path& file);

}  // namespace sluice::host
