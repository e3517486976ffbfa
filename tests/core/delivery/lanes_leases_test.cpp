// Ends that the journal cannot take, and leases of what runs: kept alive, lost, given up.

#include <future>

#include "tests/core/delivery/engine_script.hpp"
#include "tests/core/delivery/lanes_fixture.hpp"
#include "tests/core/journal/forwarding_journal.hpp"

namespace sluice::delivery::testing {
namespace {

using Kind = journal::Finish::Kind;
using Lanes = LanesTest;

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
                               dispatcher->resume("nobody");  // only so that it looks at the clock
                           }));
    EXPECT_EQ(looked, 1);
    dispatcher.reset();
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

TEST_F(Lanes, AnEndedDeliveryHasNoLeaseAnyMore) {
    append("a");
    start({connector("shop", 1, [](const journal::Claim&) { return Verdict{}; })});
    ASSERT_TRUE(wait_for(Kind::done, 1));
    ASSERT_TRUE(watch.wait([&] { return dispatcher->status().at(0).running == 0; }, [] {}));
    const auto operations = [&] { return journal->statistics().operations; };
    for (int i = 0; i < 2; ++i) {
        const auto before = operations();
        clock.advance(Dispatcher::renewal_ms);
        ASSERT_TRUE(watch.wait([&] { return operations() > before; }, [&] { dispatcher->notify("shop"); }));
    }
    dispatcher.reset();
    EXPECT_TRUE(lost.empty()) << "nothing to keep, so nothing to lose";
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
    EXPECT_TRUE(wait_for(Kind::done, 1));
    dispatcher.reset();  // before what its handlers use, also where it failed
    EXPECT_EQ(made, 2) << "a handler that was cancelled handles nothing any more";
    EXPECT_EQ(only_event().counted_failures, 1) << "the attempt whose lease was lost";
    EXPECT_TRUE(paused.empty());
}

}  // namespace
}  // namespace sluice::delivery::testing
