// Durable appends a second with 1, 32 and 1,000 producers, beside a raw write + fdatasync loop on the same disk.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/journal/sqlite/sqlite_journal.hpp"
#include "tests/bench/backlog.hpp"
#include "tests/bench/bench_folder.hpp"

namespace sluice {
namespace {

constexpr std::size_t payload_bytes = 1'000;  // a small order's webhook

/// So many producers, each of which appends its next event when the last one is durable. They have no threads of their
/// own, as the host's webhooks have none: what is measured is the journal.
class Producers {
public:
    Producers(journal::Journal& journal, std::int64_t events) : journal_(journal), left_(events), running_(events) {}

    void run(int producers) {
        for (int i = 0; i < producers; ++i) append_next();
        std::unique_lock lock(mutex_);
        ended_.wait(lock, [&] { return running_ == 0; });
    }
    bool failed() const { return failed_; }

private:
    void append_next() {
        const auto number = left_--;
        if (number <= 0) return;
        journal_.append_async({bench::numbered_event(number, payload_bytes)}, [this](const auto& appended) {
            if (!appended) failed_ = true;
            append_next();
            const std::scoped_lock lock(mutex_);
            if (--running_ == 0) ended_.notify_all();
        });
    }

    journal::Journal& journal_;
    std::atomic<std::int64_t> left_;
    std::int64_t running_;
    std::mutex mutex_;
    std::condition_variable ended_;
    std::atomic<bool> failed_ = false;
};

void journal_append(benchmark::State& state, int producers) {
    const bench::Folder folder;
    auto opened = journal::open_sqlite_journal(folder.path / "journal.db", system_clock());
    if (!opened) return state.SkipWithError(opened.error().message.c_str());
    const std::int64_t events = std::min(200'000, 2'000 * producers);
    for (auto _ : state) {
        Producers all(**opened, events);
        all.run(producers);
        if (all.failed()) state.SkipWithError("an append failed");
    }
    state.SetItemsProcessed(events);
}

void raw_fdatasync(benchmark::State& state) {
    const bench::Folder folder;
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
        benchmark::RegisterBenchmark(name.c_str(),
                                     [producers](benchmark::State& state) { journal_append(state, producers); })
            ->UseRealTime()
            ->Repetitions(3);
        benchmark::RegisterBenchmark((name + "/yardstick").c_str(), raw_fdatasync)->UseRealTime()->Repetitions(3);
    }
    return 0;
}();

}  // namespace
}  // namespace sluice
