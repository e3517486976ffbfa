// The rule for clocks that change, as core/schedule/cron.hpp writes it down.

#include <gmock/gmock.h>

#include "tests/core/schedule/moment_text.hpp"

namespace sluice::schedule::testing {
namespace {

using ::testing::ElementsAreArray;
using ::testing::IsEmpty;

// ---- a named time that the clocks jump over: once, at the first moment after the jump

TEST(CronInSpring, RunsAfterTheJumpInBrussels) {  // 2025-03-30, 02:00 becomes 03:00
    EXPECT_THAT(
        due_between(cron("30 2 * * *", "Europe/Brussels"), "2025-03-29T00:00:00+01:00", "2025-04-01T00:00:00+02:00"),
        ElementsAreArray(
            all_utc({"2025-03-29T02:30:00+01:00", "2025-03-30T03:00:00+02:00", "2025-03-31T02:30:00+02:00"})));
}

TEST(CronInSpring, RunsAfterTheJumpInNewYork) {  // 2025-03-09, 02:00 becomes 03:00
    EXPECT_THAT(
        due_between(cron("5 2 * * *", "America/New_York"), "2025-03-08T12:00:00-05:00", "2025-03-10T12:00:00-04:00"),
        ElementsAreArray(all_utc({"2025-03-09T03:00:00-04:00", "2025-03-10T02:05:00-04:00"})));
}

TEST(CronInSpring, RunsAfterTheJumpOfHalfAnHourOnLordHowe) {  // 2025-10-05, 02:00 becomes 02:30
    const Cron within = cron("15 2 * * *", "Australia/Lord_Howe");
    EXPECT_THAT(due_between(within, "2025-10-04T12:00:00+10:30", "2025-10-06T12:00:00+11:00"),
                ElementsAreArray(all_utc({"2025-10-05T02:30:00+11:00", "2025-10-06T02:15:00+11:00"})));
    const Cron beyond = cron("45 2 * * *", "Australia/Lord_Howe");
    EXPECT_THAT(due_between(beyond, "2025-10-04T12:00:00+10:30", "2025-10-05T12:00:00+11:00"),
                ElementsAreArray(all_utc({"2025-10-05T02:45:00+11:00"})));
}

TEST(CronInSpring, RunsOnceForAllThatWasJumpedOver) {
    EXPECT_THAT(due_between(cron("0,20,40 2,3 * * *", "Europe/Brussels"), "2025-03-30T00:00:00+01:00",
                            "2025-03-31T00:00:00+02:00"),
                ElementsAreArray(
                    all_utc({"2025-03-30T03:00:00+02:00", "2025-03-30T03:20:00+02:00", "2025-03-30T03:40:00+02:00"})));
}

TEST(CronInSpring, TakesTheDayOfTheTimeThatWasJumpedOver) {
    // Beirut jumps over midnight: the Sunday begins at 01:00.
    EXPECT_THAT(
        due_between(cron("0 0 * * SUN", "Asia/Beirut"), "2025-03-29T00:00:00+02:00", "2025-03-31T00:00:00+03:00"),
        ElementsAreArray(all_utc({"2025-03-30T01:00:00+03:00"})));
    // Samoa had no 30 December 2011.
    EXPECT_THAT(
        due_between(cron("0 12 30 * *", "Pacific/Apia"), "2011-12-01T00:00:00-10:00", "2012-01-30T00:00:00+14:00"),
        ElementsAreArray(all_utc({"2011-12-31T00:00:00+14:00"})));
}

// ---- a named time that the clocks show twice: at the first

TEST(CronInAutumn, RunsAtTheFirstOfTwoInBrussels) {  // 2025-10-26, 03:00 becomes 02:00
    EXPECT_THAT(
        due_between(cron("30 2 * * *", "Europe/Brussels"), "2025-10-26T00:00:00+02:00", "2025-10-28T00:00:00+01:00"),
        ElementsAreArray(all_utc({"2025-10-26T02:30:00+02:00", "2025-10-27T02:30:00+01:00"})));
}

TEST(CronInAutumn, DoesNotRunInTheSecondHour) {
    const Cron both = cron("0,30 2,3 * * *", "Europe/Brussels");
    EXPECT_EQ(text_of(both.next_after(moment("2025-10-26T02:10:00+01:00"))), utc("2025-10-26T03:00:00+01:00"));
    EXPECT_THAT(due_between(both, "2025-10-26T00:00:00+02:00", "2025-10-27T00:00:00+01:00"),
                ElementsAreArray(all_utc({"2025-10-26T02:00:00+02:00", "2025-10-26T02:30:00+02:00",
                                          "2025-10-26T03:00:00+01:00", "2025-10-26T03:30:00+01:00"})));
}

TEST(CronInAutumn, RunsAtTheFirstOfTwoInNewYorkAndOnLordHowe) {
    EXPECT_THAT(
        due_between(cron("0 1 * * *", "America/New_York"), "2025-11-02T00:00:00-04:00", "2025-11-03T00:00:00-05:00"),
        ElementsAreArray(all_utc({"2025-11-02T01:00:00-04:00"})));
    // 2025-04-06, 02:00 becomes 01:30
    EXPECT_THAT(due_between(cron("0,40 1-2 * * *", "Australia/Lord_Howe"), "2025-04-06T00:00:00+11:00",
                            "2025-04-07T00:00:00+10:30"),
                ElementsAreArray(all_utc({"2025-04-06T01:00:00+11:00", "2025-04-06T01:40:00+11:00",
                                          "2025-04-06T02:00:00+10:30", "2025-04-06T02:40:00+10:30"})));
}

// ---- a wildcard: whenever the clocks show it

TEST(CronWithAWildcard, RunsInEveryRealQuarterOfAnHour) {
    constexpr std::int64_t quarter_ms = 15 * minute_ms;
    for (const char* zone : {"UTC", "Europe/Brussels", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"}) {
        const Cron quarters = cron("*/15 * * * *", zone);
        std::int64_t at_ms = moment("2025-01-01T00:00:00Z");
        for (const std::int64_t end_ms = moment("2026-01-01T00:00:00Z"); at_ms < end_ms; at_ms += quarter_ms) {
            ASSERT_EQ(quarters.next_after(at_ms), at_ms + quarter_ms) << zone << " after " << text_of(at_ms);
        }
    }
}

TEST(CronWithAWildcard, RunsInBothHoursOfADoubledOne) {
    EXPECT_THAT(
        due_between(cron("@hourly", "Europe/Brussels"), "2025-10-26T01:00:00+02:00", "2025-10-26T04:00:00+01:00"),
        ElementsAreArray(
            all_utc({"2025-10-26T02:00:00+02:00", "2025-10-26T02:00:00+01:00", "2025-10-26T03:00:00+01:00"})));
    EXPECT_THAT(
        due_between(cron("*/30 2 * * *", "Europe/Brussels"), "2025-10-26T00:00:00+02:00", "2025-10-27T00:00:00+01:00"),
        ElementsAreArray(all_utc({"2025-10-26T02:00:00+02:00", "2025-10-26T02:30:00+02:00", "2025-10-26T02:00:00+01:00",
                                  "2025-10-26T02:30:00+01:00"})));
    EXPECT_THAT(due_between(cron("*/30 1 * * *", "Australia/Lord_Howe"), "2025-04-06T00:00:00+11:00",
                            "2025-04-07T00:00:00+10:30"),
                ElementsAreArray(
                    all_utc({"2025-04-06T01:00:00+11:00", "2025-04-06T01:30:00+11:00", "2025-04-06T01:30:00+10:30"})));
}

TEST(CronWithAWildcard, IsNotDueWhereTheClocksJump) {
    EXPECT_THAT(
        due_between(cron("*/30 2 * * *", "Europe/Brussels"), "2025-03-30T00:00:00+01:00", "2025-03-31T00:00:00+02:00"),
        IsEmpty());
    EXPECT_THAT(
        due_between(cron("0 */2 * * *", "America/New_York"), "2025-03-09T00:00:00-05:00", "2025-03-09T05:00:00-04:00"),
        ElementsAreArray(all_utc({"2025-03-09T04:00:00-04:00"})));
    EXPECT_THAT(due_between(cron("*/20 2 * * *", "Australia/Lord_Howe"), "2025-10-05T00:00:00+10:30",
                            "2025-10-06T00:00:00+11:00"),
                ElementsAreArray(all_utc({"2025-10-05T02:40:00+11:00"})));
}

// ---- over a year

TEST(CronOverAYear, RunsADailyJobOnceADay) {
    for (const char* zone : {"UTC", "Europe/Brussels", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"}) {
        for (const char* time : {"0 0", "30 1", "15 2", "30 2", "0 3"}) {
            const Cron daily = cron(std::string(time) + " * * *", zone);
            EXPECT_EQ(due_between(daily, "2025-01-01T12:00:00Z", "2026-01-01T12:00:00Z").size(), 365U) << time << zone;
        }
    }
}

TEST(CronOverAYear, NeedsNoDaylightSavingInKolkata) {
    const Cron daily = cron("30 2 * * *", "Asia/Kolkata");
    for (std::int64_t at_ms = moment("2025-01-01T02:30:00+05:30"); at_ms < moment("2026-01-01T00:00:00Z");
         at_ms += day_ms) {
        ASSERT_EQ(daily.next_after(at_ms), at_ms + day_ms);
    }
}

}  // namespace
}  // namespace sluice::schedule::testing
