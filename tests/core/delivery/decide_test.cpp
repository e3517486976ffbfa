// What a verdict means for its event.

#include <gmock/gmock.h>

#include "tests/core/delivery/engine_script.hpp"

namespace sluice::delivery::testing {
namespace {

using journal::Finish;
using ::testing::HasSubstr;

constexpr std::int64_t now_ms = 1'000'000;

struct Decide : ::testing::Test {
    Finish decided(Verdict verdict, bool is_outage = false, bool stopping = false) {
        return decide(policy, of, verdict, is_outage, stopping, now_ms, random);
    }
    RetryPolicy policy{.base_ms = 100, .cap_ms = 1'000, .limit = 5, .holds_key = true};
    journal::EventSummary of = event(1);
    Random random{7};
};

TEST_F(Decide, DoneCarriesAllThatCommitsWithIt) {
    Verdict verdict;
    verdict.outcome = "created sale.order 12";
    verdict.emitted.resize(1);
    verdict.state = {{.name = "cursor", .value = "1", .expected_version = 3}};
    verdict.applied_revision = "r1";
    const auto finish = decided(verdict);
    EXPECT_EQ(finish.kind, Finish::Kind::done);
    EXPECT_EQ(finish.verdict, "done");
    EXPECT_EQ(finish.message, "created sale.order 12");
    EXPECT_EQ(finish.emitted.size(), 1U);
    EXPECT_EQ(finish.state.at(0).expected_version, 3);
    EXPECT_EQ(finish.applied_revision, "r1");
}

TEST_F(Decide, RetryIsCountedWithFullJitterUpToTheDoubledDelay) {
    for (int failures = 0; failures < 4; ++failures) {
        of.counted_failures = failures;
        std::int64_t latest = 0, earliest = 1 << 30;
        for (int i = 0; i < 2'000; ++i) {
            const auto finish = decided(failed(Failure::retry));
            EXPECT_EQ(finish.kind, Finish::Kind::again);
            EXPECT_TRUE(finish.counts);
            EXPECT_FALSE(finish.unknown);
            latest = std::max(latest, finish.available_at_ms - now_ms);
            earliest = std::min(earliest, finish.available_at_ms - now_ms);
        }
        const std::int64_t bound = std::min<std::int64_t>(1'000, 100 << failures);
        EXPECT_LE(latest, bound);
        EXPECT_GT(latest, bound * 95 / 100) << "the whole range is used";
        EXPECT_GE(earliest, 0);
        EXPECT_LT(earliest, bound * 5 / 100);
    }
}

TEST_F(Decide, ManyFailuresDoNotOverflowTheDelay) {
    policy = {.base_ms = 1, .cap_ms = 1LL << 60, .limit = 1'000'000};
    of.counted_failures = 999'998;
    EXPECT_GE(decided(failed(Failure::retry)).available_at_ms, now_ms);
}

TEST_F(Decide, AtTheLimitItIsADeadLetterThatSaysSo) {
    of.counted_failures = 4;
    const auto finish = decided(failed(Failure::retry, "connection refused"));
    EXPECT_EQ(finish.kind, Finish::Kind::dead_letter);
    EXPECT_EQ(finish.verdict, "retry");
    EXPECT_TRUE(finish.counts);
    EXPECT_TRUE(finish.holds_key);
    EXPECT_EQ(finish.message, "given up after 5 of 5 attempts: connection refused");
}

TEST_F(Decide, UnknownIsCountedAndMustLook) {
    const auto finish = decided(failed(Failure::unknown));
    EXPECT_EQ(finish.kind, Finish::Kind::again);
    EXPECT_TRUE(finish.counts);
    EXPECT_TRUE(finish.unknown);
    of.counted_failures = 4;
    EXPECT_TRUE(decided(failed(Failure::unknown)).unknown) << "a replay of the dead letter must look, too";
}

TEST_F(Decide, TheDoubtStaysUntilAnAttemptIsDone) {
    of.attempt_unknown = true;
    for (const auto failure : {Failure::retry, Failure::rate_limited, Failure::auth, Failure::cancelled,
                               Failure::rejected, Failure::invalid}) {
        EXPECT_TRUE(decided(failed(failure)).unknown) << to_string(failure);
    }
    EXPECT_FALSE(decided({}).unknown);
}

TEST_F(Decide, RetryAfterIsAFloor) {
    EXPECT_GE(decided(failed(Failure::retry, "busy", 5'000)).available_at_ms, now_ms + 5'000);
    EXPECT_LE(decided(failed(Failure::retry, "busy", 1LL << 62)).available_at_ms, now_ms + Engine::max_retry_after_ms);
}

TEST_F(Decide, RateLimitedCountsNothingAndCannotSpin) {
    of.counted_failures = 4;
    for (int i = 0; i < 200; ++i) {
        const auto finish = decided(failed(Failure::rate_limited, "429", 0));
        EXPECT_EQ(finish.kind, Finish::Kind::again);
        EXPECT_FALSE(finish.counts);
        EXPECT_GE(finish.available_at_ms, now_ms + policy.base_ms);
    }
    EXPECT_GE(decided(failed(Failure::rate_limited, "429", 60'000)).available_at_ms, now_ms + 60'000);
}

TEST_F(Decide, RejectedAndInvalidAreDeadLettersAtOnce) {
    for (const auto failure : {Failure::rejected, Failure::invalid}) {
        const auto finish = decided(failed(failure, "no such product"));
        EXPECT_EQ(finish.kind, Finish::Kind::dead_letter);
        EXPECT_EQ(finish.verdict, to_string(failure));
        EXPECT_EQ(finish.message, "no such product");
        EXPECT_TRUE(finish.holds_key);
    }
    policy.holds_key = false;
    EXPECT_FALSE(decided(failed(Failure::rejected)).holds_key);
}

TEST_F(Decide, AuthAndOutageComeAgainAtOnceAndCountNothing) {
    of.counted_failures = 4;
    for (const auto& finish : {decided(failed(Failure::auth)), decided(outage(Failure::retry), true)}) {
        EXPECT_EQ(finish.kind, Finish::Kind::again);
        EXPECT_FALSE(finish.counts);
        EXPECT_FALSE(finish.unknown);
        EXPECT_EQ(finish.available_at_ms, now_ms);
    }
}

TEST_F(Decide, WhatOdooDiedOverCountsAlsoInAnOutage) {
    EXPECT_TRUE(decided(outage(Failure::unknown), true).unknown);
    EXPECT_TRUE(decided(outage(Failure::unknown), true).counts) << "it may be why";
    of.counted_failures = policy.limit - 1;
    EXPECT_EQ(decided(outage(Failure::unknown), true).kind, Finish::Kind::dead_letter);
    EXPECT_EQ(decided(outage(Failure::retry), true).kind, Finish::Kind::again) << "it never reached Odoo";
}

TEST_F(Decide, AnExternalSystemThatAnswersNobodyIsWaitedForAndCountsNothing) {
    of.counted_failures = policy.limit - 1;
    of.attempts = 1'000;
    auto verdict = failed(Failure::retry);
    verdict.external_outage = true;
    const auto finish = decided(verdict);
    EXPECT_EQ(finish.kind, Finish::Kind::again);
    EXPECT_FALSE(finish.counts);
    EXPECT_FALSE(finish.unknown);
    EXPECT_LE(finish.available_at_ms, now_ms + policy.cap_ms);
    auto unsure = failed(Failure::unknown);
    unsure.external_outage = true;
    EXPECT_EQ(decided(unsure).kind, Finish::Kind::dead_letter) << "it may be what that system died over";
    auto refused = failed(Failure::rejected);
    refused.external_outage = true;
    EXPECT_EQ(decided(refused).kind, Finish::Kind::dead_letter);
}

TEST_F(Decide, CancelledCountsNothing) {
    of.counted_failures = 4;
    EXPECT_FALSE(decided(failed(Failure::cancelled), false, true).counts);
    EXPECT_EQ(decided(failed(Failure::cancelled), false, true).available_at_ms, now_ms);
    EXPECT_EQ(decided(failed(Failure::cancelled)).available_at_ms, now_ms + policy.base_ms)
        << "a handler that cancels itself must not spin";
}

}  // namespace
}  // namespace sluice::delivery::testing
