// The timetable by example; timetable_property_test.cpp has what holds always.

#include "core/schedule/timetable.hpp"

#include <gmock/gmock.h>

#include "tests/core/schedule/moment_text.hpp"

namespace sluice::schedule::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Quarters of an hour of one morning: at(60) is 10:00.
constexpr std::int64_t nine_ms = 1'746'090'000'000;  // 2025-05-01T09:00:00Z
std::int64_t at(std::int64_t minute) {
    return nine_ms + minute * minute_ms;
}

class TimetableTest : public ::testing::Test {
protected:
    void add(const std::string& name, Misfire misfire = Misfire::once) {
        timetable_.add(name, cron("*/15 * * * *"), at(0), misfire);
    }

    Timetable timetable_;
};

TEST_F(TimetableTest, IsDueAtTheMomentAndNotBefore) {
    add("orders");
    EXPECT_THAT(timetable_.due(at(14)), IsEmpty());
    EXPECT_EQ(timetable_.wake_at(at(14)), at(15));
    EXPECT_THAT(timetable_.due(at(15)), ElementsAre(Due{"orders", at(15), 0}));
}

TEST_F(TimetableTest, TheMomentItWasAddedAtIsHandled) {
    add("orders");
    EXPECT_THAT(timetable_.due(at(0)), IsEmpty());
}

TEST_F(TimetableTest, AnswersTheLongestDueFirst) {
    timetable_.add("a", cron("15 9 * * *"), at(0));
    timetable_.add("b", cron("10 9 * * *"), at(0));
    timetable_.add("c", cron("10 9 * * *"), at(0));
    timetable_.add("d", cron("20 9 * * *"), at(0));
    EXPECT_EQ(timetable_.wake_at(at(0)), at(10));
    EXPECT_THAT(timetable_.due(at(16)), ElementsAre(Due{"b", at(10), 0}, Due{"c", at(10), 0}, Due{"a", at(15), 0}));
    EXPECT_EQ(timetable_.wake_at(at(16)), at(20)) << "what runs needs no waking";
}

// ---- missed moments

TEST_F(TimetableTest, RunsOnceForTheLatestOfThoseMissed) {
    add("orders");
    EXPECT_EQ(timetable_.wake_at(at(50)), at(50)) << "at once";
    EXPECT_THAT(timetable_.due(at(50)), ElementsAre(Due{"orders", at(45), 2}));
    timetable_.finished("orders", at(51));
    EXPECT_THAT(timetable_.due(at(59)), IsEmpty());
    EXPECT_THAT(timetable_.due(at(60)), ElementsAre(Due{"orders", at(60), 0}));
}

TEST_F(TimetableTest, SkipsWhatIsMoreThanAMinuteLate) {
    add("orders", Misfire::skip);
    EXPECT_THAT(timetable_.due(at(31) + 1), IsEmpty());
    EXPECT_EQ(timetable_.wake_at(at(31) + 1), at(45));
    EXPECT_THAT(timetable_.due(at(46)), ElementsAre(Due{"orders", at(45), 2})) << "a minute late, and two were skipped";
}

TEST_F(TimetableTest, SkipsTheOlderOnesWhereTheLatestIsInTime) {
    add("orders", Misfire::skip);
    EXPECT_THAT(timetable_.due(at(45)), ElementsAre(Due{"orders", at(45), 2}));
}

TEST_F(TimetableTest, StopsCountingAtItsLimit) {
    timetable_.add("orders", cron("* * * * *"), at(0));
    EXPECT_THAT(timetable_.due(at(1'001)), ElementsAre(Due{"orders", at(1'001), 1'000}));
    timetable_.finished("orders", at(1'001));
    EXPECT_THAT(timetable_.due(at(1'000'000)), ElementsAre(Due{"orders", at(1'000'000), 1'000}));
    timetable_.finished("orders", at(1'000'000));
    EXPECT_THAT(timetable_.due(at(1'000'001)), ElementsAre(Due{"orders", at(1'000'001), 0}));
}

TEST_F(TimetableTest, MissesNothingThatNeverComes) {
    timetable_.add("never", cron("0 0 30 2 *"), at(0));
    EXPECT_THAT(timetable_.due(at(1'000'000)), IsEmpty());
    EXPECT_EQ(timetable_.wake_at(at(0)), std::nullopt);
}

// ---- no overlap

TEST_F(TimetableTest, PassesOverWhatComesWhileItRuns) {
    add("orders");
    ASSERT_EQ(timetable_.due(at(15)).size(), 1U);
    EXPECT_THAT(timetable_.due(at(31)), IsEmpty()) << "still running";
    EXPECT_EQ(timetable_.wake_at(at(31)), std::nullopt);
    timetable_.finished("orders", at(50));
    EXPECT_THAT(timetable_.due(at(50)), IsEmpty());
    EXPECT_EQ(timetable_.wake_at(at(50)), at(60));
    EXPECT_THAT(timetable_.due(at(60)), ElementsAre(Due{"orders", at(60), 2}));
}

TEST_F(TimetableTest, CountsTheSameWhetherOrNotItWasAskedMeanwhile) {
    add("orders");
    ASSERT_EQ(timetable_.due(at(15)).size(), 1U);
    timetable_.finished("orders", at(31));
    EXPECT_THAT(timetable_.due(at(31)), IsEmpty()) << "09:30 came while it ran";
    EXPECT_THAT(timetable_.due(at(45)), ElementsAre(Due{"orders", at(45), 1}));
}

TEST_F(TimetableTest, ForgivesAnEndOfWhatDoesNotRun) {
    add("orders");
    timetable_.finished("orders", at(50));
    timetable_.finished("nobody", at(50));
    EXPECT_THAT(timetable_.due(at(50)), ElementsAre(Due{"orders", at(45), 2})) << "nothing was passed over";
}

// ---- the clock

TEST_F(TimetableTest, ACronExpressionRepeatsNothingWhereTheClockIsSetBackByTwoHoursOrLess) {
    add("orders");
    ASSERT_THAT(timetable_.due(at(30)), ElementsAre(Due{"orders", at(30), 1}));
    timetable_.finished("orders", at(-90));
    for (std::int64_t minute = -90; minute < 45; ++minute) EXPECT_THAT(timetable_.due(at(minute)), IsEmpty());
    EXPECT_EQ(timetable_.wake_at(at(-90)), at(45));
    EXPECT_THAT(timetable_.due(at(45)), ElementsAre(Due{"orders", at(45), 0}));
}

TEST_F(TimetableTest, ACronExpressionGoesOnFromAClockThatWasFarAhead) {
    add("orders");
    ASSERT_EQ(timetable_.due(at(30)).size(), 1U);
    timetable_.finished("orders", at(30));
    EXPECT_THAT(timetable_.due(at(-300)), IsEmpty());
    EXPECT_EQ(timetable_.wake_at(at(-300)), at(-285));
    EXPECT_THAT(timetable_.due(at(-285)), ElementsAre(Due{"orders", at(-285), 0, true}));
    timetable_.finished("orders", at(-285));
    EXPECT_THAT(timetable_.due(at(30)), ElementsAre(Due{"orders", at(30), 20, true})) << "a second time";
    timetable_.finished("orders", at(30));
    EXPECT_THAT(timetable_.due(at(45)), ElementsAre(Due{"orders", at(45), 0, false}));
}

TEST_F(TimetableTest, AnIntervalGoesOnWhereTheClockIsWhoeverSetsItBack) {
    timetable_.add("poll", every(minute_ms), at(0));
    ASSERT_EQ(timetable_.due(at(60)).size(), 1U);
    timetable_.finished("poll", at(10));
    EXPECT_THAT(timetable_.due(at(10)), IsEmpty());
    const auto again = timetable_.due(at(11));
    ASSERT_EQ(again.size(), 1U) << "or nobody would look for fifty minutes";
    EXPECT_TRUE(again[0].repeated);
}

TEST_F(TimetableTest, AStoredMomentThatLiesInTheFutureIsOfAClockThatWasAhead) {
    timetable_.add("nightly", cron("*/15 * * * *"), at(30 * 24 * 60));
    timetable_.add("sweep", every(minute_ms), at(30 * 24 * 60));
    timetable_.due(at(1));
    EXPECT_LE(*timetable_.wake_at(at(1)), at(2));
    EXPECT_EQ(timetable_.due(at(15)).size(), 2U);
}

TEST_F(TimetableTest, TakesALeapForwardForMissedMoments) {
    add("orders");
    ASSERT_EQ(timetable_.due(at(15)).size(), 1U);
    timetable_.finished("orders", at(16));
    EXPECT_THAT(timetable_.due(at(24 * 60)), ElementsAre(Due{"orders", at(24 * 60), 94}));
}

// ---- adding and removing

TEST_F(TimetableTest, GoesOnAfterARestart) {
    timetable_.add("orders", cron("*/15 * * * *"), at(15));  // its last Due was for 09:15
    EXPECT_THAT(timetable_.due(at(40)), ElementsAre(Due{"orders", at(30), 0}));
}

TEST_F(TimetableTest, ForgetsARemovedJob) {
    add("orders");
    timetable_.remove("orders");
    timetable_.remove("nobody");
    EXPECT_THAT(timetable_.due(at(50)), IsEmpty());
    EXPECT_EQ(timetable_.wake_at(at(50)), std::nullopt);
}

TEST_F(TimetableTest, RemembersTheRunOfARemovedJob) {
    add("orders");
    ASSERT_EQ(timetable_.due(at(15)).size(), 1U);
    timetable_.remove("orders");
    timetable_.add("orders", cron("*/5 * * * *"), at(16));
    EXPECT_THAT(timetable_.due(at(25)), IsEmpty()) << "the run of 09:15 has not ended";
    timetable_.finished("orders", at(26));
    EXPECT_THAT(timetable_.due(at(30)), ElementsAre(Due{"orders", at(30), 2}));
}

TEST_F(TimetableTest, ChangesTheScheduleOfAJobThatRuns) {
    add("orders");
    ASSERT_EQ(timetable_.due(at(30)).size(), 1U);
    timetable_.add("orders", cron("*/10 * * * *"), at(0));
    EXPECT_THAT(timetable_.due(at(40)), IsEmpty()) << "still running";
    timetable_.finished("orders", at(41));
    EXPECT_EQ(timetable_.wake_at(at(41)), at(50)) << "not 09:20, which was before its last";
    EXPECT_THAT(timetable_.due(at(50)), ElementsAre(Due{"orders", at(50), 1}));
}

TEST_F(TimetableTest, AddedAgainItStillOwesWhatNobodyHasAskedForYet) {
    add("orders");
    timetable_.add("orders", cron("*/15 * * * *"), at(16));  // a reload just after 09:15 came
    EXPECT_THAT(timetable_.due(at(16)), ElementsAre(Due{"orders", at(15), 0}));
    timetable_.finished("orders", at(16));
    timetable_.add("orders", cron("*/15 * * * *"), at(0));
    EXPECT_THAT(timetable_.due(at(17)), IsEmpty()) << "once";
}

}  // namespace
}  // namespace sluice::schedule::testing
