#include "core/schedule/schedule.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "core/schedule/moments.hpp"
#include "tests/core/schedule/moment_text.hpp"

namespace sluice::schedule::testing {
namespace {

std::string previous(const Schedule& schedule, std::string_view now) {
    return text_of(schedule.previous_or_at(moment(now)));
}

TEST(Schedule, KnowsTheLatestDueMoment) {
    EXPECT_EQ(previous(cron("0 9 * * *"), "2025-05-02T08:59:59.999Z"), "2025-05-01T09:00:00.000Z");
    EXPECT_EQ(previous(cron("0 9 * * *"), "2025-05-02T09:00:00Z"), "2025-05-02T09:00:00.000Z");
    EXPECT_EQ(previous(cron("* * * 1 *"), "2025-12-01T00:00:00Z"), "2025-01-31T23:59:00.000Z");

    const Interval hourly = every(hour_ms);
    EXPECT_EQ(Schedule(hourly).previous_or_at(hour_ms + hourly.offset_ms()), hour_ms + hourly.offset_ms());
    EXPECT_EQ(Schedule(hourly).previous_or_at(hour_ms + hourly.offset_ms() - 1), hourly.offset_ms());
}

TEST(Schedule, KnowsTheLatestDueMomentWhereClocksChange) {
    EXPECT_EQ(previous(cron("30 2 * * *", "Europe/Brussels"), "2025-03-30T03:10:00+02:00"),
              utc("2025-03-30T03:00:00+02:00"));
    EXPECT_EQ(previous(cron("30 2 * * *", "Europe/Brussels"), "2025-10-26T02:45:00+01:00"),
              utc("2025-10-26T02:30:00+02:00"));
}

TEST(Schedule, LooksBackAYearAndNoFurther) {
    EXPECT_EQ(previous(cron("@yearly"), "2025-12-31T23:59:59Z"), "2025-01-01T00:00:00.000Z");
    EXPECT_EQ(previous(cron("0 0 29 2 *"), "2025-02-28T00:00:00Z"), "2024-02-29T00:00:00.000Z");
    EXPECT_EQ(previous(cron("0 0 29 2 *"), "2026-01-01T00:00:00Z"), "never");
    EXPECT_EQ(previous(cron("0 0 30 2 *"), "2026-01-01T00:00:00Z"), "never");

    const Interval longest = every(longest_every_ms);
    EXPECT_EQ(Schedule(longest).previous_or_at(2 * longest_every_ms + longest.offset_ms() - 1),
              longest_every_ms + longest.offset_ms());
}

TEST(Schedule, FindsTheLatestWithinASpan) {
    const Schedule daily = cron("0 9 * * *");
    const std::int64_t due_ms = moment("2025-05-01T09:00:00Z");
    EXPECT_EQ(daily.latest_within(due_ms - 1, due_ms), due_ms);
    EXPECT_EQ(daily.latest_within(due_ms, due_ms + day_ms - 1), std::nullopt);
    EXPECT_EQ(daily.latest_within(due_ms, due_ms), std::nullopt);
    EXPECT_EQ(daily.latest_within(due_ms + day_ms, due_ms), std::nullopt);
    EXPECT_EQ(daily.latest_within(due_ms, due_ms + 5'000 * day_ms), due_ms + 5'000 * day_ms) << "any length of time";
}

TEST(Schedule, AnswersAnyNumber) {
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min(),
                   highest = std::numeric_limits<std::int64_t>::max();
    for (const Schedule& schedule : {Schedule(every(hour_ms)), Schedule(cron("0 * * * *", "Europe/Brussels"))}) {
        EXPECT_EQ(schedule.next_after(highest), std::nullopt);
        EXPECT_EQ(schedule.previous_or_at(lowest), std::nullopt);
        EXPECT_GT(schedule.previous_or_at(highest), latest_ms - hour_ms);
        EXPECT_EQ(schedule.latest_within(lowest, highest), schedule.previous_or_at(highest));
    }
}

}  // namespace
}  // namespace sluice::schedule::testing
