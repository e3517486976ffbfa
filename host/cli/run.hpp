#pragma once

#include <filesystem>

namespace sluice::host {

/// `sluice run`: prints `listening on http://ADDRESS:PORT` when it takes webhooks; SIGTERM or SIGINT drains it, a
/// second one ends it at once. The only place that touches signals.
int run_host(const std::filesystem::path& file);

}  // namespace sluice::host
