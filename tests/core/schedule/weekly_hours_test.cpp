#include "core/schedule/weekly_hours.hpp"

#include <gmock/gmock.h>

#include "tests/core/schedule/moment_text.hpp"

namespace sluice::schedule::testing {
namespace {

using ::testing::HasSubstr;

WeeklyHours hours(std::string_view days, std::string_view from, std::string_view to, std::string_view zone) {
    auto parsed = WeeklyHours::parse(days, from, to, zone);
    EXPECT_TRUE(parsed) << parsed.error();
    return *parsed;
}
std::string refusal(std::string_view days, std::string_view from, std::string_view to, std::string_view zone) {
    const auto parsed = WeeklyHours::parse(days, from, to, zone);
    return parsed ? "" : parsed.error();
}

TEST(WeeklyHours, FollowTheWallClockOfTheirZoneInSummerAndWinter) {
    const auto office = hours("mon-fri", "08:00", "18:00", "Europe/Berlin");
    EXPECT_FALSE(office.contains(moment("2026-01-05T06:59:59Z")));  // a Monday, UTC+1
    EXPECT_TRUE(office.contains(moment("2026-01-05T07:00:00Z")));
    EXPECT_TRUE(office.contains(moment("2026-01-05T16:59:59Z")));
    EXPECT_FALSE(office.contains(moment("2026-01-05T17:00:00Z")));
    EXPECT_TRUE(office.contains(moment("2026-07-06T06:00:00Z")));  // a Monday, UTC+2
    EXPECT_FALSE(office.contains(moment("2026-07-06T16:00:00Z")));
    EXPECT_FALSE(office.contains(moment("2026-01-04T12:00:00Z"))) << "a Sunday";
    EXPECT_FALSE(office.contains(moment("2026-01-03T12:00:00Z"))) << "a Saturday";
}

TEST(WeeklyHours, TheZonesDayDecidesNotTheOneOfUtc) {
    const auto monday = hours("mon", "00:00", "24:00", "Pacific/Auckland");
    EXPECT_TRUE(monday.contains(moment("2026-01-04T11:00:00Z")));  // Sunday in UTC
    EXPECT_FALSE(monday.contains(moment("2026-01-05T11:00:00Z")));
}

TEST(WeeklyHours, HoursOverMidnightBelongToTheDayTheyBeginIn) {
    const auto night = hours("fri", "22:00", "06:00", "UTC");
    EXPECT_TRUE(night.contains(moment("2026-01-02T22:00:00Z")));  // a Friday
    EXPECT_TRUE(night.contains(moment("2026-01-03T05:59:59Z")));
    EXPECT_FALSE(night.contains(moment("2026-01-03T06:00:00Z")));
    EXPECT_FALSE(night.contains(moment("2026-01-02T05:00:00Z"))) << "Thursday's night";
    EXPECT_FALSE(night.contains(moment("2026-01-03T22:00:00Z")));
}

TEST(WeeklyHours, AnyMomentMayBeAskedAbout) {
    const auto always = hours("*", "00:00", "24:00", "UTC");
    EXPECT_TRUE(always.contains(INT64_MAX));
    EXPECT_TRUE(always.contains(INT64_MIN));
    EXPECT_TRUE(always.contains(-1));
}

TEST(WeeklyHours, SaysWhatWouldBeRight) {
    EXPECT_THAT(refusal("mo-fri", "08:00", "18:00", "UTC"), HasSubstr("day-of-week must be from 0 to 7 or SUN to SAT"));
    for (const auto* wrong : {"8:00", "08.00", "24:01", "08:60", "", "24:00"})
        EXPECT_THAT(refusal("*", wrong, "18:00", "UTC"), HasSubstr("`from` must be a time of day")) << wrong;
    EXPECT_THAT(refusal("*", "08:00", "25:00", "UTC"), HasSubstr("`to` must be a time of day"));
    EXPECT_THAT(refusal("*", "08:00", "08:00", "UTC"), HasSubstr("for the whole day"));
    EXPECT_THAT(refusal("*", "08:00", "18:00", "Europe/Berln"), HasSubstr("did you mean `Europe/Berlin`?"));
}

}  // namespace
}  // namespace sluice::schedule::testing
