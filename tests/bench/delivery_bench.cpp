// Events a second end to end through a plugin that does nothing, its latency, and what an event costs however many
// wait.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/journal/sqlite/sqlite_journal.hpp"
#include "tests/bench/backlog.hpp"
#include "tests/bench/bench_folder.hpp"
#include "tests/bench/noop_delivery.hpp"

namespace sluice::bench {
namespace {

using Time = std::chrono::steady_clock;

struct Bench {
    Folder folder;
    telemetry::Logger log{system_clock(), telemetry::Level::error, telemetry::Format::key_value};
    std::unique_ptr<journal::SqliteJournal> journal =
        std::move(journal::open_sqlite_journal(folder.path / "journal.db", system_clock()).value());
};

/// Delivers so many with so many waiting behind them.
void deliver(benchmark::State& state, std::int64_t waiting) {
    constexpr std::int64_t measured = 20'000;
    Bench bench;
    fill(*bench.journal, 1, waiting + measured, 100);
    for (auto _ : state) {
        const auto begin = Time::now();
        NoopDelivery delivery(*bench.journal, bench.log);
        delivery.wait_for(measured);
        state.SetIterationTime(std::chrono::duration<double>(Time::now() - begin).count());
    }
    state.SetItemsProcessed(measured);
}

/// One event at a time: from before its append until its end is durable.
void latency(benchmark::State& state) {
    constexpr int measured = 2'000;
    Bench bench;
    NoopDelivery delivery(*bench.journal, bench.log);
    std::vector<double> took_ms;
    for (auto _ : state) {
        const auto all = Time::now();
        for (int i = 1; i <= measured; ++i) {
            const auto begin = Time::now();
            if (!bench.journal->append({numbered_event(i, 1'000)})) return state.SkipWithError("an append failed");
            delivery.notify();
            delivery.wait_for(i);
            took_ms.push_back(std::chrono::duration<double, std::milli>(Time::now() - begin).count());
        }
        state.SetIterationTime(std::chrono::duration<double>(Time::now() - all).count());
    }
    std::ranges::sort(took_ms);
    state.SetItemsProcessed(measured);
    state.counters["p50_ms"] = took_ms[took_ms.size() / 2];
    state.counters["p99_ms"] = took_ms[took_ms.size() * 99 / 100];
}

/// Three of them an event: append, claim, end.
void three_syncs(benchmark::State& state) {
    const Folder folder;
    const int file = ::open((folder.path / "raw").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string page(4'096, 'x');
    std::vector<double> took_ms;
    constexpr int measured = 2'000;
    for (auto _ : state) {
        const auto all = Time::now();
        for (int i = 0; i < measured; ++i) {
            const auto begin = Time::now();
            for (int sync = 0; sync < 3; ++sync) {
                if (::write(file, page.data(), page.size()) < 0 || ::fdatasync(file) != 0)
                    state.SkipWithError("a write failed");
            }
            took_ms.push_back(std::chrono::duration<double, std::milli>(Time::now() - begin).count());
        }
        state.SetIterationTime(std::chrono::duration<double>(Time::now() - all).count());
    }
    ::close(file);
    std::ranges::sort(took_ms);
    state.SetItemsProcessed(measured);
    state.counters["p50_ms"] = took_ms[took_ms.size() / 2];
    state.counters["p99_ms"] = took_ms[took_ms.size() * 99 / 100];
}

const int registered = [] {
    const auto add = [](const std::string& name, auto run) {
        benchmark::RegisterBenchmark(name.c_str(), run)->UseManualTime()->Iterations(1);
    };
    const auto few = [](benchmark::State& state) { deliver(state, 1'000); };
    add("journal_deliver", few);
    add("journal_deliver/yardstick", three_syncs);
    add("journal_latency", latency);
    add("journal_latency/yardstick", three_syncs);
    add("journal_backlog_1M", [](benchmark::State& state) { deliver(state, 1'000'000); });
    add("journal_backlog_1M/yardstick", few);
    add("journal_backlog_10M", [](benchmark::State& state) { deliver(state, 10'000'000); });
    add("journal_backlog_10M/yardstick", few);
    return 0;
}();

}  // namespace
}  // namespace sluice::bench
