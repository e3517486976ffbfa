// A process that is killed around a commit leaves either all of it or nothing.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/crash_point.hpp"
#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::journal::testing {
namespace {

class Crash : public JournalTest {
protected:
    /// Runs `child` with the point armed; true where it was killed there.
    template <class Function>
    bool killed_at(CrashPoint point, Function child) {
        journal_.reset();
        const pid_t id = ::fork();
        if (id == 0) {
            ::setenv("SLUICE_CRASH_AT", (std::string(to_string(point)) + ":1").c_str(), 1);
            ::setenv("SLUICE_CRASH_LOG", (folder_.path() / "crash.log").c_str(), 1);
            arm_crash_points_from_environment();
            try {
                reopen();
                child();
            } catch (...) {
                ::_exit(1);
            }
            ::_exit(0);
        }
        int status = 0;
        ::waitpid(id, &status, 0);
        reopen();
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    }
    std::size_t events() { return journal_->list({})->size(); }
};

TEST_F(Crash, AppendIsThereOnlyAfterItsCommit) {
    EXPECT_TRUE(killed_at(CrashPoint::append_before_commit, [&] { append(event("a")); }));
    EXPECT_EQ(events(), 0U);
    EXPECT_TRUE(killed_at(CrashPoint::append_after_commit, [&] { append(event("a")); }));
    EXPECT_EQ(events(), 1U);
}

TEST_F(Crash, AnAttemptThatWasNotCommittedDidNotBegin) {
    const Seq a = append(event("a", "7"));
    EXPECT_TRUE(killed_at(CrashPoint::claim_before_commit, [&] { claim(a); }));
    EXPECT_EQ(show(a).event.attempts, 0);
    EXPECT_FALSE(show(a).event.attempt_unknown);
    EXPECT_TRUE(killed_at(CrashPoint::claim_after_commit, [&] { claim(a); }));
    EXPECT_EQ(show(a).event.attempts, 1);
    EXPECT_TRUE(show(a).event.attempt_unknown);
}

TEST_F(Crash, AnEndComesWithAllItBringsOrNotAtAll) {
    const Seq a = append(event("a", "7"));
    const Seq b = append(event("b", "7"));
    const auto end = [&] {
        claim(a);
        auto finish_a = done();
        finish_a.emitted = {event("a/next")};
        finish_a.state = {{.name = "cursor", .value = "1", .expected_version = 0}};
        finish(a, finish_a);
    };
    EXPECT_TRUE(killed_at(CrashPoint::finish_before_commit, end));
    EXPECT_EQ(state(a), EventState::ready);
    EXPECT_EQ(state(b), EventState::waiting);
    EXPECT_EQ(events(), 2U);
    EXPECT_EQ(journal_->get_state("shop", "cursor")->version, 0);
    EXPECT_TRUE(killed_at(CrashPoint::finish_after_commit, end));
    EXPECT_EQ(state(a), EventState::done);
    EXPECT_EQ(state(b), EventState::ready);
    EXPECT_EQ(events(), 3U);
    EXPECT_EQ(journal_->get_state("shop", "cursor")->version, 1);
}

}  // namespace
}  // namespace sluice::journal::testing
