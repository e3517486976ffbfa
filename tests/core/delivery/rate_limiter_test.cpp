#include "core/delivery/rate_limiter.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "core/base/random.hpp"
#include "tests/core/delivery/rate_checks.hpp"

namespace sluice::delivery::testing {
namespace {

constexpr std::int64_t minute_ms = 60'000, hour_ms = 60 * minute_ms, day_ms = 24 * hour_ms;

RC_GTEST_PROP(RateWindowProperties, NoWindowHasMoreThanTheLimitAndLittleIsGivenAway, ()) {
    const auto length_ms = *rc::gen::element<std::int64_t>(1'000, 60'000, day_ms, 7);
    const auto limit = *rc::gen::inRange<std::int64_t>(1, 40);
    RateWindow window(limit, length_ms);
    std::int64_t now_ms = *rc::gen::inRange<std::int64_t>(-2 * day_ms, 2 * day_ms);
    std::vector<std::int64_t> begun;
    const bool eager = *rc::gen::arbitrary<bool>();
    Random random(*rc::gen::arbitrary<std::uint64_t>());
    for (int i = 0; i < 300; ++i) {
        if (!eager) now_ms += random.up_to(length_ms) / (1 + random.up_to(limit));
        const auto opens_ms = window.opens_at(now_ms);
        RC_ASSERT(opens_ms >= now_ms);
        RC_ASSERT(window.opens_at(opens_ms) == opens_ms);
        if (opens_ms > now_ms) RC_ASSERT(window.opens_at(opens_ms - 1) > opens_ms - 1);
        now_ms = opens_ms;
        window.add(now_ms);
        begun.push_back(now_ms);
        RC_ASSERT(window.slots().size() <= 102U);
    }
    RC_ASSERT(most_within(begun, length_ms) <= limit);
    // Somebody who takes all there is gets it but for a slot.
    for (std::size_t i = static_cast<std::size_t>(limit); eager && i < begun.size(); ++i)
        RC_ASSERT(begun[i] - begun[i - static_cast<std::size_t>(limit)] <= length_ms + window.slot_ms());
}

RC_GTEST_PROP(DayQuotaProperties, RestartsNeverGiveMoreCallsADay, ()) {
    const auto limit = *rc::gen::inRange<std::int64_t>(1, 700);
    std::vector<std::int64_t> made;                           // Unix time
    std::vector<std::pair<std::int64_t, std::int64_t>> kept;  // until, calls
    std::int64_t unix_ms = 1'700'000'000'000;
    Random random(*rc::gen::arbitrary<std::uint64_t>());
    while (made.size() < 1'500) {
        // Another process: its steady clock began elsewhere, and it knows what was kept.
        const auto steady_offset_ms = random.up_to(100 * day_ms);
        const auto steady_ms = [&] { return unix_ms - 1'700'000'000'000 + steady_offset_ms; };
        DayQuota quota(limit);
        std::vector<DayQuota::Spent> spent;
        for (const auto& [until_ms, calls] : kept) spent.push_back({.age_ms = unix_ms - until_ms, .calls = calls});
        quota.restore(spent, steady_ms());
        const auto calls = random.up_to(400);
        for (int i = 0; i < calls; ++i) {
            unix_ms += random.up_to(5) == 0 ? random.up_to(1'000) : 0;
            unix_ms += random.up_to(100) == 0 ? random.up_to(hour_ms) : 0;
            unix_ms += quota.opens_at(steady_ms()) - steady_ms();
            if (quota.needs_reservation(steady_ms())) {
                kept.clear();
                for (const auto& one : quota.reserve(steady_ms())) kept.emplace_back(unix_ms - one.age_ms, one.calls);
                RC_ASSERT(!quota.needs_reservation(steady_ms()));
            }
            quota.add(steady_ms());
            made.push_back(unix_ms);
        }
        unix_ms += random.up_to(10 * minute_ms);
    }
    RC_ASSERT(most_within(made, day_ms) <= limit);
}

TEST(DayQuota, AHundredthOfTheDayIsReservedAtATime) {
    DayQuota quota(5'000);
    int writes = 0;
    for (int i = 0; i < 1'000; ++i) {
        if (quota.needs_reservation(5)) {
            quota.reserve(5);
            ++writes;
        }
        quota.add(5);
    }
    EXPECT_EQ(writes, 20);
}

TEST(DayQuota, WhatCouldNotBeKeptIsNotUsed) {
    DayQuota quota(5'000);
    quota.reserve(0);
    quota.withdraw();
    EXPECT_TRUE(quota.needs_reservation(0));
}

TEST(DayQuota, AWallClockSetBackWhileItWasAwayLocksItForADayAtMost) {
    DayQuota quota(10);
    quota.restore({{.age_ms = -30 * day_ms, .calls = 10}}, 0);
    EXPECT_GT(quota.opens_at(0), 0);
    EXPECT_LE(quota.opens_at(0), day_ms + day_ms / 100);
}

TEST(RateLimiter, EveryLimitHoldsAndTheLatestOpeningCounts) {
    RateLimiter limiter({.per_second = 2, .per_minute = 3, .per_day = 4});
    const auto begin_at_opening = [&](std::int64_t from_ms) {
        const auto closed = limiter.closed(from_ms);
        const auto at_ms = closed ? closed->until_ms : from_ms;
        EXPECT_FALSE(limiter.closed(at_ms));
        limiter.begin(at_ms);
        limiter.end();
        return at_ms;
    };
    EXPECT_EQ(begin_at_opening(0), 0);
    EXPECT_EQ(begin_at_opening(0), 0);
    EXPECT_EQ(limiter.closed(0)->why, "its limit a second is used up");
    EXPECT_EQ(begin_at_opening(0), 1'010);
    EXPECT_EQ(limiter.closed(2'000)->why, "its limit a minute is used up");
    EXPECT_EQ(begin_at_opening(2'000), 60'600);
    EXPECT_EQ(limiter.closed(200'000)->why, "its limit a day is used up");
    EXPECT_EQ(limiter.closed(200'000)->until_ms, day_ms + day_ms / 100);
}

TEST(RateLimiter, WithoutLimitsIsOpen) {
    RateLimiter limiter;
    for (int i = 0; i < 1'000; ++i) limiter.begin(0);
    EXPECT_FALSE(limiter.closed(0));
}

TEST(RateLimiter, ConcurrentCallsOpenWhenOneEnds) {
    RateLimiter limiter({.concurrent = 2});
    limiter.begin(0);
    limiter.begin(0);
    ASSERT_TRUE(limiter.closed(5));
    EXPECT_TRUE(limiter.closed(5)->until_end);
    EXPECT_EQ(limiter.closed(5)->until_ms, 5);
    limiter.end();
    EXPECT_FALSE(limiter.closed(5));
}

TEST(RateLimiter, ARetryAfterClosesForEverybody) {
    RateLimiter limiter;
    limiter.refused(0, 100, 5'000);
    EXPECT_EQ(limiter.closed(100)->until_ms, 5'100);
    EXPECT_EQ(limiter.closed(100)->why, "it asked to wait");
    limiter.refused(0, 200, 1'000);
    EXPECT_EQ(limiter.closed(200)->until_ms, 5'100) << "a shorter advice opens nothing";
    EXPECT_FALSE(limiter.closed(5'100));
}

TEST(RateLimiter, ARefusalWithoutAdviceClosesLongerEachTimeUntilOneIsAccepted) {
    RateLimiter limiter;
    std::int64_t now_ms = 0;
    const auto refusal_closes = [&] {
        const auto began_ms = ++now_ms;
        limiter.refused(began_ms, now_ms, -1);
        limiter.refused(began_ms, now_ms, -1);  // it was under way beside the first
        const auto waits_ms = limiter.closed(now_ms)->until_ms - now_ms;
        now_ms += waits_ms;
        return waits_ms;
    };
    for (const std::int64_t waits_ms : {1'000, 2'000, 4'000, 8'000, 16'000, 32'000, 60'000, 60'000})
        EXPECT_EQ(refusal_closes(), waits_ms);
    limiter.accepted(0);
    EXPECT_EQ(refusal_closes(), 60'000) << "that one began before the refusals";
    limiter.accepted(++now_ms);
    EXPECT_EQ(refusal_closes(), 1'000);
}

TEST(RateLimiter, AbsurdAdviceIsADay) {
    RateLimiter limiter;
    limiter.refused(0, 0, INT64_MAX);
    EXPECT_EQ(limiter.closed(0)->until_ms, RateLimiter::max_advice_ms);
}

TEST(RateLimiter, ChangedLimitsKeepWhatWasCounted) {
    RateLimiter limiter({.per_minute = 10});
    for (int i = 0; i < 5; ++i) limiter.begin(0);
    limiter.set_limits({.per_minute = 5});
    EXPECT_TRUE(limiter.closed(0));
    limiter.set_limits({.per_minute = 6});
    EXPECT_FALSE(limiter.closed(0));
    limiter.set_limits({});
    EXPECT_FALSE(limiter.closed(0));
}

}  // namespace
}  // namespace sluice::delivery::testing
