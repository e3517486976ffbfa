#include "core/delivery/adaptive_limit.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "tests/core/delivery/modelled_server.hpp"

namespace sluice::delivery::testing {
namespace {

constexpr std::int64_t minute_ms = 60'000;

/// A round of calls that each take so long, one after the other.
std::int64_t round_of(AdaptiveLimit& limit, std::int64_t now_ms, std::int64_t latency_ms) {
    for (int i = 0; i < AdaptiveLimit::least_round; ++i) {
        limit.wanted();
        const auto call = limit.begin(now_ms);
        now_ms += latency_ms;
        limit.answered(call, "partner.read", now_ms);
    }
    return now_ms;
}

struct Capacity : ::testing::TestWithParam<std::tuple<int, double>> {};

TEST_P(Capacity, IsFoundWhateverTheKindsOfCallsAndTheirNoise) {
    const auto [workers, noise] = GetParam();
    AdaptiveLimit limit(64);
    ModelledServer server{.workers = workers, .noise = noise};
    Load load(limit, server, 7);
    load.run_for(20 * minute_ms);
    load.run_for(40 * minute_ms);
    EXPECT_GE(load.mean_limit(), 0.7 * workers);
    EXPECT_LE(load.mean_limit(), 1.8 * workers);
}
INSTANTIATE_TEST_SUITE_P(AdaptiveLimit, Capacity,
                         ::testing::Combine(::testing::Values(1, 2, 4, 8, 24), ::testing::Values(0.0, 0.3, 0.6)));

TEST(AdaptiveLimit, SlowAnswersAreHeardAsMuchAsQuickOnes) {
    // Were a round over before its slowest calls have ended, many calls at a time would sound quicker than few, and
    // noise like this would keep the limit at half of what the server takes.
    double mean = 0;
    constexpr int seeds = 4;
    for (int seed = 1; seed <= seeds; ++seed) {
        AdaptiveLimit limit(64);
        ModelledServer server{.workers = 16, .noise = 1.0};
        Load load(limit, server, static_cast<std::uint64_t>(seed));
        load.run_for(40 * minute_ms);
        mean += load.mean_limit() / seeds;
    }
    EXPECT_GE(mean, 0.7 * 16);
}

TEST(AdaptiveLimit, ReachesTheCeilingWhereTheServerHasRoom) {
    AdaptiveLimit limit(8);
    ModelledServer server{.workers = 100};
    Load load(limit, server, 1);
    load.run_for(5 * minute_ms);
    EXPECT_EQ(limit.limit(), 8);
}

RC_GTEST_PROP(AdaptiveLimitProperties, StaysBetweenOneAndTheCeilingWhateverHappens, ()) {
    AdaptiveLimit limit(*rc::gen::inRange(0, 40));
    ModelledServer server{.workers = *rc::gen::inRange(1, 30),
                          .noise = *rc::gen::element(0.0, 0.5, 1.5),
                          .clients = *rc::gen::inRange(1, 60)};
    Load load(limit, server, *rc::gen::arbitrary<std::uint64_t>());
    int before = 0;
    load.check = [&](int running) {
        RC_ASSERT(limit.limit() >= 1 && limit.limit() <= limit.ceiling());
        // What is under way when the limit comes down may end.
        RC_ASSERT(running <= std::max(before, limit.ceiling()));
        before = running;
    };
    for (int part = 0; part < 8; ++part) {
        server.down = *rc::gen::inRange(0, 4) == 0;
        server.slowness = *rc::gen::element(1.0, 0.3, 5.0);
        limit.set_ceiling(*rc::gen::inRange(0, 40));
        load.run_for(*rc::gen::inRange<std::int64_t>(1, 2 * minute_ms));
    }
}

TEST(AdaptiveLimit, ComesDownInAnOutageAndRecoversAfterIt) {
    AdaptiveLimit limit(32);
    ModelledServer server{.workers = 8};
    Load load(limit, server, 3);
    load.run_for(15 * minute_ms);
    EXPECT_GE(limit.limit(), 6);
    server.down = true;
    load.run_for(minute_ms);
    EXPECT_EQ(limit.limit(), 1);
    server.down = false;
    load.run_for(15 * minute_ms);
    load.run_for(15 * minute_ms);
    EXPECT_GE(load.mean_limit(), 0.7 * 8);
    EXPECT_LE(load.mean_limit(), 1.8 * 8);
}

TEST(AdaptiveLimit, BacksOffWhileOthersLoadTheServerAndTakesALastingSlownessAsUsual) {
    AdaptiveLimit limit(32);
    ModelledServer server{.workers = 8};
    Load load(limit, server, 3);
    load.run_for(15 * minute_ms);
    server.slowness = 4;
    load.run_for(8 * minute_ms);
    EXPECT_LE(limit.limit(), 2);
    load.run_for(30 * minute_ms);
    load.run_for(30 * minute_ms);
    EXPECT_GE(load.mean_limit(), 0.7 * 8);
    server.slowness = 1;
    load.run_for(15 * minute_ms);
    load.run_for(30 * minute_ms);
    EXPECT_GE(load.mean_limit(), 0.7 * 8);
    EXPECT_LE(load.mean_limit(), 1.8 * 8);
}

struct Grown : ::testing::Test {
    Grown() {
        while (limit.limit() < 8) now_ms = round_of(limit, now_ms, 100);
    }
    AdaptiveLimit limit{8};
    std::int64_t now_ms = 1'000;
};
using AdaptiveLimitGrown = Grown;

TEST_F(AdaptiveLimitGrown, ABurstOfFailuresIsOneDecrease) {
    std::vector<AdaptiveLimit::Call> calls;
    for (int i = 0; i < 8; ++i) calls.push_back(limit.begin(now_ms));
    for (const auto& call : calls) limit.overloaded(call, ++now_ms);
    EXPECT_EQ(limit.limit(), 4);
    limit.overloaded(limit.begin(now_ms + 1), now_ms + 2);
    EXPECT_EQ(limit.limit(), 2) << "that one began after the decrease";
}

TEST_F(AdaptiveLimitGrown, ARoundOfSlowAnswersIsOneDecrease) {
    now_ms = round_of(limit, now_ms, 1'000);
    EXPECT_EQ(limit.limit(), 4);
    now_ms = round_of(limit, now_ms, 1'000);
    EXPECT_EQ(limit.limit(), 2);
}

TEST_F(AdaptiveLimitGrown, OneVerySlowCallDecidesNothing) {
    for (int i = 0; i < 3 * AdaptiveLimit::least_round; ++i) {
        const auto call = limit.begin(now_ms);
        now_ms += i % AdaptiveLimit::least_round == 5 ? 60'000 : 100;
        limit.answered(call, "partner.read", now_ms);
    }
    EXPECT_EQ(limit.limit(), 8);
}

TEST_F(AdaptiveLimitGrown, ACallThatLastsMinutesHoldsUpNoDecision) {
    const auto long_call = limit.begin(now_ms);
    now_ms = round_of(limit, now_ms, 1'000);
    for (int i = 0; i < AdaptiveLimit::much_longer; ++i) {
        const auto call = limit.begin(now_ms);
        limit.answered(call, "partner.read", now_ms += 1'000);
    }
    EXPECT_EQ(limit.limit(), 4);
    limit.answered(long_call, "order.create", now_ms);
    EXPECT_EQ(limit.limit(), 4);
}

TEST_F(AdaptiveLimitGrown, LongKindsBesideShortOnesAreNoSlowness) {
    for (int i = 0; i < 10 * AdaptiveLimit::least_round; ++i) {
        const bool is_long = i % 2 == 0 && i > 5 * AdaptiveLimit::least_round;
        const auto call = limit.begin(now_ms);
        now_ms += is_long ? 2'000 : 100;
        limit.answered(call, is_long ? "order.create" : "partner.read", now_ms);
        ASSERT_EQ(limit.limit(), 8);
    }
}

TEST_F(AdaptiveLimitGrown, WhatTakesMillisecondsMayTakeAFewMore) {
    AdaptiveLimit quick(8);
    std::int64_t at_ms = 0;
    for (int i = 0; i < 8; ++i) at_ms = round_of(quick, at_ms, 2);
    ASSERT_EQ(quick.limit(), 8);
    round_of(quick, at_ms, 30);
    EXPECT_EQ(quick.limit(), 8);
}

TEST_F(AdaptiveLimitGrown, ALoweredCeilingHoldsAtOnceAndTheWayBackIsStepByStep) {
    limit.set_ceiling(2);
    EXPECT_EQ(limit.limit(), 2);
    limit.set_ceiling(8);
    EXPECT_EQ(limit.limit(), 2);
    round_of(limit, now_ms, 100);
    EXPECT_EQ(limit.limit(), 3);
}

TEST(AdaptiveLimit, GrowsOnlyWhereCallsWaitForIt) {
    AdaptiveLimit limit(8);
    std::int64_t now_ms = 0;
    for (int i = 0; i < 10 * AdaptiveLimit::least_round; ++i) {
        const auto call = limit.begin(now_ms);
        limit.answered(call, "partner.read", now_ms += 100);
    }
    EXPECT_EQ(limit.limit(), AdaptiveLimit::first_limit);
}

TEST(LoadLevel, ForgetsTheKindsUsedLongestAgo) {
    LoadLevel load;
    for (int i = 0; i < 10 * static_cast<int>(LoadLevel::max_kinds); ++i) {
        load.add("kind" + std::to_string(i), 100);
        load.add("the usual one", 100);
    }
    ASSERT_TRUE(load.close()) << "one that is used is kept, and compared";
    for (int i = 0; i < LoadLevel::first_calls; ++i) load.add("kind0", 100);
    EXPECT_FALSE(load.close()) << "a kind that was forgotten is new again";
}

}  // namespace
}  // namespace sluice::delivery::testing
