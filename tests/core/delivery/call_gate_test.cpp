#include "core/delivery/call_gate.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "core/base/timestamp.hpp"
#include "tests/core/delivery/lanes_fixture.hpp"
#include "tests/core/delivery/rate_checks.hpp"

namespace sluice::delivery::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FakeStore final : public QuotaStore {
public:
    std::map<std::string, std::vector<Spent>> kept;
    std::atomic<bool> broken = false;
    int saves = 0;
    std::function<void()> while_saving = [] {};

    Result<std::vector<Spent>> load(const std::string& name) override {
        if (broken) return fail(Failure::retry, "the file cannot be read");
        return kept[name];
    }
    Result<void> save(const std::string& name, const std::vector<Spent>& spent) override {
        if (broken) return fail(Failure::retry, "the disk is full");
        while_saving();
        ++saves;
        kept[name] = spent;
        return {};
    }
};

struct CallGateTest : ::testing::Test {
    SharedClock clock;
    FakeStore store;
    const std::atomic<bool> not_cancelled = false;
    std::optional<CallGate> gate;

    void make(CallGate::Limits limits) { gate.emplace("the shop", "connector.shop", clock, std::move(limits), &store); }
    Result<CallGate::Permit> acquire(const std::string& connector = "shop") {
        return gate->acquire(connector, not_cancelled);
    }
    void wait_for_waiting(int waiting) const {
        while (gate->status().waiting != waiting) std::this_thread::yield();
    }
    /// So many times as many calls at once as may be under way, each of 10 ms.
    void call(int times) {
        for (int i = 0; i < times; ++i) {
            std::vector<CallGate::Permit> calls;
            do calls.push_back(acquire().value());
            while (gate->status().running < gate->status().limit);
            clock.advance(10);
            for (auto& one : calls) one.answered("partner.read");
        }
    }
    /// Time passes and everybody looks.
    void advance(std::int64_t delta_ms) {
        clock.advance(delta_ms);
        gate->wake();
    }
};

TEST_F(CallGateTest, WithoutLimitsEveryCallGoesAtOnce) {
    make({});
    std::vector<CallGate::Permit> permits;
    for (int i = 0; i < 100; ++i) permits.push_back(acquire().value());
    EXPECT_EQ(gate->status().running, 100);
    permits.clear();
    EXPECT_EQ(gate->status().running, 0);
}

TEST_F(CallGateTest, ACallWaitsForItsTurn) {
    make({.rates = {.per_second = 1}});
    acquire().value().answered("");
    clock.advance(100);
    std::thread lane([&] {
        const auto permit = acquire();
        ASSERT_TRUE(permit) << permit.error().message;
        EXPECT_EQ(permit->waited_ms(), 950);
    });
    wait_for_waiting(1);
    advance(950);
    lane.join();
}

TEST_F(CallGateTest, ACallThatGetsNoTurnWithinASecondIsRateLimited) {
    make({.rates = {.concurrent = 1}});
    const auto running = acquire();
    std::thread lane([&] {
        const auto refused = acquire();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().failure, Failure::rate_limited);
        EXPECT_GT(refused.error().retry_after_ms, 0);
        EXPECT_FALSE(refused.error().disconnected);
        EXPECT_THAT(refused.error().message, HasSubstr("the shop"));
    });
    wait_for_waiting(1);
    advance(999);
    EXPECT_EQ(gate->status().waiting, 1) << "it waits on";
    advance(1);
    lane.join();
}

TEST_F(CallGateTest, WhereASecondWouldNotHelpNobodyWaits) {
    make({.rates = {.per_day = 1}});
    acquire().value().answered("");
    const auto refused = acquire();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, Failure::rate_limited);
    EXPECT_GT(refused.error().retry_after_ms, 23 * 3'600'000);
    EXPECT_THAT(refused.error().message, HasSubstr("its limit a day is used up"));
}

TEST_F(CallGateTest, CancelEndsTheWait) {
    make({.rates = {.concurrent = 1}});
    const auto running = acquire();
    std::atomic<bool> cancelled = false;
    std::thread lane([&] {
        const auto ended = gate->acquire("shop", cancelled);
        ASSERT_FALSE(ended);
        EXPECT_EQ(ended.error().failure, Failure::cancelled);
    });
    wait_for_waiting(1);
    cancelled = true;
    gate->wake();
    lane.join();
    EXPECT_EQ(gate->status().waiting, 0);
}

TEST_F(CallGateTest, ARefusalClosesForEveryLane) {
    make({});
    auto first = acquire().value();
    auto second = acquire().value();
    first.refused(30'000);
    second.answered("");
    const auto refused = acquire("another connector of the same account");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, Failure::rate_limited);
    EXPECT_EQ(refused.error().retry_after_ms, 30'000);
    EXPECT_EQ(gate->status().closed_for_ms, 30'000);
    EXPECT_EQ(gate->status().closed_because, "it asked to wait");
    clock.advance(30'000);
    EXPECT_TRUE(acquire());
}

TEST_F(CallGateTest, AnAnswerInBetweenEndsARowOfRefusals) {
    make({});
    const auto refusal_closes_ms = [&] {
        clock.advance(1);
        acquire().value().refused(-1);
        const auto closed_ms = gate->status().closed_for_ms;
        clock.advance(closed_ms + 1);
        return closed_ms;
    };
    EXPECT_EQ(refusal_closes_ms(), 1'000);
    EXPECT_EQ(refusal_closes_ms(), 2'000);
    acquire().value().answered("");
    EXPECT_EQ(refusal_closes_ms(), 1'000);
}

TEST_F(CallGateTest, AnAnswerThatAsksToWaitInItsBodyClosesToo) {
    make({});
    acquire().value().answered("");
    gate->asked_to_wait(5'000);
    EXPECT_FALSE(acquire());
    clock.advance(5'000);
    EXPECT_TRUE(acquire());
}

TEST_F(CallGateTest, AWallClockSetBackLocksNothing) {
    make({.rates = {.per_second = 1, .per_day = 2}});
    acquire().value().answered("");
    clock.set_back(10LL * 24 * 3'600'000);
    clock.advance(1'010);
    EXPECT_TRUE(acquire());
    clock.advance(25LL * 3'600'000);
    EXPECT_TRUE(acquire());
}

TEST_F(CallGateTest, LanesTogetherNeverExceedTheRateOfTheAccount) {
    constexpr int lanes = 8, rate = 10;
    make({.rates = {.per_second = rate}});
    std::mutex mutex;
    std::vector<std::int64_t> arrivals;  // what a server would count
    std::atomic<bool> stop = false;
    std::vector<std::thread> threads;
    for (int lane = 0; lane < lanes; ++lane) {
        threads.emplace_back([&, connector = "shop" + std::to_string(lane % 2)] {
            while (!stop) {
                auto permit = gate->acquire(connector, stop);
                if (!permit) continue;
                const std::scoped_lock lock(mutex);
                arrivals.push_back(permit->began_ms());
                permit->answered("");
            }
        });
    }
    const auto begun_ms = clock.steady_ms();
    const auto arrived = [&] {
        const std::scoped_lock lock(mutex);
        return arrivals.size();
    };
    while (arrived() < 200) {
        advance(7);
        std::this_thread::yield();
    }
    stop = true;
    gate->wake();
    for (auto& thread : threads) thread.join();
    EXPECT_LE(most_within(arrivals, 1'000), rate);
    EXPECT_GE(clock.steady_ms() - begun_ms, 19'000) << "200 calls at 10 a second";
}

TEST_F(CallGateTest, ConcurrentCallsNeverExceedTheirLimitUnderManyThreads) {
    gate.emplace("the shop", "x", system_clock(), CallGate::Limits{.rates = {.concurrent = 3}});
    std::atomic<int> running = 0, most = 0, done = 0;
    std::vector<std::thread> threads;
    for (int lane = 0; lane < 16; ++lane) {
        threads.emplace_back([&] {
            for (int i = 0; i < 200;) {
                const auto permit = acquire();
                if (!permit) continue;  // a machine that is slow: it comes again
                const int now = ++running;
                for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
                }
                std::this_thread::yield();
                --running;
                ++done;
                ++i;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_LE(most, 3);
    EXPECT_EQ(done, 16 * 200);
    EXPECT_EQ(gate->status().running, 0);
    EXPECT_EQ(gate->status().waiting, 0);
}

TEST_F(CallGateTest, AConnectorWithManyLanesLetsOneWithASingleLanePass) {
    make({.rates = {.concurrent = 1}});
    std::optional<CallGate::Permit> running(acquire("busy").value());
    std::mutex mutex;
    std::vector<std::string> order;
    std::vector<std::thread> lanes;
    for (const auto* connector : {"busy", "busy", "small"}) {
        lanes.emplace_back([&, connector] {
            const auto permit = acquire(connector);
            ASSERT_TRUE(permit) << permit.error().message;
            const std::scoped_lock lock(mutex);
            order.emplace_back(connector);
        });
        wait_for_waiting(static_cast<int>(lanes.size()));
    }
    running.reset();
    for (auto& lane : lanes) lane.join();
    EXPECT_THAT(order, ElementsAre("small", "busy", "busy"));
}

TEST_F(CallGateTest, TheDaysCountOutlivesARestart) {
    make({.rates = {.per_day = 5}});
    for (int i = 0; i < 3; ++i) acquire().value().answered("");
    clock.advance(3'600'000);
    make({.rates = {.per_day = 5}});
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(acquire());
    EXPECT_FALSE(acquire());
    clock.advance(24LL * 3'600'000);
    EXPECT_TRUE(acquire());
}

TEST_F(CallGateTest, ManyCallsADayCostFewWrites) {
    make({.rates = {.per_day = 100'000}});
    for (int i = 0; i < 2'000; ++i) acquire().value().answered("");
    EXPECT_EQ(store.saves, 2);
}

TEST_F(CallGateTest, NoCallBeginsBeforeItsCountIsDurable) {
    make({.rates = {.per_day = 5}});
    acquire("shop").value().answered("");
    std::atomic<bool> saving = false, durable = false, early = false;
    store.while_saving = [&] {
        saving = true;
        saving.notify_all();
        durable.wait(false);
    };
    const auto lane = [&](const std::string& connector) {
        return std::thread([&, connector] {
            const auto permit = acquire(connector);
            ASSERT_TRUE(permit) << permit.error().message;
            if (!durable) early = true;
        });
    };
    auto first = lane("shop");
    saving.wait(false);
    auto second = lane("outlet");  // its turn is before that of the connector that was served
    while (gate->status().waiting != 2 && !early) std::this_thread::yield();
    EXPECT_FALSE(early);
    durable = true;
    durable.notify_all();
    first.join();
    second.join();
    EXPECT_FALSE(early);
}

TEST_F(CallGateTest, NoCallBeginsThatCouldNotBeCounted) {
    const auto expect_refusal = [&](std::string_view why) {
        const auto refused = acquire();
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().failure, Failure::rate_limited);
        EXPECT_THAT(refused.error().message, HasSubstr(why));
    };
    store.kept["connector.shop"] = {{.until_ms = clock.now_ms(), .calls = 3}};
    store.broken = true;
    make({.rates = {.per_day = 5}});
    for (int i = 0; i < 2; ++i) expect_refusal("the file cannot be read");
    store.broken = false;
    ASSERT_TRUE(acquire());
    store.broken = true;
    for (int i = 0; i < 2; ++i) expect_refusal("the disk is full");
    store.broken = false;
    ASSERT_TRUE(acquire());
    expect_refusal("its limit a day is used up");
    EXPECT_EQ(gate->status().waiting, 0);
}

TEST_F(CallGateTest, OfficeHoursLowerTheCeiling) {
    const auto monday_ms = parse_rfc3339("2026-01-05T03:00:00Z").value();
    clock.set_back(clock.now_ms() - monday_ms);
    make({.ceiling = CallCeiling{
              .max_concurrent = 8,
              .lowered = CallCeiling::Lowered{
                  .hours = schedule::WeeklyHours::parse("mon-fri", "08:00", "18:00", "Europe/Berlin").value(),
                  .max_concurrent = 1}}});
    EXPECT_EQ(gate->status().ceiling, 8);
    call(300);
    EXPECT_EQ(gate->status().limit, 8);
    std::optional<CallGate::Permit> first(acquire().value()), second(acquire().value());
    clock.advance(5 * 3'600'000);  // 09:00 in Berlin
    EXPECT_EQ(gate->status().ceiling, 1);
    EXPECT_EQ(gate->status().limit, 1);
    EXPECT_EQ(gate->status().running, 2) << "what is under way may end";
    first.reset();
    EXPECT_GT(gate->wait_ms(), 0);
    second.reset();
    EXPECT_EQ(gate->wait_ms(), 0);
    call(1);
    clock.advance(10 * 3'600'000);  // 19:00
    EXPECT_EQ(gate->status().ceiling, 8);
    EXPECT_EQ(gate->status().limit, 1) << "it rises step by step";
    call(300);
    EXPECT_EQ(gate->status().limit, 8);
}

TEST_F(CallGateTest, OverloadsHalveAndCalmGrows) {
    make({.ceiling = CallCeiling{}});
    call(300);
    EXPECT_EQ(gate->status().limit, CallCeiling::default_max_concurrent);
    clock.advance(1);
    acquire().value().overloaded();
    EXPECT_EQ(gate->status().limit, CallCeiling::default_max_concurrent / 2);
}

TEST_F(CallGateTest, ASchedulerIsToldHowLongACallWouldCertainlyWait) {
    make({.rates = {.per_minute = 1}});
    EXPECT_EQ(gate->wait_ms(), 0);
    acquire().value().answered("");
    EXPECT_GE(gate->wait_ms(), 60'000);
    clock.advance(60'600);
    EXPECT_EQ(gate->wait_ms(), 0);
}

TEST_F(CallGateTest, AReloadKeepsWhatWasCounted) {
    make({.rates = {.per_minute = 2}});
    acquire().value().answered("");
    gate->configure({.rates = {.per_minute = 1}});
    EXPECT_FALSE(acquire());
    gate->configure({});
    EXPECT_TRUE(acquire());
}

}  // namespace
}  // namespace sluice::delivery::testing
