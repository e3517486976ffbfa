// What ended long ago goes, a step at a time, by the word of contract and operator.

#include "host/service/retention.hpp"

#include <gmock/gmock.h>

#include "tests/core/journal/temporary_journal.hpp"
#include "tests/host/ingress/ingress_fixture.hpp"

namespace sluice::host {
namespace {

constexpr std::int64_t day_ms = 86'400'000;

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
            if (rounds.step(clock.now_ms()) == RetentionRounds::round_ms) return steps;
        }
    }
    bool is_there(journal::Seq seq) { return journal->show(seq).value().has_value(); }
    bool is_erased(journal::Seq seq) { return journal->show(seq).value()->contents_erased; }

    journal::testing::TemporaryFolder folder;
    ManualClock clock;
    std::unique_ptr<journal::SqliteJournal> journal =
        std::move(journal::open_sqlite_journal(folder.path() / "journal.db", clock).value());
    CurrentSet current;
    RetentionRounds rounds{*journal, current};
};

TEST_F(RetentionTest, ContentsGoFirstAndTheRestLater) {
    const auto old = ended("old");
    EXPECT_EQ(round(), 1);
    EXPECT_EQ(rounds.status().contents, 0);
    clock.advance(day_ms + 1);
    const auto young = ended("young");
    round();
    EXPECT_TRUE(is_erased(old));
    EXPECT_FALSE(is_erased(young));
    EXPECT_EQ(rounds.status().contents, 1);
    EXPECT_EQ(rounds.status().events, 0);
    EXPECT_EQ(rounds.status().ended_at_ms, clock.now_ms());
    clock.advance(2 * day_ms);
    round();
    EXPECT_FALSE(is_there(old));
    EXPECT_TRUE(is_erased(young));
}

TEST_F(RetentionTest, ManyGoInStepsWithPausesBetween) {
    for (int i = 0; i < RetentionRounds::step_events + 5; ++i) ended("e" + std::to_string(i));
    clock.advance(2 * day_ms);
    EXPECT_EQ(rounds.step(clock.now_ms()), RetentionRounds::pause_ms);
    EXPECT_EQ(rounds.status().ended_at_ms, 0) << "the round goes on";
    EXPECT_EQ(rounds.step(clock.now_ms()), RetentionRounds::round_ms);
    EXPECT_EQ(rounds.status().contents, RetentionRounds::step_events + 5);
    EXPECT_EQ(round(), 1) << "what lost its contents is not looked at again";
}

TEST_F(RetentionTest, AFlowTheContractHasNoMoreIsKeptAsLongAsTheDefaultSays) {
    const auto gone = ended("gone", "invoice"), known = ended("known");
    clock.advance(4 * day_ms);
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

}  // namespace
}  // namespace sluice::host
