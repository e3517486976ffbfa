#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <random>

#include "host/cli/crash_workload.hpp"
#include "host/cli/journal_verify.hpp"

namespace sluice::host {
namespace {

constexpr int most_crashes = 100'000;

std::uint64_t random_seed() {
    std::random_device device;
    return (static_cast<std::uint64_t>(device()) << 32U) | device();
}

void add_verify(CLI::App& journal, const std::function<void(std::function<int()>)>& choose) {
    const auto proof = std::make_shared<CrashProof>();
    auto* verify = journal.add_subcommand(
        "verify", "Prove on this disk that a crash loses nothing: kill a process that writes, and look what is there");
    verify->add_option("--crash", proof->crashes, "How often; some hundred take a minute or two")
        ->required()
        ->check(CLI::Range(1, most_crashes));
    verify->add_option("--dir", proof->folder, "A folder on the disk that is meant; here by default")
        ->check(CLI::ExistingDirectory);
    verify->callback([choose, proof] {
        choose([proof] {
            proof->seed = random_seed();
            return verify_by_crashing(*proof, std::cout, std::cerr);
        });
    });
}

/// What `verify` starts and kills; no command for people.
void add_workload(CLI::App& journal, const std::function<void(std::function<int()>)>& choose) {
    struct Options {
        std::filesystem::path file;
        int crash = 1;
    };
    const auto options = std::make_shared<Options>();
    auto* workload = journal.add_subcommand("crash-workload")->group("");
    workload->add_option("--file", options->file)->required();
    workload->add_option("--crash", options->crash)->required();
    workload->callback(
        [choose, options] { choose([options] { return run_crash_workload(options->file, options->crash); }); });
}

}  // namespace

void add_journal_commands(CLI::App& app, const std::function<void(std::function<int()>)>& choose) {
    auto* journal = app.add_subcommand("journal", "What can be done with a journal without a host");
    journal->require_subcommand(1);
    add_verify(*journal, choose);
    add_workload(*journal, choose);
}

}  // namespace sluice::host
