// Runs seeds and says what they met; a seed that fails is printed with how to run it again.

#include <fmt/core.h>
#include <malloc.h>
#include <sqlite3.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>

#include "tests/simulation/world.hpp"

namespace {

using sluice::simulation::Fault;
using sluice::simulation::run_seed;
using sluice::simulation::Statistics;

/// A run of so many seeds must have met everything.
constexpr std::int64_t seeds_that_meet_all = 2'000;

double seconds_since(std::chrono::steady_clock::time_point begin) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void print(const Statistics& statistics, double seconds) {
    fmt::print(
        "{} seeds in {:.1f} s ({:.0f} a second): {} steps, {} journal calls, {} events, {} attempts, {} effects, "
        "{} checks, {:.1f} days of virtual time\n",
        statistics.seeds, seconds, static_cast<double>(statistics.seeds) / seconds, statistics.steps,
        statistics.journal_calls, statistics.events, statistics.attempts, statistics.effects, statistics.checks,
        static_cast<double>(statistics.virtual_ms) / 86'400'000);
    for (std::size_t i = 0; i < sluice::simulation::fault_count; ++i) {
        const auto fault = static_cast<Fault>(i);
        fmt::print("{:>9}  {:<22} {}\n", statistics.hits(fault), name_of(fault), meaning_of(fault));
    }
}

/// False where something that can go wrong never did.
bool met_everything(const Statistics& statistics) {
    if (statistics.seeds < seeds_that_meet_all) return true;
    bool all = true;
    for (std::size_t i = 0; i < sluice::simulation::fault_count; ++i) {
        const auto fault = static_cast<Fault>(i);
        if (statistics.hits(fault) > 0) continue;
        fmt::print("never met in {} seeds: {}\n", statistics.seeds, name_of(fault));
        all = false;
    }
    return all;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Deterministic simulation of the journal and the engine (tests/simulation/README.md)"};
    std::int64_t seeds = 2'000, first = 1;
    std::uint64_t seed = 0;
    double minutes = 0;
    bool trace = false, quiet = false;
    app.add_option("--seeds", seeds, "how many seeds to run");
    app.add_option("--first", first, "the first of them");
    app.add_option("--minutes", minutes, "run seeds for so long instead");
    auto* const one = app.add_option("--seed", seed, "run this seed alone");
    app.add_flag("--trace", trace, "print every step (with --seed)");
    app.add_flag("--quiet", quiet, "print failures only");
    CLI11_PARSE(app, argc, argv);

    // One thread, and nobody asks SQLite how much memory it uses.
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    // A seed's files are as large as the last one's: the system need not take their memory back in between.
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    if (*one) {
        first = static_cast<std::int64_t>(seed);
        seeds = 1;
    }
    const auto begin = std::chrono::steady_clock::now();
    Statistics all;
    for (std::int64_t i = 0; minutes > 0 ? seconds_since(begin) < minutes * 60 : i < seeds; ++i) {
        const auto number = static_cast<std::uint64_t>(first + i);
        const auto outcome = run_seed(number, trace && *one);
        all.add(outcome.statistics);
        if (*one) fmt::print("seed {}: trace {:016x}\n", number, outcome.trace_hash);
        if (outcome.violation.empty()) continue;
        fmt::print("seed {} FAILED: {}\n  again: simulate --seed {} --trace\n", number, outcome.violation, number);
        return EXIT_FAILURE;
    }
    if (!quiet) print(all, seconds_since(begin));
    return met_everything(all) ? EXIT_SUCCESS : EXIT_FAILURE;
}
