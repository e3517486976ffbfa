// The file: who may open it, what it must be, what a dead process leaves, what a full disk does.

#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "core/journal/sqlite/tables.hpp"
#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::journal::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class File : public JournalTest {
protected:
    Error refusal() {
        const auto opened = open_sqlite_journal(file(), clock_);
        return opened ? Error{.message = "it was opened"} : opened.error();
    }
    void sql(const std::string& script) {
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open(file().c_str(), &handle), SQLITE_OK);
        ASSERT_EQ(sqlite3_exec(handle, script.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
        sqlite3_close(handle);
    }
    /// Runs `child` in a process of its own, which then dies without any clean-up.
    template <class Function>
    void in_dying_process(Function child) {
        const pid_t id = ::fork();
        ASSERT_GE(id, 0);
        if (id == 0) {
            int status = 1;
            try {
                child();
                status = 0;
            } catch (...) {
            }
            ::_exit(status);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(id, &status, 0), id);
        ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
};

TEST_F(File, IsReadableByItsOwnerOnly) {
    append(event("a"));
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path())) {
        EXPECT_EQ(entry.status().permissions() & std::filesystem::perms::mask,
                  std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)
            << entry.path();
    }
}

TEST_F(File, ACommitIsOnTheDiskWhenItReturns) {
    const auto says = journal_->durability();
    ASSERT_TRUE(says) << says.error().message;
    EXPECT_EQ(says->journal_mode, "wal");
    EXPECT_EQ(says->synchronous, 2) << "FULL: https://sqlite.org/pragma.html#pragma_synchronous";
}

TEST_F(File, ASecondOpenerIsRefusedAndTheFirstGoesOn) {
    const auto error = refusal();
    EXPECT_EQ(error.failure, Failure::invalid);
    EXPECT_THAT(error.message, AllOf(HasSubstr(file().string()), HasSubstr("another host"),
                                     HasSubstr("process " + std::to_string(::getpid()))));
    const auto link = folder_.path() / "link.db";
    std::filesystem::create_symlink(file(), link);
    EXPECT_FALSE(open_sqlite_journal(link, clock_)) << "by another name";
    append(event("a"));
}

TEST_F(File, ADeadProcessLeavesNoLockAndItsClaimIsUnknownAndCounted) {
    const Seq a = append(event("a", "7"));
    const Seq b = append(event("b", "7"));
    journal_.reset();
    in_dying_process([&] {
        reopen();
        claim(a);
    });
    clock_.advance(5'000);
    reopen();
    const auto detail = show(a);
    EXPECT_EQ(detail.event.state, EventState::ready);
    EXPECT_TRUE(detail.event.attempt_unknown);
    EXPECT_EQ(detail.event.counted_failures, 1);
    EXPECT_EQ(detail.event.available_at_ms, clock_.now_ms());
    EXPECT_EQ(detail.attempts.at(0).verdict, "unknown");
    EXPECT_EQ(detail.attempts.at(0).finished_at_ms, 0);
    EXPECT_THAT(to_string(detail.notes.at(0)), HasSubstr("recovered"));
    EXPECT_EQ(state(b), EventState::waiting);
    EXPECT_EQ(claim(a).attempt, 2);
}

TEST_F(File, WhatADeadProcessWasToldIsThere) {
    journal_.reset();
    in_dying_process([&] {
        reopen();
        for (int i = 0; i < 50; ++i) append(event("e" + std::to_string(i)));
    });
    reopen();
    EXPECT_EQ(journal_->counts("shop")->ready, 50);
}

TEST_F(File, ANewerOneIsRefused) {
    append(event("a"));
    journal_.reset();
    const auto stamp = [this](std::int64_t version) { sql("PRAGMA user_version = " + std::to_string(version)); };
    const auto newer = sqlite::schema_version + 1;
    stamp(newer);
    EXPECT_EQ(refusal().failure, Failure::invalid);
    EXPECT_THAT(refusal().message,
                AllOf(HasSubstr(file().string()), HasSubstr("newer Sluice (schema " + std::to_string(newer))));
    stamp(sqlite::schema_version);
    reopen();
    EXPECT_EQ(journal_->counts("shop")->ready, 1);
}

TEST_F(File, AnotherProgramsDatabaseIsRefusedAndLeftAlone) {
    journal_.reset();
    std::filesystem::remove(file());
    sql("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1); PRAGMA user_version = 1");
    std::ifstream before_stream(file(), std::ios::binary);
    const std::string before(std::istreambuf_iterator<char>(before_stream), {});
    EXPECT_THAT(refusal().message, AllOf(HasSubstr(file().string()), HasSubstr("no journal")));
    std::ifstream after_stream(file(), std::ios::binary);
    EXPECT_EQ(before, std::string(std::istreambuf_iterator<char>(after_stream), {}));
}

TEST_F(File, AFileThatIsNoDatabaseIsRefused) {
    journal_.reset();
    std::ofstream(file(), std::ios::trunc) << std::string(5'000, 'x');
    EXPECT_EQ(refusal().failure, Failure::invalid);
    EXPECT_THAT(refusal().message, HasSubstr("not a SQLite file"));
}

TEST_F(File, AnEmptyFileIsANewJournal) {
    journal_.reset();
    std::filesystem::remove(file());
    { std::ofstream touch(file()); }
    reopen();
    append(event("a"));
}

TEST_F(File, ADamagedOneIsRefused) {
    for (int i = 0; i < 200; ++i) append(event("e" + std::to_string(i), std::to_string(i), std::string(500, 'p')));
    journal_.reset();
    std::fstream stream(file(), std::ios::binary | std::ios::in | std::ios::out);
    for (int page = 1; page < 12; ++page) {
        stream.seekp(page * 4'096 + 8);
        stream << std::string(200, '\x5a');
    }
    stream.close();
    EXPECT_EQ(refusal().failure, Failure::invalid);
    EXPECT_THAT(refusal().message, AllOf(HasSubstr(file().string()), HasSubstr("damaged"), HasSubstr("backup")));
}

TEST_F(File, AMissingFolderIsNamed) {
    const auto opened = open_sqlite_journal(folder_.path() / "missing" / "journal.db", clock_);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().failure, Failure::invalid);
    EXPECT_THAT(opened.error().message, AllOf(HasSubstr("missing/journal.db"), HasSubstr("folder must exist")));
}

TEST_F(File, AFullDiskRefusesWithNothingHalfWritten) {
    reopen({.max_bytes = 512 * 1024});
    std::int64_t kept = 0;
    Error error;
    for (int i = 0; i < 1'000; ++i) {
        const auto id = std::to_string(i);
        const auto appended = journal_->append({event(id + "a", "", std::string(2'000, 'p')), event(id + "b")});
        if (!appended) {
            error = appended.error();
            break;
        }
        kept += 2;
    }
    EXPECT_EQ(error.failure, Failure::retry);
    EXPECT_THAT(error.message, AllOf(HasSubstr(file().string()), HasSubstr("no space left")));
    EXPECT_GT(kept, 100);
    EXPECT_EQ(journal_->counts("shop")->ready, kept);
    reopen();
    EXPECT_EQ(journal_->counts("shop")->ready, kept);
    EXPECT_TRUE(journal_->append({event("z", "", std::string(100'000, 'p'))})) << "space again";
}

TEST_F(File, OneAppendThatDoesNotFitTakesNoOtherWithIt) {
    reopen({.max_bytes = 512 * 1024});
    std::vector<Result<void>> outcomes(21);
    // Posted faster than a commit takes, so that they meet in one transaction; right however they meet.
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const auto bytes = i == 10 ? std::size_t{1'000'000} : std::size_t{10};
        journal_->append_async({event("e" + std::to_string(i), "", std::string(bytes, 'p'))},
                               [&outcomes, i](auto appended) {
                                   if (!appended) outcomes[i] = std::unexpected(appended.error());
                               });
    }
    journal_.reset();
    for (std::size_t i = 0; i < outcomes.size(); ++i) EXPECT_EQ(outcomes[i].has_value(), i != 10) << i;
    reopen();
    EXPECT_EQ(journal_->counts("shop")->ready, 20);
}

}  // namespace
}  // namespace sluice::journal::testing
