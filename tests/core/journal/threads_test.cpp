// Many callers, few commits.

#include <gmock/gmock.h>

#include <atomic>
#include <latch>
#include <thread>

#include "core/journal/sqlite/deliveries.hpp"
#include "core/journal/sqlite/interventions.hpp"
#include "core/journal/sqlite/leases.hpp"
#include "core/journal/sqlite/reads.hpp"
#include "core/journal/sqlite/retention.hpp"
#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::journal::testing {
namespace {

using Threads = JournalTest;

TEST_F(Threads, CallersShareCommits) {
    constexpr int callers = 32, each = 20;
    const auto before = journal_->statistics();
    std::latch start(callers);
    std::vector<std::thread> threads;
    for (int caller = 0; caller < callers; ++caller) {
        threads.emplace_back([&, caller] {
            start.arrive_and_wait();
            for (int i = 0; i < each; ++i) {
                EXPECT_TRUE(journal_->append({event(std::to_string(caller) + "/" + std::to_string(i))}));
            }
        });
    }
    for (auto& thread : threads) thread.join();
    const auto after = journal_->statistics();
    EXPECT_EQ(after.operations - before.operations, callers * each);
    EXPECT_LT(after.commits - before.commits, callers * each / 2);
    EXPECT_EQ(journal_->counts("shop")->ready, callers * each);
}

TEST_F(Threads, AThousandProducersAreEachToldTheTruth) {
    constexpr int producers = 1'000;
    std::latch told(producers);
    std::atomic<int> fresh = 0, repeats = 0;
    std::vector<std::thread> threads;
    for (int part = 0; part < 8; ++part) {
        threads.emplace_back([&, part] {
            for (int i = part; i < producers; i += 8) {
                // Every event is sent twice, and every fourth ordering key is shared.
                journal_->append_async({event("e" + std::to_string(i / 2), std::to_string(i / 8))}, [&](auto appended) {
                    if (appended) ++(appended->front().duplicate ? repeats : fresh);
                    told.count_down();
                });
            }
        });
    }
    for (auto& thread : threads) thread.join();
    told.wait();
    EXPECT_EQ(fresh, producers / 2);
    EXPECT_EQ(repeats, producers / 2);
    const auto counts = journal_->counts("shop").value();
    EXPECT_EQ(counts.ready, producers / 8);
    EXPECT_EQ(counts.ready + counts.waiting, producers / 2);
}

TEST_F(Threads, ManyClaimersOneWinnerEachAndReadersSeeWholeCommits) {
    constexpr int events = 60;
    std::vector<Seq> all;
    for (int i = 0; i < events; ++i) all.push_back(append(event("e" + std::to_string(i), std::to_string(i % 20))));
    std::atomic<int> finished = 0;
    std::vector<std::thread> threads;
    for (int lane = 0; lane < 6; ++lane) {
        threads.emplace_back([&] {
            while (finished < events) {
                const auto candidates = journal_->ready("shop", "order", clock_.now_ms(), 10).value();
                for (const auto& candidate : candidates) {
                    const auto claimed = journal_->claim({candidate.seq}, {}, clock_.now_ms()).value();
                    if (claimed.empty()) continue;
                    auto end = done();
                    end.emitted = {event("f" + claimed.front().event.event_id)};
                    end.emitted[0].connector = "other";
                    EXPECT_TRUE(journal_->finish(claimed.front().lease(), end, clock_.now_ms()));
                    ++finished;
                }
                const auto counts = journal_->counts("").value();
                EXPECT_GE(counts.done, 0);
                // Never an event that is done without what it emitted: both came in one commit.
                EXPECT_EQ(counts.ready + counts.waiting + counts.claimed + counts.done, events + counts.done);
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(finished, events);
    for (const Seq seq : all) EXPECT_EQ(show(seq).attempts.size(), 1U);
    EXPECT_EQ(journal_->counts("other")->ready, events);
}

TEST_F(Threads, NoOperationReadsAllEvents) {
    journal_.reset();
    auto database = sqlite::Database::open(file());
    ASSERT_TRUE(database);
    const auto ok = [](const auto& result) { EXPECT_TRUE(result) << result.error().message; };
    const sqlite::Sealer plain;
    auto newer = event("c", "8");
    newer.coalesce = true;
    const auto claims = [&](int seq) { ok(sqlite::claim(*database, plain, {Seq{seq}}, {}, 0)); };
    ok(sqlite::append(*database, plain, {event("a", "7"), event("b", "7"), newer}, 0));
    claims(1);
    ok(sqlite::finish(*database, plain, {.seq = Seq{1}, .token = 1}, dead(true), 0));
    ok(sqlite::replay(*database, Seq{1}, "admin", 0));
    claims(1);
    ok(sqlite::renew(*database, {{.seq = Seq{1}, .token = 2}}, 0));
    ok(sqlite::expire_leases(*database, "another", 1));
    claims(1);
    ok(sqlite::recover_claims(*database, 0));
    claims(1);
    ok(sqlite::finish(*database, plain, {.seq = Seq{1}, .token = 4}, done(), 0));
    ok(sqlite::shift_available(*database, 1'000, 0));
    ok(sqlite::erase(*database,
                     {.connector = "shop", .flow = "order", .contents_before_ms = 1, .events_before_ms = 1}));
    ok(sqlite::ready(*database, "shop", "order", 0, 10));
    ok(sqlite::next_available(*database, "shop", "order", 0));
    ok(sqlite::show(*database, plain, Seq{1}));
    ok(sqlite::counts(*database, "shop"));
    ok(sqlite::flow_counts(*database, "shop"));
    ok(sqlite::list(*database, {.connector = "shop", .state = EventState::dead}));
    ok(sqlite::list(*database, {.connector = "shop", .flow = "order", .state = EventState::dead, .fingerprint = "1"}));

    const auto statements = database->prepared();
    EXPECT_GT(statements.size(), 15U);
    for (const auto& statement : statements) {
        std::string steps;
        {
            auto rows = database->query("EXPLAIN QUERY PLAN " + statement);
            ASSERT_TRUE(rows);
            while (rows->next().value()) steps += rows->bytes(3) + "\n";
        }
        EXPECT_THAT(steps, ::testing::Not(::testing::HasSubstr("SCAN events\n"))) << statement;
        EXPECT_THAT(steps, ::testing::Not(::testing::HasSubstr("TEMP B-TREE FOR ORDER BY"))) << statement;
    }
}

}  // namespace
}  // namespace sluice::journal::testing
