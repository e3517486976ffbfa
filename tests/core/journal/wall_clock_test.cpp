// The wall clock is set back while nobody has the file open.

#include "core/journal/sqlite/wall_clock.hpp"

#include <gmock/gmock.h>

#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::journal::testing {
namespace {

constexpr std::int64_t second = 1'000, hour = 3'600 * second;

class WallClock : public JournalTest {
protected:
    std::vector<Seq> ready() {
        std::vector<Seq> seqs;
        const auto events = journal_->ready("shop", "order", clock_.now_ms(), 10);
        for (const auto& event : *events) seqs.push_back(event.seq);
        return seqs;
    }
    /// Nobody has the file open meanwhile.
    void set_clock_by(std::int64_t step_ms) {
        journal_.reset();
        clock_.advance(step_ms);
        reopen();
    }
};

TEST_F(WallClock, WhatWasJournalledBeforeItWasSetBackIsDeliveredAtOnce) {
    clock_.advance(2 * hour);
    const Seq a = append(event("a", "7")), b = append(event("b", "7")), c = append(event("c", "8"));
    claim(c);
    finish(c, again(clock_.now_ms() + 90 * second));
    set_clock_by(-2 * hour + 10 * second);
    EXPECT_THAT(ready(), ::testing::ElementsAre(a));
    EXPECT_EQ(show(c).event.available_at_ms, clock_.now_ms() + 90 * second) << "a back-off stays as long as it was";
    claim(a);
    finish(a, done());
    EXPECT_THAT(ready(), ::testing::ElementsAre(b));
}

TEST_F(WallClock, ItsTimeIsKnownToWithinAStamp) {
    append(event("early"));
    clock_.advance(sqlite::stamp_every_ms - 1);
    const Seq late = append(event("late"));
    set_clock_by(-hour);
    EXPECT_LT(show(late).event.available_at_ms, clock_.now_ms() + sqlite::stamp_every_ms);
}

TEST_F(WallClock, AStepThatWasShiftedForIsNotShiftedForAgain) {
    const Seq a = append(event("a"));
    claim(a);
    finish(a, again(clock_.now_ms() + 90 * second));
    clock_.advance(-hour);
    ASSERT_TRUE(journal_->shift_available(hour, clock_.now_ms()));
    append(event("b"));
    reopen();
    EXPECT_EQ(show(a).event.available_at_ms, clock_.now_ms() + 90 * second);
}

TEST_F(WallClock, AStepThatNobodyShiftedForIsNotForgottenByTheCommitsAfterIt) {
    const Seq a = append(event("a"));
    clock_.advance(-hour);
    append(event("b"));
    clock_.advance(second);
    reopen();
    EXPECT_LE(show(a).event.available_at_ms, clock_.now_ms());
}

TEST_F(WallClock, HowFarItIsTrustedIsKept) {
    EXPECT_EQ(journal_->clock_trust()->trusted_ms, 0);
    ASSERT_TRUE(journal_->keep_clock_trust({.trusted_ms = 5, .doubted_for_ms = 7}));
    reopen();
    EXPECT_EQ(journal_->clock_trust()->trusted_ms, 5);
    EXPECT_EQ(journal_->clock_trust()->doubted_for_ms, 7);
}

TEST_F(WallClock, WhatWasThereWhileHostsRanLongEnoughIsSettled) {
    const Seq a = append(event("a"));
    const auto after_running = [&](std::int64_t ran_ms) {
        EXPECT_TRUE(journal_->keep_clock_trust({.trusted_ms = 1, .ran_ms = ran_ms}));
        reopen();
        EXPECT_EQ(journal_->clock_trust()->ran_ms, ran_ms);
        return journal_->clock_trust()->settled_seq;
    };
    EXPECT_EQ(after_running(second), Seq{0});
    const Seq b = append(event("b"));
    EXPECT_EQ(after_running(least_ids_ms), Seq{0}) << "a second too early";
    EXPECT_EQ(after_running(second + least_ids_ms), a);
    append(event("c"));
    EXPECT_EQ(after_running(2 * least_ids_ms), a);
    EXPECT_EQ(after_running(second + 2 * least_ids_ms), b);
}

TEST_F(WallClock, TimeThatPassesShiftsNothing) {
    const Seq a = append(event("a"));
    claim(a);
    const auto at_ms = clock_.now_ms() + 2 * hour;
    finish(a, again(at_ms));
    set_clock_by(hour);
    EXPECT_EQ(show(a).event.available_at_ms, at_ms);
}

}  // namespace
}  // namespace sluice::journal::testing
