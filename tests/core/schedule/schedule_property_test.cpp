// The next and the latest due moment are each other's mirror, at any moment, in zones with all kinds of clocks.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/core/schedule/moment_text.hpp"

namespace sluice::schedule::testing {
namespace {

Schedule any_schedule() {
    if (*rc::gen::inRange(0, 5) == 0) return every(*rc::gen::inRange(second_ms, 3 * day_ms));
    const auto minute = *rc::gen::element<std::string>("0", "30", "*/15", "*", "7-59/13", "59");
    const auto hour = *rc::gen::element<std::string>("*", "2", "0,1,2,3", "*/3", "1-5/2", "0");
    const auto day = *rc::gen::element<std::string>("* * *", "* * SUN", "1 * MON", "*/2 * *", "25-31 3,10 *");
    const auto zone =
        *rc::gen::element<std::string>("UTC", "Europe/Brussels", "America/New_York", "Australia/Lord_Howe",
                                       "Asia/Kolkata", "Asia/Beirut", "Pacific/Apia", "Africa/Casablanca");
    return cron(minute + " " + hour + " " + day, zone);
}

/// Anywhere in twenty years, and more often than not within hours of a change of clocks.
std::int64_t any_moment() {
    const auto change = *rc::gen::element<std::string>(
        "2025-03-30T01:00:00Z", "2025-10-26T01:00:00Z", "2025-03-09T07:00:00Z", "2025-11-02T06:00:00Z",
        "2025-04-05T15:00:00Z", "2025-10-04T15:30:00Z", "2025-03-29T22:00:00Z", "2011-12-30T10:00:00Z");
    if (*rc::gen::inRange(0, 4) == 0)
        return moment("2010-01-01T00:00:00Z") + *rc::gen::inRange<std::int64_t>(0, 7'300 * day_ms);
    return moment(change) + *rc::gen::inRange(-4 * hour_ms, 4 * hour_ms);
}

RC_GTEST_PROP(ScheduleProperties, NextAndLatestMirrorEachOther, ()) {
    const Schedule schedule = any_schedule();
    const std::int64_t from_ms = any_moment();
    const auto next = schedule.next_after(from_ms);
    RC_ASSERT(next && *next > from_ms);
    RC_ASSERT(schedule.previous_or_at(*next) == next);

    // Nothing is due in between, wherever one asks from.
    const std::int64_t between_ms = *rc::gen::inRange(from_ms, *next);
    RC_ASSERT(schedule.next_after(between_ms) == next);
    if (const auto previous = schedule.previous_or_at(*next - 1)) {
        RC_ASSERT(*previous <= from_ms);
        RC_ASSERT(schedule.next_after(*previous) == next);
    }
}

}  // namespace
}  // namespace sluice::schedule::testing
