#pragma once
// The command line of `sluice`. Reference: docs/operating.md.

namespace sluice::host {

/// Exit status: 0 done, 1 it did not work (the reason is on the standard error), 2 wrong use.
inline constexpr int exit_done = 0, exit_failed = 1, exit_wrong_use = 2;

int run_command_line(int argc, const char* const* argv);

}  // namespace sluice::host
