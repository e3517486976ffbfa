#pragma once
// Tests beside contracts, `*.test.toml`: a document in, a record out or the rules it breaks. Format:
// contracts/README.md.

#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/review/expectation.hpp"
#include "core/toml/problems.hpp"

namespace sluice::review {

struct TestOutcome {
    std::string name;
    int line = 0;  ///< of the test in its file
    std::vector<Difference> differences;
    bool ok() const { return differences.empty(); }
};

/// Reads a file that a test names; `path` is relative to where the test file's own path is.
using ReadFile = std::function<Result<std::string>(const std::filesystem::path& path)>;

/// Runs the tests of one text. `file` is its path. What is wrong with the text, its contract or a file it names is a
/// problem, and nothing is run then; every one at once.
std::expected<std::vector<TestOutcome>, std::vector<toml::Problem>> run_contract_tests(
    std::string_view text, const std::filesystem::path& file, const ReadFile& read);

}  // namespace sluice::review
