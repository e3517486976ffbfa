// Cron expressions away from changes of the clocks.

#include "core/schedule/cron.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "tests/core/schedule/moment_text.hpp"

namespace sluice::schedule::testing {
namespace {

using ::testing::ElementsAre;

std::string next(std::string_view expression, std::string_view after, std::string_view zone = "UTC") {
    return text_of(cron(expression, zone).next_after(moment(after)));
}

TEST(Cron, IsDueStrictlyAfter) {
    EXPECT_EQ(next("*/15 * * * *", "2025-05-01T10:14:59.999Z"), "2025-05-01T10:15:00.000Z");
    EXPECT_EQ(next("*/15 * * * *", "2025-05-01T10:15:00Z"), "2025-05-01T10:30:00.000Z");
    EXPECT_EQ(next("15 10 * * *", "2025-05-01T10:14:59.999Z"), "2025-05-01T10:15:00.000Z");
    EXPECT_EQ(next("15 10 * * *", "2025-05-01T10:15:00Z"), "2025-05-02T10:15:00.000Z");
    EXPECT_EQ(next("15 10 * * *", "1969-12-31T10:15:00.001Z"), "1970-01-01T10:15:00.000Z");
}

TEST(Cron, FollowsTheZonesClocks) {
    EXPECT_EQ(next("0 9 * * *", "2025-01-15T00:00:00Z", "Europe/Brussels"), utc("2025-01-15T09:00:00+01:00"));
    EXPECT_EQ(next("0 9 * * *", "2025-07-15T00:00:00Z", "Europe/Brussels"), utc("2025-07-15T09:00:00+02:00"));
    EXPECT_EQ(next("0 9 * * *", "2025-07-15T00:00:00Z", "America/New_York"), utc("2025-07-15T09:00:00-04:00"));
    EXPECT_EQ(next("0 9 * * *", "2025-07-15T00:00:00Z", "Asia/Kolkata"), utc("2025-07-15T09:00:00+05:30"));
    EXPECT_EQ(next("0 * * * *", "2025-07-15T00:00:00Z", "Asia/Kolkata"), utc("2025-07-15T06:00:00+05:30"));
    // The day of the week is the zone's: Sunday evening in London is Monday in Kolkata.
    EXPECT_EQ(next("0 1 * * MON", "2025-07-13T12:00:00Z", "Asia/Kolkata"), "2025-07-13T19:30:00.000Z");
}

TEST(Cron, GoesOverTheEndsOfMonthsAndYears) {
    EXPECT_EQ(next("0 0 31 * *", "2025-03-31T00:00:00Z"), "2025-05-31T00:00:00.000Z");
    EXPECT_EQ(next("59 23 31 12 *", "2025-12-31T23:59:00Z"), "2026-12-31T23:59:00.000Z");
    EXPECT_EQ(next("@yearly", "2025-12-31T23:59:59Z"), "2026-01-01T00:00:00.000Z");
    EXPECT_EQ(next("0 0 29 2 *", "2096-03-01T00:00:00Z"), "2104-02-29T00:00:00.000Z") << "2100 is no leap year";
}

TEST(Cron, TakesEitherDayWhereBothAreRestricted) {
    EXPECT_THAT(due_between(cron("0 0 13 * FRI"), "2025-06-01T00:00:00Z", "2025-06-21T00:00:00Z"),
                ElementsAre("2025-06-06T00:00:00.000Z", "2025-06-13T00:00:00.000Z", "2025-06-20T00:00:00.000Z"));
    EXPECT_EQ(next("0 0 30 2 MON", "2025-01-31T00:00:00Z"), "2025-02-03T00:00:00.000Z");
    EXPECT_EQ(next("0 0 13 * *", "2025-06-01T00:00:00Z"), "2025-06-13T00:00:00.000Z");
    EXPECT_EQ(next("0 0 * * FRI", "2025-06-01T00:00:00Z"), "2025-06-06T00:00:00.000Z");
    EXPECT_EQ(next("0 0 * 7 FRI", "2025-06-01T00:00:00Z"), "2025-07-04T00:00:00.000Z") << "the month is never OR-ed";
}

TEST(Cron, TakesBothDaysWhereOneHasAStar) {
    EXPECT_THAT(due_between(cron("0 0 */2 * MON"), "2025-06-01T00:00:00Z", "2025-07-01T00:00:00Z"),
                ElementsAre("2025-06-09T00:00:00.000Z", "2025-06-23T00:00:00.000Z"));
    EXPECT_EQ(next("0 0 */31,1-7 * MON", "2025-06-03T00:00:00Z"), "2025-07-07T00:00:00.000Z")
        << "the first Monday of a month";
}

TEST(Cron, LooksFarEnoughForTheRarestDay) {
    // 29 February on a Sunday: after 2088 in 2128, as 2100 is no leap year.
    EXPECT_EQ(next("0 0 29 2 */7", "2088-02-29T00:00:00Z"), "2128-02-29T00:00:00.000Z");
    EXPECT_EQ(next("* * 29 2 */7", "2088-03-01T00:00:00Z", "Europe/Brussels"), utc("2128-02-29T00:00:00+01:00"));
}

TEST(Cron, IsNeverDueOnADayThatDoesNotExist) {
    EXPECT_EQ(next("0 0 30 2 *", "2025-01-01T00:00:00Z"), "never");
    EXPECT_EQ(next("* * 31 4,6,9,11 *", "2025-01-01T00:00:00Z", "Europe/Brussels"), "never");
}

TEST(Cron, AnswersAnyNumber) {
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min(),
                   highest = std::numeric_limits<std::int64_t>::max();
    for (const char* expression : {"* * * * *", "0 0 * * *"}) {
        for (const char* zone : {"UTC", "Europe/Brussels"}) {
            EXPECT_EQ(cron(expression, zone).next_after(highest), std::nullopt);
            EXPECT_EQ(text_of(cron(expression, zone).next_after(lowest)).substr(0, 7), "1900-01") << expression;
        }
    }
}

TEST(Cron, RefusesWrongFieldsAndUnknownZones) {
    EXPECT_EQ(Cron::parse("61 * * * *", "UTC").error(),
              "cron expression `61 * * * *`: minute must be from 0 to 59; found `61`");
    EXPECT_EQ(Cron::parse("* * * * *", "Europe/Brusels").error(),
              "time zone `Europe/Brusels` is unknown; right would be an IANA name such as `Europe/Brussels`, or "
              "`UTC`; did you mean `Europe/Brussels`?");
    EXPECT_EQ(Cron::parse("* * * * *", "utc").error(),
              "time zone `utc` is unknown; right would be an IANA name such as `Europe/Brussels`, or `UTC`; did you "
              "mean `UTC`?");
    for (const char* zone : {"", "Mars/Olympus_Mons_Base", "localtime", "../../etc/passwd", "Europe"}) {
        const auto wrong = Cron::parse("* * * * *", zone);
        ASSERT_FALSE(wrong) << zone;
        EXPECT_EQ(wrong.error(), std::string("time zone `") + zone +
                                     "` is unknown; right would be an IANA name such as `Europe/Brussels`, or `UTC`");
    }
}

}  // namespace
}  // namespace sluice::schedule::testing
