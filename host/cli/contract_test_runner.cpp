#include "host/cli/contract_test_runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "core/review/contract_tests.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/tables.hpp"
#include "host/config/read_file.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t max_value = 2'000;

struct Counts {
    int tests = 0, failed = 0, unreadable = 0;
};

std::vector<std::filesystem::path> files_below(const std::filesystem::path& path) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) return {path};
    std::vector<std::filesystem::path> files;
    std::filesystem::recursive_directory_iterator entries(path, error);
    for (; !error && entries != std::filesystem::recursive_directory_iterator(); entries.increment(error))
        if (entries->path().filename().string().ends_with(".test.toml")) files.push_back(entries->path());
    std::ranges::sort(files);
    return files;
}

void one_file(const std::filesystem::path& file, Counts& counts, std::ostream& out, std::ostream& error) {
    const auto text = read_file(file);
    if (!text) {
        error << text.error().message << '\n';
        ++counts.unreadable;
        return;
    }
    const auto outcomes = review::run_contract_tests(*text, file, read_file);
    if (!outcomes) {
        for (const auto& problem : outcomes.error()) error << problem.to_string() << '\n';
        ++counts.unreadable;
        return;
    }
    out << file.string() << '\n';
    for (const auto& outcome : *outcomes) {
        ++counts.tests;
        if (outcome.ok()) {
            out << fmt::format("  ok      {}\n", outcome.name);
            continue;
        }
        ++counts.failed;
        out << fmt::format("  FAILED  {} (line {})\n", outcome.name, outcome.line);
        for (const auto& difference : outcome.differences)
            out << fmt::format("    {}\n      expected: {}\n      got:      {}\n",
                               difference.path.empty() ? "(the whole)" : difference.path,
                               one_line(difference.expected, max_value), one_line(difference.got, max_value));
    }
}

}  // namespace

int run_contract_tests(const std::filesystem::path& path, std::ostream& out, std::ostream& error) {
    const auto files = files_below(path);
    if (files.empty()) {
        error << path.string() << ": there is no *.test.toml\n";
        return exit_failed;
    }
    Counts counts;
    for (const auto& file : files) one_file(file, counts, out, error);
    out << fmt::format("{} {}, {} failed", counts.tests, counts.tests == 1 ? "test" : "tests", counts.failed);
    if (counts.unreadable > 0)
        out << fmt::format(", {} {} not run", counts.unreadable, counts.unreadable == 1 ? "file" : "files");
    out << '\n';
    return counts.failed + counts.unreadable == 0 && counts.tests > 0 ? exit_done : exit_failed;
}

}  // namespace sluice::host
