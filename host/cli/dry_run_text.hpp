#pragma once

#include <string>

#include "core/json/json.hpp"

namespace sluice::host {

/// A dry run's report: what would be called, how it differs from what is there, and how it would end.
std::string render_dry_run(const json::Value& report);

}  // namespace sluice::host
