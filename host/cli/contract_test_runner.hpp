#pragma once
// `sluice contract test PATH`: the tests beside contracts.

#include <filesystem>
#include <ostream>

namespace sluice::host {

/// Runs one `*.test.toml`, or all below a folder in the order of their names. Every test is a line, "ok" or "FAILED"
/// with what was expected and what came out. The exit status: 1 where a test failed, a file could not be read, or there
/// is none.
int run_contract_tests(const std::filesystem::path& path, std::ostream& out, std::ostream& error);

}  // namespace sluice::host
