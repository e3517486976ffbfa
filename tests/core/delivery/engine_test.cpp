// Which event goes to which lane when, as scripts.

#include "tests/core/delivery/engine_script.hpp"

namespace sluice::delivery::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

TEST(Engine, LoadsThenGivesEveryFreeLaneAnEvent) {
    Script script({plan("shop", 2)});
    EXPECT_THAT(script.step(), ElementsAre("load shop 256"));
    EXPECT_THAT(script.step(), IsEmpty()) << "one load at a time";
    script.load("shop", {1, 2, 3});
    EXPECT_THAT(script.step(), ElementsAre("claim shop 1", "claim shop 2"));
    EXPECT_EQ(script.engine.running(), 2);
    script.engine.on_verdict("shop", event(2), {}, script.now_ms);
    EXPECT_THAT(script.step(), ElementsAre("finish shop 2 done done")) << "the lane is busy until the end is durable";
    script.engine.on_finished("shop", journal::Seq{2});
    EXPECT_THAT(script.step(), ElementsAre("claim shop 3", "load shop 256"));
}

TEST(Engine, AnAppendIsLoaded) {
    Script script({plan("shop")});
    script.step();
    script.load("shop", {});
    EXPECT_THAT(script.step(), IsEmpty());
    EXPECT_EQ(script.engine.wake_at(script.now_ms), std::nullopt);
    script.engine.on_appended("shop");
    EXPECT_THAT(script.step(), ElementsAre("load shop 256"));
    script.engine.on_appended("shop");  // while the answer is on its way
    script.load("shop", {});
    EXPECT_THAT(script.step(), ElementsAre("load shop 256"));
    script.engine.on_appended("unknown connector");
}

TEST(Engine, AnEventInFlightIsNotClaimedTwice) {
    Script script({plan("shop", 3)});
    script.step();
    script.load("shop", {1});
    script.step();
    script.engine.on_appended("shop");
    EXPECT_THAT(script.step(), ElementsAre("load shop 256"));
    script.load("shop", {1, 2});  // the claim of 1 was not durable yet
    EXPECT_THAT(script.step(), ElementsAre("claim shop 2"));
}

TEST(Engine, AnEventThatIsGoneFreesItsLane) {
    Script script({plan("shop", 1)});
    script.step();
    script.load("shop", {1, 2});
    EXPECT_THAT(script.step(), ElementsAre("claim shop 1"));
    script.engine.on_unclaimed("shop", journal::Seq{1});
    EXPECT_THAT(script.step(), Contains("claim shop 2"));
}

TEST(Engine, WakesForAnEventThatBecomesReadyByTime) {
    Script script({plan("shop")});
    script.step();
    script.load("shop", {}, script.now_ms + 700);
    EXPECT_THAT(script.step(), IsEmpty());
    EXPECT_EQ(script.engine.wake_at(script.now_ms), script.now_ms + 700);
    script.now_ms += 699;
    EXPECT_THAT(script.step(), IsEmpty());
    script.now_ms += 1;
    EXPECT_THAT(script.step(), ElementsAre("load shop 256"));
}

TEST(Engine, AFullAnswerIsFollowedByAnotherLoadWhenItRunsLow) {
    Script script({plan("shop", 1)});
    script.step();
    std::vector<int> seqs(Engine::window);
    for (int i = 0; i < Engine::window; ++i) seqs[static_cast<std::size_t>(i)] = i + 1;
    script.load("shop", seqs);
    for (int i = 1; i <= Engine::window; ++i) {
        const auto actions = script.step();
        EXPECT_THAT(actions, Contains(fmt::format("claim shop {}", i)));
        const bool loads = ::testing::Value(actions, Contains(StartsWith("load")));
        EXPECT_EQ(loads, i == Engine::window);
        script.engine.on_verdict("shop", event(i), {}, script.now_ms);
        script.engine.step(script.now_ms);
        script.engine.on_finished("shop", journal::Seq{i});
    }
}

TEST(Engine, AFailedLoadIsRepeatedLater) {
    Script script({plan("shop")});
    script.step();
    script.engine.on_load_failed("shop", "order", script.now_ms);
    EXPECT_THAT(script.step(), IsEmpty());
    EXPECT_EQ(script.engine.wake_at(script.now_ms), script.now_ms + Engine::load_retry_ms);
    script.now_ms += Engine::load_retry_ms;
    EXPECT_THAT(script.step(), ElementsAre("load shop 256"));
}

TEST(Engine, ConnectorsTakeTurns) {
    Script script({plan("a", 2), plan("b", 2), plan("c", 2)});
    script.step();
    script.load("a", {1, 2, 3, 4});
    script.load("b", {5, 6});
    script.load("c", {7, 8});
    std::vector<std::string> claims;
    for (const auto& line : script.step()) {
        if (line.starts_with("claim")) claims.push_back(line);
    }
    ASSERT_EQ(claims.size(), 6U);
    // Whoever begins: each has had one before any has a second.
    const auto connectors = [&](std::size_t from) {
        return std::set<char>{claims[from].at(6), claims[from + 1].at(6), claims[from + 2].at(6)};
    };
    EXPECT_EQ(connectors(0), (std::set<char>{'a', 'b', 'c'}));
    EXPECT_EQ(connectors(3), (std::set<char>{'a', 'b', 'c'}));
}

TEST(Engine, EmittedEventsOfAnotherConnectorAreLoaded) {
    Script script({plan("a", 1), plan("b", 1)});
    script.step();
    script.load("a", {1});
    script.load("b", {});
    script.step();
    Verdict verdict;
    verdict.emitted.resize(1);
    verdict.emitted[0].connector = "b";
    script.engine.on_verdict("a", event(1, "a"), verdict, script.now_ms);
    EXPECT_THAT(script.step(), ElementsAre("finish a 1 done done"));
    script.engine.on_finished("a", journal::Seq{1});
    EXPECT_THAT(script.step(), ElementsAre("load a 256", "load b 256"));
}

TEST(Engine, AuthPausesTheConnectorUntilItIsResumed) {
    Script script({plan("shop", 2), plan("other", 1)});
    script.step();
    script.load("shop", {1, 2, 3});
    script.load("other", {9});
    script.step();
    script.engine.on_verdict("shop", event(1), failed(Failure::auth, "the API key was refused"), script.now_ms);
    script.engine.on_verdict("shop", event(2), failed(Failure::auth, "the API key was refused"), script.now_ms);
    EXPECT_THAT(script.step(), ElementsAre("paused shop: the API key was refused", "finish shop 1 again auth",
                                           "finish shop 2 again auth"))
        << "told once";
    script.engine.on_finished("shop", journal::Seq{1});
    script.engine.on_finished("shop", journal::Seq{2});
    script.engine.on_appended("shop");
    EXPECT_THAT(script.step(), IsEmpty());
    EXPECT_EQ(script.engine.status().at(1).paused_because, "the API key was refused");
    EXPECT_TRUE(script.engine.status().at(0).paused_because.empty());
    script.engine.resume("shop");
    EXPECT_THAT(script.step(), ElementsAre("claim shop 3", "load shop 256"));
}

TEST(Engine, AnOutageStopsAllConnectorsOfTheDatabaseUntilAProbeSucceeds) {
    Script script({plan("a", 1, "main"), plan("b", 1, "main"), plan("c", 1, "second")});
    script.step();
    for (const auto* name : {"a", "b", "c"}) script.load(name, {1, 2});
    script.step();
    script.engine.on_verdict("a", event(1, "a"), outage(Failure::unknown), script.now_ms);
    script.engine.on_verdict("b", event(1, "b"), {}, script.now_ms);
    script.engine.on_verdict("c", event(1, "c"), {}, script.now_ms);
    EXPECT_THAT(script.step(), ElementsAre("outage main begins", "finish a 1 again unknown", "finish b 1 done done",
                                           "finish c 1 done done"));
    for (const auto* name : {"a", "b", "c"}) script.engine.on_finished(name, journal::Seq{1});
    EXPECT_THAT(script.step(), ElementsAre("claim c 2", "load c 256"));
    EXPECT_TRUE(script.engine.status().at(1).outage);

    // 500 ms, doubling to 30 s.
    for (const std::int64_t delay : {500, 1'000, 2'000, 4'000, 8'000, 16'000, 30'000, 30'000}) {
        EXPECT_EQ(script.engine.wake_at(script.now_ms), script.now_ms + delay);
        script.now_ms += delay - 1;
        EXPECT_THAT(script.step(), IsEmpty());
        script.now_ms += 1;
        EXPECT_THAT(script.step(), ElementsAre("probe main"));
        EXPECT_THAT(script.step(), IsEmpty()) << "one probe at a time";
        EXPECT_EQ(script.engine.wake_at(script.now_ms), std::nullopt);
        script.engine.on_probe("main", false, script.now_ms);
    }
    script.now_ms += 30'000;
    script.step();
    script.engine.on_probe("main", true, script.now_ms);
    EXPECT_THAT(script.step(), ElementsAre("claim a 2")) << "one event goes first and alone";
    EXPECT_THAT(script.step(), IsEmpty());
    script.engine.on_verdict("a", event(2, "a"), {}, script.now_ms);
    EXPECT_THAT(script.step(), AllOf(Contains("outage main ends"), Contains("claim b 2")));
    EXPECT_FALSE(script.engine.status().at(0).outage);
}

/// A journal of six events and an Odoo that one of them takes down each time it is delivered. Lanes end together.
struct KillerScript {
    static constexpr int killer = 3;
    Script script{{plan("shop", 4, "main")}};
    std::set<int> unfinished = {1, 2, 3, 4, 5, 6};
    std::map<int, int> counted;
    std::set<int> running;
    int killers_attempts = 0;
    std::map<int, journal::Finish::Kind> ends;

    journal::EventSummary summary(int seq) {
        auto of = event(seq);
        of.counted_failures = counted[seq];
        return of;
    }
    void carry_out(const Action& action) {
        if (const auto* load = std::get_if<Load>(&action)) {
            std::vector<journal::EventSummary> events;
            for (const int seq : unfinished) events.push_back(summary(seq));
            script.engine.on_loaded(load->connector, load->flow, std::move(events), std::nullopt);
        } else if (const auto* claim = std::get_if<ClaimEvents>(&action)) {
            for (const auto seq : claim->seqs) running.insert(static_cast<int>(journal::to_int(seq)));
        } else if (const auto* probe = std::get_if<Probe>(&action)) {
            script.engine.on_probe(probe->odoo, true, script.now_ms);
        } else if (const auto* end = std::get_if<FinishEvent>(&action)) {
            const auto seq = static_cast<int>(journal::to_int(end->seq));
            if (end->finish.kind == journal::Finish::Kind::again) {
                counted[seq] += end->finish.counts ? 1 : 0;
            } else {
                unfinished.erase(seq);
                ends[seq] = end->finish.kind;
            }
            script.engine.on_finished("shop", end->seq);
        }
    }
    void turn() {
        for (auto actions = script.engine.step(script.now_ms); !actions.empty();
             actions = script.engine.step(script.now_ms)) {
            for (const auto& action : actions) carry_out(action);
        }
        const bool dies = running.contains(killer);
        killers_attempts += dies ? 1 : 0;
        for (const int seq : std::exchange(running, {}))
            script.engine.on_verdict("shop", summary(seq), dies ? outage(Failure::unknown) : Verdict{}, script.now_ms);
        script.now_ms += 400'000;  // past every back-off
    }
};

TEST(Engine, AnEventThatTakesOdooDownEachTimeEndsAsADeadLetterAndTakesNobodyWithIt) {
    KillerScript it;
    for (int round = 0; round < 200 && !it.unfinished.empty(); ++round) it.turn();
    EXPECT_THAT(it.unfinished, IsEmpty());
    for (const int seq : {1, 2, 4, 5, 6}) EXPECT_EQ(it.ends.at(seq), journal::Finish::Kind::done) << seq;
    EXPECT_EQ(it.ends.at(KillerScript::killer), journal::Finish::Kind::dead_letter);
    EXPECT_EQ(it.killers_attempts, RetryPolicy{}.limit);
}

TEST(Engine, AProbedDatabaseWhoseFirstEventIsGoneTriesTheNext) {
    Script script({plan("shop", 2, "main")});
    script.step();
    script.load("shop", {1, 2, 3});
    script.step();
    script.engine.on_verdict("shop", event(1), outage(Failure::retry), script.now_ms);
    script.engine.on_verdict("shop", event(2), {}, script.now_ms);
    script.step();
    for (const int seq : {1, 2}) script.engine.on_finished("shop", journal::Seq{seq});
    script.now_ms += 500;
    EXPECT_THAT(script.step(), ElementsAre("probe main"));
    script.engine.on_probe("main", true, script.now_ms);
    EXPECT_THAT(script.step(), Contains("claim shop 3"));
    script.engine.on_unclaimed("shop", journal::Seq{3});
    EXPECT_THAT(script.step(), ElementsAre("load shop 256")) << "another may go first";
}

TEST(Engine, AfterTheClockWasSetBackTheWindowIsAskedForAnew) {
    Script script({plan("shop", 1, "main")});
    script.step();
    script.load("shop", {}, script.now_ms + 1'000);
    EXPECT_EQ(script.engine.wake_at(script.now_ms), script.now_ms + 1'000);
    script.now_ms -= 3'600'000;
    script.engine.on_clock_set_back(3'600'000, script.now_ms);
    EXPECT_THAT(script.step(), ElementsAre("load shop 256"));
}

TEST(Engine, WithoutADatabaseToProbeAnOutageCounts) {
    Script script({plan("shop", 1, "")});
    script.step();
    script.load("shop", {1});
    script.step();
    const auto finish = script.end(event(1), outage(Failure::retry));
    EXPECT_TRUE(finish.counts);
    EXPECT_FALSE(script.engine.status().at(0).outage);
}

TEST(Engine, ARejectedEventIsADeadLetterWhateverTheProbeSays) {
    Script script({plan("shop", 1)});
    script.step();
    script.load("shop", {1});
    script.step();
    EXPECT_EQ(script.end(event(1), outage(Failure::rejected)).kind, journal::Finish::Kind::dead_letter);
    EXPECT_FALSE(script.engine.status().at(0).outage);
}

TEST(Engine, AnEventThatKillsItsWorkerIsBuriedWithoutADelivery) {
    Script script({plan("shop", 2, "main", {.limit = 3, .holds_key = false})});
    script.step();
    auto killer = event(1);
    killer.counted_failures = 3;
    killer.attempt_unknown = true;
    killer.outcome = "unknown: the process died during the attempt";
    script.engine.on_loaded("shop", "order", {killer, event(2)}, std::nullopt);
    EXPECT_THAT(script.step(), Contains("bury shop 1 unknown"));
    const auto buried = std::get<DeadLetterEvent>(script.last.at(0)).finish;
    EXPECT_EQ(buried.kind, journal::Finish::Kind::dead_letter);
    EXPECT_FALSE(buried.holds_key);
    EXPECT_TRUE(buried.unknown);
    EXPECT_THAT(buried.message, AllOf(HasSubstr("3 of 3"), HasSubstr("the process died")));
    EXPECT_EQ(script.engine.running(), 2) << "it takes a lane until it is durable; others go on";
    script.engine.on_finished("shop", journal::Seq{1});
    EXPECT_EQ(script.engine.running(), 1);
}

TEST(Engine, AStateConflictIsDeliveredAgainAndCounted) {
    Script script({plan("shop", 1, "main", {.limit = 2})});
    script.step();
    script.load("shop", {1});
    script.step();
    script.engine.on_verdict("shop", event(1), {}, script.now_ms);
    script.step();
    script.engine.on_state_conflict("shop", event(1), "state conflict: cursor", script.now_ms);
    EXPECT_THAT(script.step(), ElementsAre("finish shop 1 again retry"));
    const auto again = std::get<FinishEvent>(script.last.at(0)).finish;
    EXPECT_TRUE(again.counts);
    EXPECT_TRUE(again.unknown) << "what the delivery did elsewhere stands";
    auto second = event(1);
    second.counted_failures = 1;
    script.engine.on_state_conflict("shop", second, "state conflict: cursor", script.now_ms);
    EXPECT_THAT(script.step(), ElementsAre("finish shop 1 dead retry"));
}

TEST(Engine, StoppingClaimsNothingButEndsWhatRuns) {
    Script script({plan("shop", 1)});
    script.step();
    script.load("shop", {1, 2});
    script.step();
    script.engine.stop();
    script.engine.on_verdict("shop", event(1), failed(Failure::cancelled), script.now_ms);
    EXPECT_THAT(script.step(), ElementsAre("finish shop 1 again cancelled"));
    script.engine.on_finished("shop", journal::Seq{1});
    script.engine.on_appended("shop");
    EXPECT_THAT(script.step(), IsEmpty());
    EXPECT_EQ(script.engine.running(), 0);
    EXPECT_EQ(script.engine.wake_at(script.now_ms), std::nullopt);
}

TEST(Engine, APolicyIsTheFlowsOwn) {
    auto two = plan("shop", 3, "main", {.limit = 1, .holds_key = true});
    two.flows["stock"] = {.retry = {.limit = 1, .holds_key = false}};
    two.flows["gone"] = {};
    Script script({two});
    script.step();
    auto stock = event(2);
    stock.flow = "stock";
    auto gone = event(3);
    gone.flow = "gone";  // the contract has it no longer
    script.engine.on_loaded("shop", "order", {event(1)}, std::nullopt);
    script.engine.on_loaded("shop", "stock", {stock}, std::nullopt);
    script.engine.on_loaded("shop", "gone", {gone}, std::nullopt);
    script.step();
    EXPECT_TRUE(script.end(event(1), failed(Failure::retry)).holds_key);
    EXPECT_FALSE(script.end(stock, failed(Failure::retry)).holds_key);
    EXPECT_EQ(script.end(gone, failed(Failure::retry)).kind, journal::Finish::Kind::again);
}

TEST(Engine, AVerdictOnAnEventItDoesNotRunIsIgnored) {
    Script script({plan("shop", 1)});
    script.engine.on_verdict("shop", event(1), {}, script.now_ms);
    script.engine.on_finished("shop", journal::Seq{1});
    EXPECT_THAT(script.step(), ElementsAre("load shop 256"));
}

}  // namespace
}  // namespace sluice::delivery::testing
