// Batches on lanes: one delivery, an end for each.

#include <utility>

#include "tests/core/delivery/engine_script.hpp"
#include "tests/core/delivery/lanes_fixture.hpp"
#include "tests/core/journal/forwarding_journal.hpp"

namespace sluice::delivery::testing {
namespace {

using ::testing::HasSubstr;
using Kind = journal::Finish::Kind;
using Lanes = LanesTest;

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

}  // namespace
}  // namespace sluice::delivery::testing
