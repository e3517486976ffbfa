#include <future>

#include "tests/core/delivery/engine_script.hpp"
#include "tests/core/delivery/lanes_fixture.hpp"

namespace sluice::delivery::testing {
namespace {

using ::testing::HasSubstr;
using Kind = journal::Finish::Kind;
using Lanes = LanesTest;

TEST_F(Lanes, EightLanesKeepTheOrderOfEveryKey) {
    constexpr int events = 240, keys = 24;
    std::map<std::string, std::vector<std::int64_t>> handled;
    std::map<std::string, int> busy;
    int together = 0, most_together = 0;
    for (int i = 0; i < events; ++i) append(std::to_string(i), std::to_string(i % keys));
    const auto before = journal->statistics();
    start({connector("shop", 8, [&](const journal::Claim& claim) {
        watch.change([&] {
            EXPECT_EQ(++busy[claim.event.ordering_key], 1) << "two of one key at once";
            handled[claim.event.ordering_key].push_back(journal::to_int(claim.event.seq));
            most_together = std::max(most_together, ++together);
        });
        // Others get their turn, so that deliveries do meet.
        if (journal::to_int(claim.event.seq) <= 8) watch.wait([&] { return most_together >= 4; });
        return watch.change([&] {
            --busy[claim.event.ordering_key];
            --together;
            return Verdict{};
        });
    })});
    ASSERT_TRUE(wait_for(Kind::done, events));
    EXPECT_TRUE(dispatcher->drain(60'000));
    for (const auto& [key, seqs] : handled) {
        EXPECT_EQ(seqs.size(), static_cast<std::size_t>(events / keys));
        EXPECT_TRUE(std::ranges::is_sorted(seqs)) << key;
    }
    const auto after = journal->statistics();
    EXPECT_GE(after.operations - before.operations, 2 * events);
    EXPECT_LT(after.commits - before.commits, 2 * events) << "claims and ends of lanes share commits";
}

TEST_F(Lanes, AnExceptionIsAVerdict) {
    append("a");
    start({connector("shop", 1, [](const journal::Claim&) -> Verdict { throw std::runtime_error("out of luck"); })});
    ASSERT_TRUE(wait_for(Kind::dead_letter, 1));
    EXPECT_EQ(ends[Kind::again], policy.limit - 1);
    EXPECT_EQ(only_event().outcome, "retry: given up after 3 of 3 attempts: out of luck");
}

TEST_F(Lanes, DrainLetsWhatRunsEnd) {
    std::promise<void> begun, release;
    auto released = release.get_future().share();
    append("a");
    start({connector("shop", 1, [&, released](const journal::Claim&) {
        begun.set_value();
        released.wait();
        return Verdict{.outcome = "created"};
    })});
    begun.get_future().wait();
    auto drained = std::async(std::launch::async, [&] { return dispatcher->drain(600'000); });
    release.set_value();
    EXPECT_TRUE(drained.get());
    EXPECT_EQ(only_event().state, journal::EventState::done);
    EXPECT_EQ(only_event().outcome, "created");
    append("b");
    EXPECT_EQ(journal->counts("shop")->ready, 1) << "nothing is taken any more";
}

TEST_F(Lanes, DrainCancelsWhatOutlivesItsGrace) {
    std::promise<void> begun, cancelled;
    append("a");
    append("b");
    start({connector(
        "shop", 1,
        [&](const journal::Claim&) {
            begun.set_value();
            cancelled.get_future().wait();
            return failed(Failure::cancelled, "the host stops");
        },
        [&] { cancelled.set_value(); })});
    begun.get_future().wait();
    EXPECT_FALSE(dispatcher->drain(0));
    const auto events = journal->list({}).value();
    EXPECT_EQ(events[0].state, journal::EventState::ready);
    EXPECT_EQ(events[0].counted_failures, 0);
    EXPECT_EQ(events[0].attempts, 1);
    EXPECT_EQ(events[1].attempts, 0);
    EXPECT_TRUE(dispatcher->drain(0)) << "once is enough";
}

TEST_F(Lanes, AnOutageIsWaitedForAndNothingCounted) {
    std::atomic<bool> is_there = false;
    std::atomic<int> probes = 0;
    probe = [&](const std::string& odoo) {
        EXPECT_EQ(odoo, "main");
        if (++probes < 4) return false;
        is_there = true;
        return true;
    };
    for (int i = 0; i < 20; ++i) append(std::to_string(i));
    start({connector("shop", 4, [&](const journal::Claim&) { return is_there ? Verdict{} : outage(Failure::retry); })});
    ASSERT_TRUE(wait_for(Kind::done, 20));
    EXPECT_EQ(probes, 4);
    EXPECT_LE(ends[Kind::again], 4) << "one attempt of each lane found out";
    const auto events = journal->list({}).value();
    for (const auto& event : events) EXPECT_EQ(event.counted_failures, 0);
    EXPECT_FALSE(dispatcher->status().at(0).outage);
    EXPECT_EQ(outages, (std::vector<std::string>{"main begins", "main ends"})) << "the operator is told";
}

TEST_F(Lanes, WhatWaitsDoesNotWaitForAClockThatWasSetBackToCatchUp) {
    policy = {.base_ms = 60'000, .cap_ms = 60'000, .limit = 3, .holds_key = true};
    std::atomic<int> attempts = 0;
    append("a");
    start({connector("shop", 1, [&](const journal::Claim&) -> Verdict {
        if (++attempts > 1) return {};
        Verdict later;
        later.error = Error{.failure = Failure::retry, .message = "later"};
        return later;
    })});
    ASSERT_TRUE(watch.wait([&] { return ends[Kind::again] == 1; }));
    clock.set_back(24LL * 60 * 60 * 1'000);
    ASSERT_TRUE(wait_for(Kind::done, 1)) << "of a minute at most, not of a day";
    EXPECT_LE(clock.steady_ms() - started_ms, 10 * 60'000);
}

TEST_F(Lanes, AClockThatJumpsAheadExpiresNothingThatWaits) {
    policy = {.base_ms = 60'000, .cap_ms = 60'000, .limit = 3, .holds_key = true};
    std::atomic<int> attempts = 0;
    append("a");
    auto run = connector("shop", 1, [&](const journal::Claim&) -> Verdict {
        if (++attempts > 1) return {};
        Verdict later;
        later.error = Error{.failure = Failure::retry, .message = "later"};
        return later;
    });
    run.plan.flows["order"].deadline_ms = 3'600'000;
    start({run});
    ASSERT_TRUE(watch.wait([&] { return ends[Kind::again] == 1; }));
    clock.set_back(-24LL * 60 * 60 * 1'000);
    dispatcher->notify("shop");
    ASSERT_TRUE(watch.wait([&] { return ends[Kind::done] + ends[Kind::dead_letter] == 1; }));
    EXPECT_EQ(ends[Kind::done], 1) << last_end["a"].message;
}

TEST_F(Lanes, AConnectorIsRemovedAndAddedWhileEventsComeAndNoneIsLost) {
    std::atomic<int> by_first = 0, by_second = 0;
    start({connector("shop", 2, [&](const journal::Claim&) {
        ++by_first;
        return Verdict{};
    })});
    std::thread appending([&] {
        for (int i = 0; i < 200; ++i) append("e" + std::to_string(i), "key" + std::to_string(i % 7));
    });
    for (int round = 0; round < 5; ++round) {
        EXPECT_TRUE(dispatcher->remove({"shop"}, 60'000));
        dispatcher->add(connector("shop", 3, [&](const journal::Claim&) {
            ++by_second;
            return Verdict{};
        }));
    }
    appending.join();
    ASSERT_TRUE(wait_for(Kind::done, 200));
    EXPECT_EQ(by_first + by_second, 200) << "each once";
    EXPECT_GT(by_second, 0);
}

class LongDeliveries : public Lanes {
protected:
    /// A connector whose deliveries end when they are cancelled, and not before.
    ConnectorRun until_cancelled() {
        return connector(
            "shop", 1,
            [&](const journal::Claim&) {
                cancelled_.wait(false);
                Verdict verdict;
                verdict.error = Error{.failure = Failure::cancelled, .message = "asked to stop"};
                return verdict;
            },
            [&] {
                cancelled_ = true;
                cancelled_.notify_all();
            });
    }

private:
    std::atomic<bool> cancelled_ = false;
};

TEST_F(LongDeliveries, ARemovedConnectorsLongDeliveryIsCancelledAfterItsGrace) {
    append("a");
    start({until_cancelled()});
    ASSERT_TRUE(watch.wait([&] { return only_event().state == journal::EventState::claimed; }, [] {}));
    EXPECT_FALSE(dispatcher->remove({"shop"}, 0));
    EXPECT_TRUE(dispatcher->status().empty());
    EXPECT_EQ(only_event().counted_failures, 0);
    dispatcher->add(connector("shop", 1, [](const journal::Claim&) { return Verdict{}; }));
    EXPECT_TRUE(wait_for(Kind::done, 1));
}

TEST_F(Lanes, ConnectorsThatLeaveTogetherAreCancelledTogether) {
    // Each ends only once all are cancelled: one after the other, the first would never end.
    std::atomic<int> cancelled = 0;
    const auto until_all_are_cancelled = [&](const journal::Claim&) {
        Verdict verdict;
        verdict.error = Error{.failure = Failure::cancelled, .message = "asked to stop"};
        if (!watch.wait([&] { return cancelled == 3; })) verdict.error->message = "alone";
        return verdict;
    };
    const std::vector<std::string> names = {"shop", "outlet", "market"};
    std::vector<ConnectorRun> runs;
    for (const auto& name : names) {
        auto event = journal::testing::event("a");
        event.connector = name;
        ASSERT_TRUE(journal->append({event}));
        runs.push_back(connector(name, 1, until_all_are_cancelled, [&] { watch.change([&] { ++cancelled; }); }));
    }
    start(std::move(runs));
    const auto claimed = [&] {
        return std::ranges::count(journal->list({}).value(), journal::EventState::claimed,
                                  &journal::EventSummary::state) == 3;
    };
    ASSERT_TRUE(watch.wait(claimed, [] {}));
    EXPECT_FALSE(dispatcher->remove(names, 0));
    EXPECT_TRUE(dispatcher->status().empty());
    const auto events = journal->list({}).value();
    for (const auto& event : events) EXPECT_THAT(event.outcome, ::testing::HasSubstr("asked to stop"));
}

TEST_F(LongDeliveries, ARemovalThatIsCutShortWaitsForNobody) {
    append("a");
    start({until_cancelled()});
    ASSERT_TRUE(watch.wait([&] { return only_event().state == journal::EventState::claimed; }, [] {}));
    std::thread cutting([&] { dispatcher->cut_removals_short(); });
    EXPECT_FALSE(dispatcher->remove({"shop"}, 24LL * 60 * 60 * 1'000)) << "not a day";
    cutting.join();
}

TEST_F(Lanes, AProbeThatThrowsIsNoSignOfHealth) {
    std::atomic<int> probes = 0;
    probe = [&](const std::string&) -> bool {
        if (++probes < 3) throw std::runtime_error("no route");
        return true;
    };
    append("a");
    start(
        {connector("shop", 1, [&](const journal::Claim&) { return probes < 3 ? outage(Failure::retry) : Verdict{}; })});
    ASSERT_TRUE(wait_for(Kind::done, 1));
    EXPECT_EQ(probes, 3);
}

TEST_F(Lanes, AHandlerThatCannotBeMadePausesItsConnectorUntilItIsResumed) {
    auto run = connector("shop", 2, [](const journal::Claim&) { return Verdict{}; });
    std::atomic<bool> configured = false;
    run.make_handler = [&, make = run.make_handler]() -> Result<std::unique_ptr<Handler>> {
        if (!configured) return fail(Failure::invalid, "webhook_secret is empty");
        return make();
    };
    append("a");
    start({run});
    ASSERT_TRUE(watch.wait([&] { return !paused.empty(); }));
    EXPECT_EQ(paused, "its handler cannot be made: webhook_secret is empty");
    EXPECT_EQ(dispatcher->status().at(0).paused_because, paused);
    configured = true;
    ASSERT_TRUE(watch.wait([&] { return ends[Kind::done] == 1; }, [&] { dispatcher->resume("shop"); }));
    EXPECT_EQ(only_event().attempts, 1);
}

TEST_F(Lanes, AStateConflictIsDeliveredAgainWithTheNewVersion) {
    append("a");
    append("b");
    const auto count = [&](const journal::Claim& claim) {
        Verdict verdict;
        const auto state = journal->get_state("shop", "cursor").value();
        // The first attempt of `a` read before `b` wrote.
        const auto version = claim.event.event_id == "a" && claim.attempt == 1 ? 7 : state.version;
        verdict.state = {{.name = "cursor", .value = claim.event.event_id, .expected_version = version}};
        return verdict;
    };
    start({connector("shop", 1, count)});
    ASSERT_TRUE(wait_for(Kind::done, 2));
    EXPECT_EQ(ends[Kind::again], 1);
    EXPECT_EQ(journal->get_state("shop", "cursor")->version, 2);
    EXPECT_EQ(journal->show(journal::Seq{1}).value()->attempts.at(0).message, "state conflict: cursor");
}

TEST_F(Lanes, AnEmittedEventIsDeliveredInItsTurn) {
    append("a", "7");
    start({connector("shop", 2, [](const journal::Claim& claim) {
        Verdict verdict;
        if (claim.event.event_id == "a") verdict.emitted = {journal::testing::event("a/next", "7")};
        return verdict;
    })});
    ASSERT_TRUE(wait_for(Kind::done, 2));
    EXPECT_EQ(last_end.count("a/next"), 1U);
}

TEST_F(Lanes, AnEventThatKilledItsHostTooOftenIsNotDeliveredAgain) {
    append("a", "7");
    append("b", "7");
    for (int i = 0; i < policy.limit; ++i) {
        ASSERT_EQ(journal->claim({journal::Seq{1}}, {}, clock.now_ms())->size(), 1U);
        reopen();
    }
    policy.holds_key = false;
    start({connector("shop", 2, [](const journal::Claim& claim) {
        EXPECT_EQ(claim.event.event_id, "b");
        return Verdict{};
    })});
    ASSERT_TRUE(wait_for(Kind::done, 1));
    const auto killer = only_event();
    EXPECT_EQ(killer.state, journal::EventState::dead);
    EXPECT_THAT(killer.outcome, HasSubstr("the process died"));
    EXPECT_TRUE(paused.empty());
}

TEST_F(Lanes, StoppingWithoutWorkIsImmediate) {
    start({connector("shop", 4, [](const journal::Claim&) { return Verdict{}; })});
    EXPECT_TRUE(dispatcher->drain(0));
    Dispatcher never_started(*journal, clock, {}, {});
    EXPECT_TRUE(never_started.drain(0));
}

}  // namespace
}  // namespace sluice::delivery::testing
