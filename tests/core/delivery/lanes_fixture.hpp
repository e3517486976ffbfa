#pragma once
// A dispatcher over a real journal, with handlers that are functions.

#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "core/delivery/lanes.hpp"
#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::delivery::testing {

/// Moved by hand, from any thread.
class SharedClock final : public Clock {
public:
    std::int64_t now_ms() const override { return steady_ms_ + offset_ms_; }
    std::int64_t steady_ms() const override { return steady_ms_; }
    void advance(std::int64_t delta_ms) { steady_ms_ += delta_ms; }
    /// The wall clock alone.
    void set_back(std::int64_t delta_ms) { offset_ms_ -= delta_ms; }

private:
    std::atomic<std::int64_t> steady_ms_ = 1'000'000, offset_ms_ = 1'700'000'000'000;
};

/// Values that threads change and a test waits for.
class Watch {
public:
    template <class Function>
    auto change(Function function) {
        const std::scoped_lock lock(mutex_);
        changed_.notify_all();
        return function();
    }
    /// Waits until `condition` holds; the limit only ends a test that has failed.
    template <class Condition>
    bool wait(Condition condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(120), condition);
    }
    /// The same for what also depends on time: the clock runs on and the dispatcher looks at it.
    template <class Condition, class Nudge>
    bool wait(Condition condition, Nudge nudge) {
        for (int i = 0; i < 60'000; ++i) {
            nudge();
            std::unique_lock lock(mutex_);
            if (changed_.wait_for(lock, std::chrono::milliseconds(2), condition)) return true;
        }
        return false;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
};

struct LanesTest : ::testing::Test {
    using Handle = std::function<Verdict(const journal::Claim&)>;

    class FunctionHandler final : public Handler {
    public:
        FunctionHandler(Handle handle, std::function<void()> cancel)
            : handle_(std::move(handle)), cancel_(std::move(cancel)) {}
        Verdict handle(const journal::Claim& claim) override { return handle_(claim); }
        void cancel() override {
            if (cancel_) cancel_();
        }

    private:
        Handle handle_;
        std::function<void()> cancel_;
    };

    LanesTest() { reopen(); }
    void reopen() {
        journal.reset();
        journal = std::move(journal::open_sqlite_journal(folder.path() / "journal.db", clock).value());
        used_journal = journal.get();
    }

    ConnectorRun connector(std::string name, int lanes, Handle handle, std::function<void()> cancel = {}) {
        ConnectorRun run;
        run.plan = {.name = std::move(name),
                    .lanes = lanes,
                    .odoo = "main",
                    .flows = {{"order", {.retry = policy, .order = "order"}}}};
        run.make_handler = [handle, cancel]() -> Result<std::unique_ptr<Handler>> {
            return std::make_unique<FunctionHandler>(handle, cancel);
        };
        return run;
    }

    void start(std::vector<ConnectorRun> connectors) {
        Dispatcher::Options options;
        options.host = "this host";
        options.probe = [this](const std::string& odoo) { return probe(odoo); };
        options.on_finished = [this](const journal::EventSummary& event, const journal::Finish& finish) {
            watch.change([&] {
                ++ends[finish.kind];
                last_end[event.event_id] = finish;
            });
        };
        options.on_paused = [this](const std::string&, const std::string& reason) {
            watch.change([&] { paused = reason; });
        };
        options.on_outage = [this](const std::string& odoo, bool begun, const std::string&) {
            watch.change([&] { outages.push_back(odoo + (begun ? " begins" : " ends")); });
        };
        options.on_lease_lost = [this](const std::string&, const journal::Lease& lease) {
            watch.change([&] { lost.push_back(lease); });
        };
        options.on_journal_failure = [this](const std::string&, const Error& error) {
            watch.change([&] { journal_failures.push_back(error.message); });
        };
        dispatcher.emplace(*used_journal, clock, std::move(connectors), std::move(options));
        dispatcher->start();
    }

    void append(const std::string& id, const std::string& key = "") {
        ASSERT_TRUE(journal->append({journal::testing::event(id, key)}));
        if (dispatcher) dispatcher->notify("shop");
    }
    bool wait_for(journal::Finish::Kind kind, int number) {
        return watch.wait([&] { return ends[kind] >= number; },
                          [&] {
                              clock.advance(100);
                              dispatcher->notify("shop");
                          });
    }
    journal::EventSummary only_event() { return journal->list({})->at(0); }

    journal::testing::TemporaryFolder folder;
    SharedClock clock;
    std::unique_ptr<journal::SqliteJournal> journal;
    journal::Journal* used_journal = nullptr;
    RetryPolicy policy{.base_ms = 100, .cap_ms = 1'000, .limit = 3, .holds_key = true};
    Watch watch;
    std::map<journal::Finish::Kind, int> ends;
    std::map<std::string, journal::Finish> last_end;
    std::string paused;
    std::vector<std::string> outages;
    const std::int64_t started_ms = clock.steady_ms();
    std::vector<std::string> journal_failures;
    std::vector<journal::Lease> lost;
    std::function<bool(const std::string&)> probe = [](const std::string&) { return true; };
    std::optional<Dispatcher> dispatcher;  ///< goes first: its threads use all of the above
};

}  // namespace sluice::delivery::testing
