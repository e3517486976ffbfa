#include "core/schedule/interval.hpp"

#include <gmock/gmock.h>

#include <limits>
#include <set>

#include "core/schedule/moments.hpp"
#include "tests/core/schedule/moment_text.hpp"

namespace sluice::schedule::testing {
namespace {

TEST(Interval, IsDueAtItsOffsetAndEveryPeriodAfterIt) {
    const Interval interval = every(15 * minute_ms);
    const std::int64_t first_ms = interval.offset_ms();
    EXPECT_EQ(interval.next_after(0), first_ms);
    EXPECT_EQ(interval.next_after(first_ms), first_ms + 15 * minute_ms);
    EXPECT_EQ(interval.next_after(first_ms + 15 * minute_ms - 1), first_ms + 15 * minute_ms);
    EXPECT_EQ(interval.next_after(first_ms - 1), first_ms);
    EXPECT_EQ(interval.next_after(first_ms - 15 * minute_ms - 1), first_ms - 15 * minute_ms) << "before 1970 too";
}

TEST(Interval, HasAnOffsetThatNeverChanges) {
    // From hashlib: int.from_bytes(hashlib.sha256(b"my-shop/orders").digest()[:8], "big") % 900_000. Another number
    // here would move the moments of every installation.
    EXPECT_EQ(every(15 * minute_ms, "my-shop/orders").offset_ms(), 310'350);
    EXPECT_EQ(every(15 * minute_ms, "other-shop/orders").offset_ms(), 658'561);
}

TEST(Interval, SpreadsConnectorsOverThePeriod) {
    std::set<std::int64_t> minutes;
    for (int shop = 0; shop < 1'000; ++shop) {
        minutes.insert(every(hour_ms, "shop-" + std::to_string(shop) + "/orders").offset_ms() / minute_ms);
    }
    EXPECT_EQ(minutes.size(), 60U) << "a thousand shops leave no minute of the hour empty";
}

TEST(Interval, HasLimits) {
    EXPECT_TRUE(Interval::create(second_ms, "shop"));
    EXPECT_TRUE(Interval::create(366 * day_ms, "shop"));
    EXPECT_EQ(Interval::create(999, "shop").error(), "an interval must be from 1s to 366d; found 999 ms");
    EXPECT_EQ(Interval::create(366 * day_ms + 1, "shop").error(),
              "an interval must be from 1s to 366d; found 31622400001 ms");
    EXPECT_FALSE(Interval::create(0, "shop"));
    EXPECT_FALSE(Interval::create(std::numeric_limits<std::int64_t>::min(), "shop"));
    EXPECT_EQ(every(hour_ms).next_after(std::numeric_limits<std::int64_t>::max()), std::nullopt);
    EXPECT_GE(every(hour_ms).next_after(std::numeric_limits<std::int64_t>::min()), earliest_ms);
}

TEST(Duration, ReadsUnitsFromTheLargestDown) {
    EXPECT_EQ(parse_duration("1s"), second_ms);
    EXPECT_EQ(parse_duration("30s"), 30 * second_ms);
    EXPECT_EQ(parse_duration("15m"), 15 * minute_ms);
    EXPECT_EQ(parse_duration("90m"), 90 * minute_ms);
    EXPECT_EQ(parse_duration("1h30m"), 90 * minute_ms);
    EXPECT_EQ(parse_duration("2d"), 2 * day_ms);
    EXPECT_EQ(parse_duration("1d2h3m4s"), day_ms + 2 * hour_ms + 3 * minute_ms + 4 * second_ms);
    EXPECT_EQ(parse_duration("0h05m"), 5 * minute_ms);
    EXPECT_EQ(parse_duration("366d"), 366 * day_ms);
}

TEST(Duration, SaysWhatIsWrong) {
    const std::string right =
        "; right would be whole days, hours, minutes and seconds, such as `30s`, `15m`, `1h30m` or `2d`";
    EXPECT_EQ(parse_duration("").error(), "duration ``: it is empty" + right);
    EXPECT_EQ(parse_duration("15").error(), "duration `15`: `15` has no unit" + right);
    EXPECT_EQ(parse_duration("1h30").error(), "duration `1h30`: `30` has no unit" + right);
    EXPECT_EQ(parse_duration("15min").error(), "duration `15min`: `min` is no unit" + right);
    EXPECT_EQ(parse_duration("15M").error(), "duration `15M`: `M` is no unit" + right);
    EXPECT_EQ(parse_duration("500ms").error(), "duration `500ms`: `ms` is no unit" + right);
    EXPECT_EQ(parse_duration("15 m").error(), "duration `15 m`: ` m` is no unit" + right);
    EXPECT_EQ(parse_duration("1.5h").error(), "duration `1.5h`: `.` is no unit" + right);
    EXPECT_EQ(parse_duration("m").error(), "duration `m`: a number must stand where `m` begins" + right);
    EXPECT_EQ(parse_duration("-5m").error(), "duration `-5m`: a number must stand where `-5m` begins" + right);
    EXPECT_EQ(parse_duration("30m1h").error(), "duration `30m1h`: `h` must stand once, after the larger units" + right);
    EXPECT_EQ(parse_duration("1m1m").error(), "duration `1m1m`: `m` must stand once, after the larger units" + right);
}

TEST(Duration, HasLimits) {
    for (const char* wrong : {"0s", "0d0h", "366d1s", "367d", "99999999999999999999s", "4294967295d4294967295h"}) {
        const auto duration = parse_duration(wrong);
        ASSERT_FALSE(duration) << wrong;
        EXPECT_EQ(duration.error(), std::string("duration `") + wrong + "` must be from 1s to 366d");
    }
}

}  // namespace
}  // namespace sluice::schedule::testing
