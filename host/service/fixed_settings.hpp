#pragma once
// Settings that only a restart changes.

#include <string>
#include <vector>

#include "host/config/configuration.hpp"

namespace sluice::host {

/// What a running host cannot change, where the two differ in it: "host.data_dir".
std::vector<std::string> fixed_differences(const Configuration& before, const Configuration& after);

}  // namespace sluice::host
