#pragma once
// The process that `sluice journal verify --crash` kills, and the reading of what it leaves: all that touches a
// journal.

#include <filesystem>

#include "core/base/result.hpp"
#include "host/cli/crash_ledger.hpp"

namespace sluice::host {

/// The lines a workload writes to its standard output: each after the journal said that it is durable.
inline constexpr std::string_view workload_opened = "opened", workload_failed = "failed ";

/// Opens the journal, appends on several threads, claims and finishes on others, and reports each acknowledgement on
/// the standard output, one write each. Ends with its parent, by SIGKILL, or, where the journal refuses something, with
/// status 1 and a line that says what.
int run_crash_workload(const std::filesystem::path& file, int crash);

/// Opens the journal, which recovers it and checks it, and reads all it holds.
Result<Remains> read_remains(const std::filesystem::path& file);

}  // namespace sluice::host
