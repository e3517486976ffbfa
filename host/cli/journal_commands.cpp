#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>
#include <random>

#include "host/cli/command_line.hpp"
#include "host/cli/crash_workload.hpp"
#include "host/cli/journal_verify.hpp"
#include "host/cli/running_host.hpp"
#include "host/cli/tables.hpp"

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

std::string render_backup(const json::Value& answer) {
    return fmt::format("{}: {} bytes\n", text_of(answer, "file"), text_of(answer, "bytes"));
}

void add_backup(CLI::App& journal, const Choose& choose) {
    const auto file = std::make_shared<std::string>();
    auto* backup = journal.add_subcommand("backup", "Copy the journal as of one moment; the host goes on meanwhile");
    backup->add_option("FILE", *file, "A new file")->required();
    add_host_command(backup, choose, [file](const RunningHost& host) {
        json::Writer body;
        // The host's working folder is another one.
        body.begin_object().key("file").string(std::filesystem::absolute(*file).string()).end_object();
        return host.print("POST", "/v0/journal/backup", body.take(), render_backup, admin_journal_timeout_ms);
    });
}

void add_check(CLI::App& journal, const Choose& choose) {
    auto* check = journal.add_subcommand("check", "Read all of the journal and say whether it is sound");
    add_host_command(check, choose, [](const RunningHost& host) {
        const auto answer = host.ask("POST", "/v0/journal/check", "", admin_journal_timeout_ms);
        if (!answer) return exit_failed;
        const auto root = answer->root();
        const bool sound = root.find("sound") && root.find("sound")->is_true();
        if (host.json()) {
            std::cout << root.raw() << '\n';
        } else if (sound) {
            std::cout << fmt::format("the journal is sound; reading all of it took {} ms\n", text_of(root, "took_ms"));
        } else {
            std::cerr << text_of(root, "problem") << '\n';
        }
        return sound ? exit_done : exit_failed;
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
    auto* journal = app.add_subcommand("journal", "The journal of the running host; verify needs none");
    journal->require_subcommand(1);
    add_backup(*journal, choose);
    add_check(*journal, choose);
    add_verify(*journal, choose);
    add_workload(*journal, choose);
}

}  // namespace sluice::host
