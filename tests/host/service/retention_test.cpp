// What ended long ago goes, a step at a time, by the word of contract and operator.

#include "host/service/retention.hpp"

#include <gmock/gmock.h>

#include "tests/core/journal/temporary_journal.hpp"
#include "tests/host/ingress/ingress_fixture.hpp"

namespace sluice::host {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

/// A wall clock that is set beside a steady one.
class SteppingClock final : public Clock {
public:
    std::int64_t now_ms() const override { return time_.now_ms() + offset_ms_; }
    std::int64_t steady_ms() const override { return time_.steady_ms(); }
    void advance(std::int64_t delta_ms) { time_.advance(delta_ms); }
    void set_by(std::int64_t step_ms) { offset_ms_ += step_ms; }

private:
    ManualClock time_;
    std::int64_t offset_ms_ = 0;
};

class RetentionTest : public testing::Test {
protected:
    RetentionTest() {
        auto connector = make_connector();
        connector.retention["order"] = {.payload_ms = 1 * day_ms, .ids_ms = 3 * day_ms};
        auto set = std::make_shared<RunningSet>();
        set->connectors.emplace("shop", std::make_shared<const Connector>(std::move(connector)));
        current.replace(set);
    }
    /// An event that is done at once.
    journal::Seq ended(const std::string& id, const std::string& flow = "order",
                       const std::string& connector = "shop") {
        auto event = journal::testing::event(id);
        event.flow = flow;
        event.connector = connector;
        const auto seq = journal->append({event}).value().at(0).seq;
        const auto claim = journal->claim({seq}, {}, clock.now_ms()).value().at(0);
        EXPECT_TRUE(journal->finish(claim.lease(), journal::testing::done(), clock.now_ms()));
        return seq;
    }
    /// Steps until a round is over; how many it took.
    int round() {
        for (int steps = 1;; ++steps) {
            if (rounds->step(clock) == RetentionRounds::round_ms) return steps;
        }
    }
    /// The host runs for so long, round by round.
    void run_for(std::int64_t for_ms) {
        for (std::int64_t passed_ms = 0; passed_ms < for_ms; passed_ms += RetentionRounds::round_ms) {
            clock.advance(std::min(RetentionRounds::round_ms, for_ms - passed_ms));
            round();
        }
    }
    void restart() { rounds.emplace(*journal, current); }
    bool is_there(journal::Seq seq) { return journal->show(seq).value().has_value(); }
    bool is_erased(journal::Seq seq) { return journal->show(seq).value()->contents_erased; }

    journal::testing::TemporaryFolder folder;
    SteppingClock clock;
    std::unique_ptr<journal::SqliteJournal> journal =
        std::move(journal::open_sqlite_journal(folder.path() / "journal.db", clock).value());
    CurrentSet current;
    std::optional<RetentionRounds> rounds{std::in_place, *journal, current};
};

TEST_F(RetentionTest, ContentsGoFirstAndTheRestLater) {
    const auto old = ended("old");
    EXPECT_EQ(round(), 1);
    EXPECT_EQ(rounds->status().contents, 0);
    clock.advance(day_ms + 1);
    const auto young = ended("young");
    round();
    EXPECT_TRUE(is_erased(old));
    EXPECT_FALSE(is_erased(young));
    EXPECT_EQ(rounds->status().contents, 1);
    EXPECT_EQ(rounds->status().events, 0);
    EXPECT_EQ(rounds->status().ended_at_ms, clock.now_ms());
    clock.advance(2 * day_ms);
    round();
    round();
    EXPECT_FALSE(is_there(old));
    EXPECT_TRUE(is_erased(young));
}

TEST_F(RetentionTest, ManyGoInStepsWithPausesBetween) {
    for (int i = 0; i < RetentionRounds::step_events + 5; ++i) ended("e" + std::to_string(i));
    clock.advance(2 * day_ms);
    EXPECT_EQ(rounds->step(clock), RetentionRounds::pause_ms);
    EXPECT_EQ(rounds->status().ended_at_ms, 0) << "the round goes on";
    EXPECT_EQ(rounds->step(clock), RetentionRounds::round_ms);
    EXPECT_EQ(rounds->status().contents, RetentionRounds::step_events + 5);
    EXPECT_EQ(round(), 1) << "what lost its contents is not looked at again";
}

TEST_F(RetentionTest, AFlowTheContractHasNoMoreIsKeptAsLongAsTheDefaultSays) {
    const auto gone = ended("gone", "invoice"), known = ended("known");
    round();
    clock.advance(4 * day_ms);
    round();
    round();
    EXPECT_FALSE(is_there(known));
    EXPECT_FALSE(is_erased(gone));
    clock.advance(contract::Retention::default_ms);
    round();
    EXPECT_FALSE(is_there(gone));
}

TEST_F(RetentionTest, NothingOfAConnectorThatDoesNotRunIsErased) {
    const auto elsewhere = ended("elsewhere", "order", "disabled");
    clock.advance(10 * contract::Retention::default_ms);
    round();
    EXPECT_TRUE(is_there(elsewhere));
    EXPECT_FALSE(is_erased(elsewhere));
}

TEST_F(RetentionTest, DeadLettersWaitForAPersonHoweverLong) {
    const auto seq = journal->append({journal::testing::event("a")}).value().at(0).seq;
    const auto claim = journal->claim({seq}, {}, clock.now_ms()).value().at(0);
    ASSERT_TRUE(journal->finish(claim.lease(), journal::testing::dead(true), clock.now_ms()));
    clock.advance(10 * contract::Retention::default_ms);
    round();
    EXPECT_FALSE(is_erased(seq));
}

TEST_F(RetentionTest, AClockThatJumpsAheadErasesNothingUntilItHasStayedSo) {
    const auto seq = ended("a");
    round();
    clock.set_by(400 * day_ms);
    run_for(SettledTime::settle_ms - RetentionRounds::round_ms);
    EXPECT_FALSE(is_erased(seq));
    EXPECT_GT(rounds->status().doubted_ahead_ms, 399 * day_ms);
    // Put right in time: as if nothing had been.
    clock.set_by(-400 * day_ms);
    run_for(RetentionRounds::round_ms);
    EXPECT_FALSE(is_erased(seq));
    EXPECT_EQ(rounds->status().doubted_ahead_ms, 0);
    clock.set_by(400 * day_ms);
    run_for(SettledTime::settle_ms + RetentionRounds::round_ms);
    EXPECT_TRUE(is_erased(seq)) << "a clock nobody puts right is believed in the end";
    EXPECT_EQ(rounds->status().doubted_ahead_ms, 0);
    EXPECT_TRUE(is_there(seq)) << "a repeat may still come";
    run_for(journal::least_ids_ms);
    EXPECT_FALSE(is_there(seq));
}

TEST_F(RetentionTest, WhatCameWhileTheClockWasBehindIsKnownForAsLongAsARepeatMayCome) {
    round();
    clock.set_by(-2'000 * day_ms);  // a battery is empty
    restart();
    round();
    run_for(RetentionRounds::round_ms);
    const auto seq = ended("a");
    run_for(RetentionRounds::round_ms);
    clock.set_by(2'000 * day_ms);  // and the time server answers
    run_for(journal::least_ids_ms - RetentionRounds::round_ms);
    ASSERT_EQ(rounds->status().doubted_ahead_ms, 0) << "it is believed";
    EXPECT_TRUE(is_there(seq)) << "by its own time it ended years ago";
    run_for(2 * journal::least_ids_ms);
    EXPECT_FALSE(is_there(seq));
}

TEST_F(RetentionTest, ABootWithAClockThatIsAheadErasesNothing) {
    const auto seq = ended("a");
    round();
    clock.set_by(400 * day_ms);
    for (int boots = 0; boots < 5; ++boots) {
        restart();
        run_for(3 * RetentionRounds::round_ms);
        ended("meanwhile" + std::to_string(boots));
        EXPECT_FALSE(is_erased(seq)) << "what is journalled with that clock makes it no truer";
    }
}

TEST_F(RetentionTest, AHostThatRunsForHoursADayCatchesUp) {
    const auto seq = ended("a");
    round();
    for (int days = 0; days < 12; ++days) {
        clock.set_by(16 * 3'600'000);  // off over night
        restart();
        round();
        run_for(8 * RetentionRounds::round_ms);
    }
    EXPECT_FALSE(is_there(seq));
}

TEST_F(RetentionTest, AHostThatNeverRunsForAnHourCatchesUpToo) {
    const auto seq = ended("a");
    round();
    for (int runs = 0; runs < 100; ++runs) {
        clock.set_by(2 * 3'600'000);  // off
        restart();
        clock.advance(Retainer::first_ms);
        round();
        clock.advance(20 * 60'000);
        ASSERT_TRUE(rounds->keep_time(clock));
    }
    EXPECT_TRUE(is_erased(seq)) << "after 24 hours of running it is believed";
}

TEST_F(RetentionTest, AHostThatStopsInOrderKeepsTheTime) {
    const telemetry::Logger log(clock, telemetry::Level::error, telemetry::Format::key_value);
    { const Retainer retainer(*journal, current, clock, log); }
    EXPECT_EQ(journal->clock_trust()->trusted_ms, clock.now_ms());
}

TEST_F(RetentionTest, AnHourMoreOrLessChangesNothing) {
    const auto seq = ended("a");
    round();
    clock.set_by(SettledTime::step_ms);
    round();
    EXPECT_EQ(rounds->status().doubted_ahead_ms, 0);
    EXPECT_FALSE(is_erased(seq));
}

}  // namespace
}  // namespace sluice::host
