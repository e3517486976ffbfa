// Durable appends a second with 1, 32 and 1,000 producers, beside a raw write + fdatasync loop on the same disk.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "core/base/clock.hpp"
#include "core/journal/sqlite/sqlite_journal.hpp"

namespace sluice {
namespace {

constexpr std::size_t payload_bytes = 4'000;  // an order's webhook

struct Folder {
    std::filesystem::path path;
    Folder() {
        std::string name = (std::filesystem::current_path() / "sluice-bench-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
};

journal::NewEvent event(std::int64_t number) {
    journal::NewEvent event;
    event.connector = "shop";
    event.event_id = std::to_string(number);
    event.flow = event.order = "order";
    event.ordering_key = event.event_id;
    event.payload.assign(payload_bytes, 'x');
    event.headers = "{}";
    return event;
}

void journal_append(benchmark::State& state, int producers) {
    const Folder folder;
    auto opened = journal::open_sqlite_journal(folder.path / "journal.db", system_clock());
    if (!opened) return state.SkipWithError(opened.error().message.c_str());
    journal::Journal& journal = **opened;
    std::atomic<std::int64_t> next = 0;
    std::atomic<bool> failed = false;
    constexpr int appends_a_producer = 8;
    for (auto _ : state) {
        std::vector<std::jthread> threads;
        for (int i = 0; i < producers; ++i) {
            threads.emplace_back([&] {
                for (int append = 0; append < appends_a_producer; ++append) {
                    if (!journal.append({event(next++)})) failed = true;
                }
            });
        }
    }
    if (failed) state.SkipWithError("an append failed");
    state.SetItemsProcessed(next);
}

void raw_fdatasync(benchmark::State& state) {
    const Folder folder;
    const int file = ::open((folder.path / "raw").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    const std::string payload(payload_bytes, 'x');
    for (auto _ : state) {
        if (::write(file, payload.data(), payload.size()) < 0 || ::fdatasync(file) != 0)
            state.SkipWithError("write failed");
    }
    ::close(file);
    state.SetItemsProcessed(state.iterations());
}

const int registered = [] {
    for (const int producers : {1, 32, 1'000}) {
        const std::string name = "journal_append_" + std::to_string(producers);
        benchmark::RegisterBenchmark(name.c_str(), [producers](benchmark::State& state) {
            journal_append(state, producers);
        })->UseRealTime();
        benchmark::RegisterBenchmark((name + "/yardstick").c_str(), raw_fdatasync)->UseRealTime();
    }
    return 0;
}();

}  // namespace
}  // namespace sluice
