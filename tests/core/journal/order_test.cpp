// What ordering keys, claims and ends do.

#include <gmock/gmock.h>

#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::journal::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Order = JournalTest;

TEST_F(Order, EventsOfAKeyBecomeReadyOneAfterTheOther) {
    const Seq a = append(event("a", "7")), b = append(event("b", "7")), c = append(event("c", "7"));
    const Seq other = append(event("d", "8"));
    EXPECT_EQ(state(a), EventState::ready);
    EXPECT_EQ(state(b), EventState::waiting);
    EXPECT_EQ(state(other), EventState::ready);
    claim(a);
    finish(a, done());
    EXPECT_EQ(state(b), EventState::ready);
    EXPECT_EQ(state(c), EventState::waiting);
    EXPECT_EQ(state(append(event("e", "7"))), EventState::waiting);
}

TEST_F(Order, EventsWithoutAKeyNeverWait) {
    const Seq a = append(event("a")), b = append(event("b"));
    claim(a);
    EXPECT_EQ(state(b), EventState::ready);
    claim(b);
    EXPECT_EQ(journal_->counts("shop")->claimed, 2);
}

TEST_F(Order, KeysOfOtherOrdersAndConnectorsAreOtherKeys) {
    auto stock = event("b", "7");
    stock.order = "stock";
    auto other = event("c", "7");
    other.connector = "other";
    append(event("a", "7"));
    EXPECT_EQ(state(append(stock)), EventState::ready);
    EXPECT_EQ(state(append(other)), EventState::ready);
}

TEST_F(Order, AClaimIsExclusive) {
    const Seq a = append(event("a", "7")), b = append(event("b", "7"));
    claim(a);
    EXPECT_TRUE(journal_->claim({a}, {}, 0)->empty());
    EXPECT_TRUE(journal_->claim({b}, {}, 0)->empty()) << "an earlier event of the key is claimed";
    EXPECT_TRUE(journal_->claim({Seq{99}}, {}, 0)->empty());
    EXPECT_TRUE(journal_->ready("shop", "order", clock_.now_ms(), 10)->empty());
}

TEST_F(Order, AnEventThatIsTriedAgainKeepsItsKey) {
    const Seq a = append(event("a", "7")), b = append(event("b", "7"));
    claim(a);
    finish(a, again(clock_.now_ms() + 500));
    EXPECT_EQ(state(b), EventState::waiting);
    EXPECT_TRUE(journal_->ready("shop", "order", clock_.now_ms(), 10)->empty());
    EXPECT_EQ(journal_->next_available("shop", "order", clock_.now_ms()).value(), clock_.now_ms() + 500);
    EXPECT_EQ(journal_->ready("shop", "order", clock_.now_ms() + 500, 10)->front().seq, a);
    EXPECT_FALSE(journal_->next_available("shop", "order", clock_.now_ms() + 500)->has_value());
    const auto second = claim(a);
    EXPECT_EQ(second.attempt, 2);
    EXPECT_EQ(second.event.counted_failures, 1);
    EXPECT_EQ(second.event.outcome, "retry: later");
}

TEST_F(Order, ReadyIsByTheLongestAvailableAndBounded) {
    const Seq a = append(event("a"));
    clock_.advance(10);
    const Seq b = append(event("b"));
    claim(a);
    finish(a, again(clock_.now_ms() + 10));
    const auto both = journal_->ready("shop", "order", clock_.now_ms() + 10, 10).value();
    ASSERT_EQ(both.size(), 2U);
    EXPECT_EQ(both[0].seq, b);
    EXPECT_EQ(both[1].seq, a);
    EXPECT_EQ(journal_->ready("shop", "order", clock_.now_ms() + 10, 1)->size(), 1U);
}

TEST_F(Order, ADeadLetterHoldsItsKeyOrNot) {
    const Seq a = append(event("a", "7")), b = append(event("b", "7"));
    const Seq c = append(event("c", "8")), d = append(event("d", "8"));
    claim(a);
    finish(a, dead(true));
    EXPECT_EQ(state(b), EventState::waiting);
    EXPECT_EQ(state(append(event("e", "7"))), EventState::waiting);
    claim(c);
    finish(c, dead(false));
    EXPECT_EQ(state(d), EventState::ready);
    EXPECT_EQ(journal_->counts("shop")->dead, 2);
}

TEST_F(Order, AReplayedHolderIsFirstAndItsFailuresAreForgotten) {
    const Seq a = append(event("a", "7")), b = append(event("b", "7"));
    claim(a);
    finish(a, again(0));
    claim(a);
    finish(a, dead(true));
    ASSERT_TRUE(journal_->replay(a, "admin", clock_.now_ms()));
    const auto detail = show(a);
    EXPECT_EQ(detail.event.state, EventState::ready);
    EXPECT_EQ(detail.event.counted_failures, 0);
    EXPECT_EQ(detail.attempts.size(), 2U);
    EXPECT_EQ(state(b), EventState::waiting);
    ASSERT_EQ(detail.notes.size(), 1U);
    EXPECT_EQ(to_string(detail.notes.at(0)),
              ("2023-11-14T22:13:20.000Z replayed by admin: it was rejected: no such product"));
}

TEST_F(Order, AReplayedSkippedDeadLetterGoesBehindTheHeadAndBeforeTheRest) {
    const Seq a = append(event("a", "7")), b = append(event("b", "7")), c = append(event("c", "7"));
    claim(a);
    finish(a, dead(false));
    claim(b);
    ASSERT_TRUE(journal_->replay(a, "admin", 0));
    EXPECT_EQ(state(a), EventState::waiting);
    finish(b, done());
    EXPECT_EQ(state(a), EventState::ready);
    EXPECT_EQ(state(c), EventState::waiting);
    claim(a);
    finish(a, done());
    claim(c);
    finish(c, dead(false));
    ASSERT_TRUE(journal_->replay(c, "admin", 0));
    EXPECT_EQ(state(c), EventState::ready) << "nothing of its key is left";
}

TEST_F(Order, WhatWasNeverDeliverableCannotBeReplayed) {
    auto unreadable = event("unreadable:1");
    unreadable.dead_letter_reason = "the body is no JSON";
    const Seq a = append(unreadable);
    const auto replayed = journal_->replay(a, "admin", 0);
    ASSERT_FALSE(replayed) << "without its key and revision it would run beside newer data and undo it";
    EXPECT_EQ(replayed.error().failure, Failure::invalid);
    EXPECT_EQ(replayed.error().message, "event 1 cannot be delivered: the body is no JSON; discard it");
    EXPECT_EQ(state(a), EventState::dead);
    EXPECT_TRUE(journal_->discard(a, "admin", "a test", 0));
}

TEST_F(Order, WhatWaitsIsShiftedWithAClockThatIsSetBack) {
    const Seq due = append(event("a")), later = append(event("b")), behind = append(event("c", "7"));
    const Seq next = append(event("d", "7"));
    claim(later);
    finish(later, again(clock_.now_ms() + 60'000));
    clock_.advance(-3'600'000);
    ASSERT_TRUE(journal_->shift_available(3'600'000, clock_.now_ms()));
    EXPECT_EQ(show(later).event.available_at_ms, clock_.now_ms() + 60'000);
    EXPECT_EQ(journal_->ready("shop", "order", clock_.now_ms(), 10)->size(), 2U) << "a and c, which were due";
    EXPECT_LE(show(due).event.ready_at_ms, clock_.now_ms()) << "from then on a batch waits for others";
    claim(behind);
    finish(behind, done());
    EXPECT_LE(show(next).event.available_at_ms, clock_.now_ms());
    EXPECT_EQ(state(due), EventState::ready);
}

TEST_F(Order, DiscardingFreesTheKeyAndSaysWhoAndWhy) {
    const Seq a = append(event("a", "7")), b = append(event("b", "7"));
    claim(a);
    finish(a, dead(true));
    EXPECT_FALSE(journal_->discard(a, "admin", "", 0));
    ASSERT_TRUE(journal_->discard(a, "admin", "test order", clock_.now_ms()));
    EXPECT_EQ(state(a), EventState::discarded);
    EXPECT_EQ(state(b), EventState::ready);
    EXPECT_THAT(to_string(show(a).notes.at(0)), HasSubstr("discarded by admin: test order"));
    const auto again = journal_->discard(a, "admin", "again", 0);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().failure, Failure::invalid);
    EXPECT_THAT(again.error().message, HasSubstr("no dead letter but discarded"));
    EXPECT_FALSE(journal_->replay(b, "admin", 0));
    EXPECT_FALSE(journal_->replay(Seq{99}, "admin", 0));
}

TEST_F(Order, TheUnknownFlagIsWhatTheEngineSays) {
    const Seq a = append(event("a"));
    claim(a);
    auto unknown = again(0);
    unknown.unknown = true;
    finish(a, unknown);
    EXPECT_TRUE(claim(a).event.attempt_unknown);
    auto buried = dead(true);
    buried.unknown = true;
    finish(a, buried);
    ASSERT_TRUE(journal_->replay(a, "admin", 0));
    EXPECT_TRUE(claim(a).event.attempt_unknown) << "a person's replay must look, too";
    finish(a, done());
    EXPECT_FALSE(show(a).event.attempt_unknown);
}

TEST_F(Order, OnlyAClaimedEventCanBeFinished) {
    const Seq a = append(event("a"));
    const auto finished = journal_->finish({.seq = a, .token = 1}, done(), 0);
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().failure, Failure::invalid);
    EXPECT_THAT(finished.error().message, HasSubstr("lease lost: event 1 is ready"));
}

TEST_F(Order, KeepsTheLastAttemptsOnly) {
    const Seq a = append(event("a"));
    for (int i = 0; i < max_attempts_kept + 5; ++i) {
        claim(a);
        finish(a, again(0));
    }
    const auto detail = show(a);
    EXPECT_EQ(detail.attempts.size(), static_cast<std::size_t>(max_attempts_kept));
    EXPECT_EQ(detail.attempts.front().number, 6);
    EXPECT_EQ(detail.event.attempts, max_attempts_kept + 5);
}

TEST_F(Order, AttemptsAreRecorded) {
    const Seq a = append(event("a"));
    claim(a);
    EXPECT_EQ(show(a).attempts.front().verdict, "");
    clock_.advance(40);
    auto end = dead(true);
    end.message = std::string(max_message_bytes - 1, 'x') + "\xc3\xa9";
    finish(a, end);
    const auto attempt = show(a).attempts.at(0);
    EXPECT_EQ(attempt.verdict, "rejected");
    EXPECT_EQ(attempt.finished_at_ms - attempt.started_at_ms, 40);
    EXPECT_EQ(attempt.message, std::string(max_message_bytes - 1, 'x') + "...") << "cut between characters";
}

}  // namespace
}  // namespace sluice::journal::testing
