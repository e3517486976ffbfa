#include <future>

#include "tests/core/delivery/engine_script.hpp"
#include "tests/core/delivery/lanes_fixture.hpp"
#include "tests/core/journal/forwarding_journal.hpp"

namespace sluice::delivery::testing {
namespace {

using ::testing::Contains;
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

/// A journal whose disk is full now and then.
class FullDisk final : public journal::testing::ForwardingJournal {
public:
    using ForwardingJournal::ForwardingJournal;
    std::atomic<int> failing_claims = 0, failing_finishes = 0;

    Result<std::vector<journal::Claim>> claim(const std::vector<journal::Seq>& seqs, const journal::LeaseTerms& terms,
                                              std::int64_t now_ms) override {
        if (failing_claims > 0 && failing_claims-- > 0) return fail(Failure::retry, "no space left");
        return journal_.claim(seqs, terms, now_ms);
    }
    std::vector<Result<void>> finish_all(const std::vector<journal::Ending>& endings, std::int64_t now_ms) override {
        if (failing_finishes > 0 && failing_finishes-- > 0)
            return std::vector<Result<void>>(endings.size(), fail(Failure::retry, "no space left"));
        return journal_.finish_all(endings, now_ms);
    }
};

TEST_F(Lanes, AFullDiskIsWaitedForWithoutAnotherDelivery) {
    FullDisk disk(*journal);
    disk.failing_claims = 2;
    disk.failing_finishes = 2;
    used_journal = &disk;
    append("a");
    std::atomic<int> deliveries = 0;
    start({connector("shop", 1, [&](const journal::Claim&) {
        ++deliveries;
        return Verdict{};
    })});
    ASSERT_TRUE(wait_for(Kind::done, 1));
    EXPECT_EQ(deliveries, 1);
    EXPECT_EQ(journal_failures.size(), 4U);
    dispatcher.reset();
}

TEST_F(Lanes, AnEndThatTheJournalCannotTakeIsGivenUpAtTheStop) {
    FullDisk disk(*journal);
    disk.failing_finishes = 1'000'000;
    used_journal = &disk;
    append("a");
    start({connector("shop", 1, [](const journal::Claim&) { return Verdict{}; })});
    ASSERT_TRUE(watch.wait([&] { return !journal_failures.empty(); }));
    EXPECT_FALSE(dispatcher->drain(0));
    dispatcher.reset();
    EXPECT_EQ(only_event().state, journal::EventState::claimed);
    reopen();
    EXPECT_TRUE(only_event().attempt_unknown);
    EXPECT_EQ(only_event().state, journal::EventState::ready);
}

TEST_F(Lanes, WhatARemovedConnectorGaveUpIsTakenBackWhenItsLeaseEnds) {
    FullDisk disk(*journal);
    disk.failing_finishes = 1'000'000;
    used_journal = &disk;
    append("a");
    std::atomic<int> looked = 0;
    const auto run = connector("shop", 1, [&](const journal::Claim& claim) {
        looked += claim.event.attempt_unknown ? 1 : 0;
        return Verdict{};
    });
    start({run});
    ASSERT_TRUE(watch.wait([&] { return !journal_failures.empty(); }));
    EXPECT_FALSE(dispatcher->remove({"shop"}, 0));
    disk.failing_finishes = 0;
    dispatcher->add(run);
    // Nobody renews it any more, and the host need not start anew for it.
    ASSERT_TRUE(watch.wait([&] { return ends[Kind::done] == 1; },
                           [&] {
                               clock.advance(Dispatcher::renewal_ms);
                               dispatcher->notify("shop");
                           }));
    EXPECT_EQ(looked, 1);
    dispatcher.reset();
}

class BatchHandler final : public Handler {
public:
    using Handle = std::function<std::vector<Verdict>(const std::vector<journal::Claim>&)>;
    explicit BatchHandler(Handle handle) : handle_(std::move(handle)) {}
    Verdict handle(const journal::Claim& claim) override { return handle_({claim}).at(0); }
    std::vector<Verdict> handle_batch(const std::vector<journal::Claim>& claims) override { return handle_(claims); }
    void cancel() override {}

private:
    Handle handle_;
};

TEST_F(Lanes, ABatchIsOneDeliveryWithAVerdictForEach) {
    for (const auto* id : {"a", "b", "c"}) append(id, id);
    std::vector<std::size_t> sizes;
    auto run = connector("shop", 1, {});
    run.plan.flows["order"].batch_max = 3;
    run.make_handler = [&]() -> Result<std::unique_ptr<Handler>> {
        return std::make_unique<BatchHandler>([&](const std::vector<journal::Claim>& claims) {
            return watch.change([&] {
                sizes.push_back(claims.size());
                std::vector<Verdict> verdicts(claims.size());
                for (std::size_t i = 0; i < claims.size(); ++i)
                    if (claims[i].event.event_id == "b") verdicts[i] = failed(Failure::rejected);
                return verdicts;
            });
        });
    };
    const auto before = journal->statistics().commits;
    start({run});
    ASSERT_TRUE(wait_for(Kind::done, 2));
    ASSERT_TRUE(wait_for(Kind::dead_letter, 1));
    EXPECT_EQ(last_end["b"].kind, Kind::dead_letter);
    EXPECT_EQ(sizes, std::vector<std::size_t>{3});
    EXPECT_LE(journal->statistics().commits - before, 4) << "one for the claims; three ends share what they can";
}

TEST_F(Lanes, ABatchThatThrowsOrLosesVerdictsIsAFailureOfEach) {
    for (const auto* id : {"a", "b"}) append(id, id);
    policy.limit = 1;
    auto run = connector("shop", 1, {});
    run.plan.flows["order"].batch_max = 2;
    run.make_handler = []() -> Result<std::unique_ptr<Handler>> {
        return std::make_unique<BatchHandler>([](const auto&) { return std::vector<Verdict>(1); });
    };
    start({run});
    ASSERT_TRUE(wait_for(Kind::dead_letter, 2));
    EXPECT_TRUE(last_end["a"].unknown);
    EXPECT_THAT(last_end["b"].message, HasSubstr("1 verdicts on 2 events"));
}

/// Refuses the ends of one event for good, and those of another once, as a full disk does.
class RefusedEnds final : public journal::testing::ForwardingJournal {
public:
    RefusedEnds(Journal& journal, int for_good, int once)
        : ForwardingJournal(journal), for_good_{for_good}, once_{once} {}
    std::vector<Result<void>> finish_all(const std::vector<journal::Ending>& endings, std::int64_t now_ms) override {
        std::vector<Result<void>> outcomes;
        for (const auto& ending : endings) {
            if (ending.lease.seq == for_good_) {
                outcomes.emplace_back(fail(Failure::invalid, "a broken rule"));
            } else if (ending.lease.seq == once_ && !std::exchange(refused_, true)) {
                outcomes.emplace_back(fail(Failure::retry, "the disk is full"));
            } else {
                outcomes.push_back(ForwardingJournal::finish_all({ending}, now_ms).at(0));
            }
        }
        return outcomes;
    }

private:
    const journal::Seq for_good_, once_;
    bool refused_ = false;
};

struct RefusedBatch : Lanes {
    void deliver_two(RefusedEnds& refusing) {
        used_journal = &refusing;
        for (const auto* id : {"a", "b"}) append(id, id);
        auto run = connector("shop", 1, {});
        run.plan.flows["order"].batch_max = 2;
        run.make_handler = []() -> Result<std::unique_ptr<Handler>> {
            return std::make_unique<BatchHandler>(
                [](const std::vector<journal::Claim>& claims) { return std::vector<Verdict>(claims.size()); });
        };
        start({run});
        EXPECT_TRUE(wait_for(Kind::done, 1)) << "tried again, though the other is given up";
        EXPECT_TRUE(watch.wait([&] { return paused == "a broken rule"; }));
        dispatcher.reset();
    }
};

TEST_F(RefusedBatch, AnEndThatIsRefusedForGoodTakesTheOneBeforeItNotWithIt) {
    RefusedEnds refusing(*journal, 2, 1);
    deliver_two(refusing);
    EXPECT_TRUE(last_end.contains("a"));
}

TEST_F(RefusedBatch, NorTheOneAfterIt) {
    RefusedEnds refusing(*journal, 1, 2);
    deliver_two(refusing);
    EXPECT_TRUE(last_end.contains("b"));
}

TEST_F(Lanes, AnEmittedEventThatTheJournalRefusesIsADeadLetterOfItsEmitterAndPausesNobody) {
    append("a");
    std::atomic<int> deliveries = 0;
    start({connector("shop", 1, [&](const journal::Claim&) {
        ++deliveries;
        Verdict verdict;
        verdict.emitted.push_back({.connector = "shop",
                                   .event_id = "b",
                                   .flow = "order",
                                   .ordering_key = std::string(journal::max_event_text_bytes, 'k')});
        return verdict;
    })});
    ASSERT_TRUE(wait_for(Kind::dead_letter, 1));
    EXPECT_EQ(deliveries, 1);
    EXPECT_THAT(last_end["a"].message, HasSubstr("handled, but its end cannot be journalled: "));
    EXPECT_TRUE(last_end["a"].unknown) << "what it did elsewhere stands";
    EXPECT_EQ(journal_failures.size(), 1U);
    dispatcher->drain(0);
    EXPECT_TRUE(paused.empty());
    EXPECT_EQ(only_event().state, journal::EventState::dead);
}

TEST_F(Lanes, ALeaseIsKeptAliveWhileItsDeliveryRuns) {
    std::promise<void> release;
    auto released = release.get_future().share();
    std::atomic<bool> begun = false;
    append("a");
    start({connector("shop", 1, [&, released](const journal::Claim&) {
        begun = true;
        released.wait();
        return Verdict{};
    })});
    ASSERT_TRUE(watch.wait([&] { return begun.load(); }, [] {}));
    // Longer than a lease: in steps, between which the dispatcher looks at the clock.
    const auto operations = [&] { return journal->statistics().operations; };
    for (int i = 0; i < 4; ++i) {
        const auto before = operations();
        clock.advance(Dispatcher::renewal_ms);
        ASSERT_TRUE(watch.wait([&] { return operations() >= before + 2; }, [&] { dispatcher->notify("shop"); }));
    }
    EXPECT_TRUE(journal->expire_leases("another host", clock.now_ms()).value().empty());
    release.set_value();
    ASSERT_TRUE(wait_for(Kind::done, 1));
    EXPECT_TRUE(lost.empty());
}

TEST_F(Lanes, WhoseLeaseIsLostHasNoSayAndTheNextAttemptLooks) {
    std::promise<void> release;
    auto released = release.get_future().share();
    std::atomic<bool> begun = false;
    std::vector<bool> looked;
    append("a");
    start({connector("shop", 1, [&, released](const journal::Claim& claim) {
        watch.change([&] { looked.push_back(claim.event.attempt_unknown); });
        begun = true;
        if (claim.attempt == 1) released.wait();
        Verdict verdict;
        verdict.outcome = "attempt " + std::to_string(claim.attempt);
        return verdict;
    })});
    ASSERT_TRUE(watch.wait([&] { return begun.load(); }, [] {}));
    ASSERT_EQ(journal->expire_leases("another host", clock.now_ms() + Dispatcher::lease_ms + 1).value().size(), 1U);
    release.set_value();
    ASSERT_TRUE(wait_for(Kind::done, 1));
    EXPECT_EQ(only_event().outcome, "attempt 2");
    EXPECT_EQ(looked, (std::vector<bool>{false, true}));
    EXPECT_EQ(lost, (std::vector<journal::Lease>{{.seq = journal::Seq{1}, .token = 1}}));
    EXPECT_TRUE(paused.empty()) << "nothing is wrong with the connector";
}

TEST_F(Lanes, ADeliveryWhoseLeaseIsLostIsCancelledAndItsLaneGoesOnWithANewHandler) {
    std::promise<void> cancelled;
    auto is_cancelled = cancelled.get_future().share();
    std::atomic<bool> begun = false;
    std::atomic<int> made = 0;
    append("a");
    auto run = connector("shop", 1, {});
    run.make_handler = [&]() -> Result<std::unique_ptr<Handler>> {
        const bool first = ++made == 1;
        return std::make_unique<FunctionHandler>(
            [&, first](const journal::Claim&) {
                begun = true;
                if (first) is_cancelled.wait();
                return first ? failed(Failure::cancelled) : Verdict{};
            },
            [&, first] {
                if (first) cancelled.set_value();
            });
    };
    start({run});
    ASSERT_TRUE(watch.wait([&] { return begun.load(); }, [] {}));
    ASSERT_EQ(journal->expire_leases("another host", clock.now_ms() + Dispatcher::lease_ms + 1).value().size(), 1U);
    clock.advance(Dispatcher::renewal_ms);
    dispatcher->notify("shop");
    ASSERT_TRUE(wait_for(Kind::done, 1));
    EXPECT_EQ(made, 2) << "a handler that was cancelled handles nothing any more";
    EXPECT_EQ(only_event().counted_failures, 1) << "the attempt whose lease was lost";
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
