// Claims as leases: who holds the newest token decides, whoever else was slow.

#include <gmock/gmock.h>

#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::journal::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class Leases : public JournalTest {
protected:
    Claim claim_as(const std::string& host, Seq seq) {
        const LeaseTerms terms{.host = host, .until_ms = clock_.now_ms() + 1'000};
        return journal_->claim({seq}, terms, clock_.now_ms()).value().at(0);
    }
};

TEST_F(Leases, AnExpiredOneIsTakenBackAndItsHoldersEndIsRefused) {
    const Seq a = append(event("a", "7"));
    const auto slow = claim_as("first", a);
    clock_.advance(1'000);
    EXPECT_THAT(journal_->expire_leases("second", clock_.now_ms()).value(), IsEmpty()) << "it holds until its end";
    clock_.advance(1);
    EXPECT_THAT(journal_->expire_leases("first", clock_.now_ms()).value(), IsEmpty()) << "a host knows its own lanes";
    const auto expired = journal_->expire_leases("second", clock_.now_ms()).value();
    ASSERT_EQ(expired.size(), 1U);
    EXPECT_EQ(expired.front().seq, a);
    EXPECT_TRUE(show(a).event.attempt_unknown) << "the next attempt must look";
    EXPECT_EQ(show(a).event.counted_failures, 1);
    EXPECT_EQ(show(a).attempts.at(0).verdict, "unknown");
    EXPECT_THAT(to_string(show(a).notes.at(0)), HasSubstr("lease expired by host"));

    const auto quick = claim_as("second", a);
    EXPECT_GT(quick.attempt, slow.attempt);
    auto late = done("by the slow one");
    late.emitted = {event("a/next")};
    const auto refused = journal_->finish(slow.lease(), late, clock_.now_ms());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, Failure::invalid);
    EXPECT_THAT(refused.error().message, StartsWith(std::string(lease_lost)));
    EXPECT_EQ(journal_->counts("shop")->ready, 0) << "and nothing of it was written";
    EXPECT_TRUE(journal_->finish(quick.lease(), done("by the quick one"), clock_.now_ms()));
    EXPECT_EQ(show(a).event.outcome, "by the quick one");
}

TEST_F(Leases, ARenewedOneIsKeptAndALostOneIsTold) {
    const Seq a = append(event("a", "7")), b = append(event("b", "8"));
    const auto kept = claim_as("first", a);
    const auto lost = claim_as("first", b);
    clock_.advance(900);
    EXPECT_THAT(journal_->renew({kept.lease()}, clock_.now_ms() + 1'000).value(), IsEmpty());
    clock_.advance(200);
    EXPECT_EQ(journal_->expire_leases("second", clock_.now_ms()).value().size(), 1U);
    EXPECT_THAT(journal_->renew({kept.lease(), lost.lease()}, clock_.now_ms() + 1'000).value(),
                ElementsAre(lost.lease()));
    EXPECT_EQ(state(a), EventState::claimed);
    // Taken again by the same host: the old token stays worthless.
    claim_as("first", b);
    EXPECT_THAT(journal_->renew({lost.lease()}, clock_.now_ms() + 1'000).value(), ElementsAre(lost.lease()));
}

TEST_F(Leases, AClockThatIsSetBackDoesNotMakeThemLast) {
    const Seq a = append(event("a", "7"));
    claim_as("first", a);
    const auto step_ms = 3'600'000;
    clock_.advance(-step_ms);
    ASSERT_TRUE(journal_->shift_available(step_ms, clock_.now_ms()));
    clock_.advance(1'001);
    EXPECT_EQ(journal_->expire_leases("second", clock_.now_ms()).value().size(), 1U);
}

TEST_F(Leases, SeveralAreClaimedInOneGoAndThoseGoneAreLeftOut) {
    const Seq a = append(event("a", "7")), b = append(event("b", "7")), c = append(event("c", "8"));
    const auto before = journal_->statistics().commits;
    const auto claims = journal_->claim({a, b, c, Seq{99}}, {.host = "first", .until_ms = 1}, clock_.now_ms()).value();
    ASSERT_EQ(claims.size(), 2U) << "b waits for a";
    EXPECT_EQ(claims[0].event.seq, a);
    EXPECT_EQ(claims[1].event.seq, c);
    EXPECT_EQ(journal_->statistics().commits, before + 1);
}

TEST_F(Leases, EndsThatAreGivenTogetherFailEachByItself) {
    const Seq a = append(event("a", "7")), b = append(event("b", "8"));
    const auto first = claim(a), second = claim(b);
    auto conflicting = done();
    conflicting.state = {{.name = "cursor", .value = "1", .expected_version = 5}};
    const auto finished = journal_->finish_all(
        {{.lease = first.lease(), .finish = conflicting}, {.lease = second.lease(), .finish = done()}},
        clock_.now_ms());
    ASSERT_EQ(finished.size(), 2U);
    ASSERT_FALSE(finished[0]);
    EXPECT_THAT(finished[0].error().message, StartsWith(std::string(state_conflict)));
    EXPECT_TRUE(finished[1]);
    EXPECT_EQ(state(a), EventState::claimed);
    EXPECT_EQ(state(b), EventState::done);
}

}  // namespace
}  // namespace sluice::journal::testing
