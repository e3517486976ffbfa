#pragma once
// A journal in a folder of its own that goes with the test, and shorthands to fill it.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "core/journal/sqlite/sqlite_journal.hpp"

namespace sluice::journal::testing {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "sluice-journal-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

inline NewEvent event(std::string id, std::string key = "", std::string payload = "{}") {
    NewEvent event;
    event.connector = "shop";
    event.event_id = std::move(id);
    event.flow = "order";
    event.order = "order";
    event.ordering_key = std::move(key);
    event.topic = "orders/create";
    event.payload = std::move(payload);
    event.headers = "{}";
    return event;
}

inline Finish done(std::string what = "done") {
    Finish finish;
    finish.verdict = "done";
    finish.message = std::move(what);
    return finish;
}

inline Finish again(std::int64_t available_at_ms) {
    Finish finish;
    finish.kind = Finish::Kind::again;
    finish.verdict = "retry";
    finish.message = "later";
    finish.available_at_ms = available_at_ms;
    finish.counts = true;
    return finish;
}

inline Finish dead(bool holds_key) {
    Finish finish;
    finish.kind = Finish::Kind::dead_letter;
    finish.verdict = "rejected";
    finish.message = "no such product";
    finish.holds_key = holds_key;
    return finish;
}

/// Most tests: one journal, opened anew by reopen().
class JournalTest : public ::testing::Test {
protected:
    JournalTest() { reopen(); }

    void reopen(const SqliteOptions& options = {}) {
        journal_.reset();
        auto opened = open_sqlite_journal(file(), clock_, options);
        if (!opened) throw std::runtime_error(opened.error().message);
        journal_ = std::move(*opened);
    }
    std::filesystem::path file() const { return folder_.path() / "journal.db"; }

    Seq append(NewEvent event) {
        const auto appended = journal_->append({std::move(event)});
        if (!appended) throw std::runtime_error(appended.error().message);
        return appended->front().seq;
    }
    Claim claim(Seq seq) {
        const auto claimed =
            journal_->claim({seq}, {.host = "test", .until_ms = clock_.now_ms() + 300'000}, clock_.now_ms());
        if (!claimed) throw std::runtime_error(claimed.error().message);
        if (claimed->empty()) throw std::runtime_error("nothing to claim");
        return claimed->front();
    }
    void finish(Seq seq, const Finish& finish) {
        const Lease lease{.seq = seq, .token = show(seq).event.attempts};
        const auto finished = journal_->finish(lease, finish, clock_.now_ms());
        if (!finished) throw std::runtime_error(finished.error().message);
    }
    EventDetail show(Seq seq) { return journal_->show(seq).value().value(); }
    EventState state(Seq seq) { return show(seq).event.state; }

    TemporaryFolder folder_;
    ManualClock clock_;
    std::unique_ptr<SqliteJournal> journal_;
};

}  // namespace sluice::journal::testing
