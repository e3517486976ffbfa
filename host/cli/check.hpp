#pragma once

#include <filesystem>

namespace sluice::host {

/// `sluice check`: every problem on the standard error and 1, or a line that says it is fine and 0.
int check_configuration(const std::filesystem::path& file);

}  // namespace sluice::host
