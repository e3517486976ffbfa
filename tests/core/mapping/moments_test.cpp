// Dates and times as other systems write them.

#include <gmock/gmock.h>

#include "tests/core/mapping/small_flow.hpp"

namespace sluice::mapping {
namespace {

std::string time_of(const std::string& options, const std::string& value) {
    return v_of(options, json::quote(value));
}

TEST(Moments, ATimeWithoutAZoneIsTheClockOfOne) {
    const std::string brussels = "as = \"datetime\", zone = \"Europe/Brussels\"";
    EXPECT_EQ(time_of(brussels, "2026-07-01 00:30:00"), "2026-06-30 22:30:00");
    EXPECT_EQ(time_of(brussels, "2026-01-01T00:30"), "2025-12-31 23:30:00");
    EXPECT_EQ(time_of(brussels, "2026-01-01"), "2025-12-31 23:00:00");
    EXPECT_EQ(time_of(brussels, "2026-01-01T00:30:00Z"), "2026-01-01 00:30:00") << "its own zone counts";
    EXPECT_EQ(time_of(brussels, "2026-10-25T02:30:00"), "2026-10-25 00:30:00") << "the first of the two";
    EXPECT_EQ(time_of(brussels, "2026-02-30"),
              "1 rule broken: /v: `2026-02-30` is no date-time (like 2022-01-01T00:00:00)");
}

TEST(Moments, NoneLiesBehindTheYear9999) {
    EXPECT_EQ(time_of("as = \"datetime\"", "9999-12-31T23:59:59Z"), "9999-12-31 23:59:59");
    EXPECT_EQ(time_of("as = \"datetime\"", "9999-12-31T23:59:59-01:00"),
              "1 rule broken: /v: `9999-12-31T23:59:59-01:00` is no moment of the years 1 to 9999");
}

TEST(Moments, Formats) {
    EXPECT_EQ(time_of("as = \"datetime\", format = \"%d.%m.%Y %H:%M\", zone = \"Europe/Vienna\"", "01.07.2026 09:05"),
              "2026-07-01 07:05:00");
    EXPECT_EQ(time_of("as = \"datetime\", format = \"%Y%m%dT%H%M%S%z\"", "20260701T090500+0200"),
              "2026-07-01 07:05:00");
    EXPECT_EQ(time_of("as = \"datetime\", format = \"%d.%m.%Y\", zone = \"UTC\"", "01.07.2026 09:05"),
              "1 rule broken: /v: `01.07.2026 09:05` is no date or time like `%d.%m.%Y`")
        << "nothing may be left over";
    EXPECT_EQ(v_of("as = \"datetime\", format = \"unix\"", "1767225600"), "2026-01-01 00:00:00");
    EXPECT_EQ(v_of("as = \"datetime\", format = \"unix_ms\"", "\"1767225600999\""), "2026-01-01 00:00:00");
    EXPECT_EQ(v_of("as = \"datetime\", format = \"unix\"", "9223372036854775807"),
              "1 rule broken: /v: `9223372036854775807` is no moment from 1900 to 9998");
    EXPECT_EQ(v_of("as = \"datetime\", format = \"unix\"", "1.5"),
              "1 rule broken: /v: `1.5` is no whole number of a Unix time");
}

TEST(Moments, DaysAreThoseOfAZone) {
    EXPECT_EQ(time_of("as = \"date\"", "2024-02-29"), "2024-02-29");
    EXPECT_EQ(time_of("as = \"date\"", "2021-12-31T19:00:00-05:00"), "2021-12-31") << "as it is written";
    EXPECT_EQ(time_of("as = \"date\", zone = \"UTC\"", "2021-12-31T19:00:00-05:00"), "2022-01-01");
    EXPECT_EQ(time_of("as = \"date\", zone = \"Pacific/Auckland\"", "2021-12-31T12:00:00Z"), "2022-01-01");
    EXPECT_EQ(time_of("as = \"date\", format = \"%d/%m/%Y\"", "29/02/2024"), "2024-02-29");
    EXPECT_EQ(v_of("as = \"date\", format = \"unix\", zone = \"Asia/Tokyo\"", "1767193200"), "2026-01-01");
    EXPECT_EQ(time_of("as = \"date\"", "2023-02-29"), "1 rule broken: /v: `2023-02-29` is no date (like 2022-01-01)");
    EXPECT_EQ(time_of("as = \"date\", default = \"2020-01-01\"", ""), "2020-01-01");
}

}  // namespace
}  // namespace sluice::mapping
