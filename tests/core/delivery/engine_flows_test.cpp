// Which flow's event goes next: fairness, priorities, deadlines, batches, an operator's hold, admission.

#include <numeric>

#include "tests/core/delivery/engine_script.hpp"

namespace sluice::delivery::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

ConnectorPlan with_flows(std::map<std::string, FlowPlan> flows, int lanes = 1) {
    auto made = plan("shop", lanes, "");
    made.flows = std::move(flows);
    return made;
}

/// Flows with as many events as they like, one lane: counts whose turn it was.
class Turns {
public:
    explicit Turns(std::map<std::string, FlowPlan> flows) : script_({with_flows(std::move(flows))}) {}

    std::map<std::string, int> run(const std::set<std::string>& busy, int turns) {
        std::map<std::string, int> served;
        for (int turn = 0; turn < turns;) {
            for (const auto& action : script_.engine.step(script_.now_ms)) {
                if (const auto* load = std::get_if<Load>(&action)) {
                    script_.load("shop", busy.contains(load->flow) ? some(load->flow) : std::vector<int>(), {},
                                 load->flow);
                } else if (const auto* claim = std::get_if<ClaimEvents>(&action)) {
                    const auto flow = flow_of_.at(claim->seqs.at(0));
                    ++served[flow];
                    ++turn;
                    auto of = event(static_cast<int>(journal::to_int(claim->seqs[0])));
                    of.flow = flow;
                    script_.engine.on_verdict("shop", of, {}, script_.now_ms);
                } else if (const auto* end = std::get_if<FinishEvent>(&action)) {
                    script_.engine.on_finished("shop", end->seq);
                }
            }
        }
        script_.engine.on_appended("shop");
        return served;
    }

private:
    std::vector<int> some(const std::string& flow) {
        std::vector<int> seqs;
        for (int i = 0; i < Engine::window; ++i) {
            seqs.push_back(++last_);
            flow_of_[journal::Seq{last_}] = flow;
        }
        return seqs;
    }
    Script script_;
    int last_ = 0;
    std::map<journal::Seq, std::string> flow_of_;
};

TEST(EngineFlows, EachHasAWindowOfItsOwn) {
    Script script({with_flows({{"order", {}}, {"stock", {}}})});
    EXPECT_THAT(script.step(), ElementsAre("load shop 256", "load shop/stock 256"));
    std::vector<int> many(Engine::window);
    std::iota(many.begin(), many.end(), 1);
    script.load("shop", many);
    script.load("shop", {1'000}, {}, "stock");
    std::set<journal::Seq> first_two;
    for (int turn = 0; turn < 2; ++turn) {
        script.step();
        for (const auto& action : script.last) {
            if (const auto* claim = std::get_if<ClaimEvents>(&action)) {
                first_two.insert(claim->seqs.at(0));
                script.engine.on_unclaimed("shop", claim->seqs.at(0));
            }
        }
    }
    EXPECT_THAT(first_two, Contains(journal::Seq{1'000})) << "a flow with a million waiting starves no other";
    EXPECT_EQ(script.engine.buffered(), static_cast<std::size_t>(Engine::window) - 1);
}

TEST(EngineFlows, PrioritiesShareTheTurnsFourToOneAndStarveNobody) {
    Turns turns({{"high", {.priority = Priority::high}},
                 {"normal", {.priority = Priority::normal}},
                 {"low", {.priority = Priority::low}}});
    auto served = turns.run({"high", "normal", "low"}, 210);
    EXPECT_EQ(served["high"], 160);
    EXPECT_EQ(served["normal"], 40);
    EXPECT_EQ(served["low"], 10);
}

TEST(EngineFlows, OneThatHadNothingForLongHasSavedUpNoTurns) {
    Turns turns({{"order", {}}, {"stock", {}}});
    EXPECT_EQ(turns.run({"order"}, 1'000)["order"], 1'000) << "alone it has all turns";
    const auto served = turns.run({"order", "stock"}, 200);
    EXPECT_NEAR(served.at("order"), 100, Engine::window / 2) << "not the stock flow alone until it has caught up";
}

TEST(EngineFlows, ASuccessorMayBeOfAnotherFlowOfTheSameOrder) {
    Script script(
        {with_flows({{"order", {.order = "order"}}, {"refund", {.order = "order"}}, {"stock", {.order = "stock"}}})});
    script.step();
    for (const auto* flow : {"order", "refund", "stock"}) script.load("shop", {}, {}, flow);
    script.engine.on_appended("shop", "order");
    EXPECT_THAT(script.step(), ElementsAre("load shop 256")) << "an append concerns its own flow";
    script.load("shop", {1});
    script.step();
    script.engine.on_verdict("shop", event(1), {}, script.now_ms);
    script.step();
    script.engine.on_finished("shop", journal::Seq{1});
    EXPECT_THAT(script.step(), ElementsAre("load shop 256", "load shop/refund 256"));
}

TEST(EngineFlows, APastDeadlineIsADeadLetterWithoutADelivery) {
    Script script({with_flows({{"order", {.retry = {.holds_key = false}, .deadline_ms = 60'000}}})});
    script.step();
    auto late = event(1), in_time = event(2);
    late.appended_at_ms = script.now_ms - 60'001;
    late.outcome = "retry: 503";
    late.attempt_unknown = true;
    in_time.appended_at_ms = script.now_ms - 60'000;
    script.engine.on_loaded("shop", "order", {late, in_time}, std::nullopt);
    EXPECT_THAT(script.step(), Contains("bury shop 1 expired"));
    const auto end = std::get<DeadLetterEvent>(script.last.at(0)).finish;
    EXPECT_EQ(end.message, "not delivered within 60 s of its arrival: retry: 503");
    EXPECT_FALSE(end.holds_key);
    EXPECT_TRUE(end.unknown);
    script.engine.on_finished("shop", journal::Seq{1});
    EXPECT_THAT(script.step(), Contains("claim shop 2"));
}

/// Whether an event of this age by its own word is past a deadline of a minute.
bool expires(Engine& engine, int seq, std::int64_t appended_at_ms, std::int64_t now_ms) {
    engine.on_appended("shop");
    engine.step(now_ms);
    auto late = event(seq);
    late.appended_at_ms = appended_at_ms;
    engine.on_loaded("shop", "order", {late}, {});
    const auto actions = engine.step(now_ms);
    EXPECT_EQ(actions.empty(), false);
    const bool buried = std::holds_alternative<DeadLetterEvent>(actions.at(0));
    engine.on_unclaimed("shop", journal::Seq{seq});
    return buried;
}

TEST(EngineFlows, AClockSetForwardMakesNothingOlder) {
    constexpr std::int64_t day_ms = 24LL * 60 * 60 * 1'000;
    Engine engine({with_flows({{"order", {.deadline_ms = 60'000}}})}, 1);
    const std::int64_t first_ms = 1'000'000, ahead_ms = first_ms + day_ms;
    engine.on_clock_set_forward(day_ms, ahead_ms);
    EXPECT_FALSE(expires(engine, 1, first_ms, ahead_ms)) << "it came just before";
    EXPECT_FALSE(expires(engine, 2, first_ms - 50'000, ahead_ms + 10'000));
    EXPECT_TRUE(expires(engine, 3, first_ms - 50'000, ahead_ms + 10'001)) << "a minute has passed in truth";
    EXPECT_FALSE(expires(engine, 4, ahead_ms, ahead_ms + 60'000));
    EXPECT_TRUE(expires(engine, 5, ahead_ms, ahead_ms + 60'001));
    engine.on_clock_set_forward(day_ms, ahead_ms + day_ms);
    EXPECT_FALSE(expires(engine, 6, first_ms, ahead_ms + day_ms));
    engine.on_clock_set_back(2 * day_ms - 1'000, first_ms + 1'000);
    EXPECT_FALSE(expires(engine, 7, first_ms, first_ms + 61'000));
    EXPECT_TRUE(expires(engine, 8, first_ms, first_ms + 61'001)) << "a clock set right again says the truth";
    for (int i = 0; i < 1'000; ++i) engine.on_clock_set_forward(1'000, first_ms + (i + 1) * 2'000);
    EXPECT_FALSE(expires(engine, 9, first_ms, first_ms + 1'061'000)) << "however often";
}

TEST(EngineFlows, AClockSetBackAndForwardMakesNothingOlder) {
    Engine engine({with_flows({{"order", {.deadline_ms = 60'000}}})}, 1);
    const std::int64_t append_ms = 1'000'000;
    engine.on_clock_set_back(80'000, append_ms - 75'000);  // five seconds after the append
    engine.on_clock_set_forward(200'000, append_ms + 130'000);
    EXPECT_FALSE(expires(engine, 1, append_ms, append_ms + 135'000)) << "fifteen seconds have passed";
    EXPECT_TRUE(expires(engine, 2, append_ms, append_ms + 260'001));
}

TEST(EngineFlows, WhatWasReplayedMeanwhileIsNotBuried) {
    Script script({with_flows({{"order", {.retry = {.limit = 3}}}}, 1)});
    script.step();
    auto worn_out = event(1);
    worn_out.counted_failures = 3;
    script.engine.on_loaded("shop", "order", {worn_out}, std::nullopt);
    ASSERT_THAT(script.step(), Contains("bury shop 1 unknown"));
    const auto burial = std::get<DeadLetterEvent>(script.last.at(0));
    EXPECT_EQ(burial.end_of(worn_out, script.now_ms).kind, journal::Finish::Kind::dead_letter);
    auto replayed = event(1);
    replayed.attempt_unknown = true;
    const auto end = burial.end_of(replayed, script.now_ms);
    EXPECT_EQ(end.kind, journal::Finish::Kind::again) << "through another host";
    EXPECT_EQ(end.available_at_ms, script.now_ms);
    EXPECT_TRUE(end.unknown);
    EXPECT_FALSE(end.counts);
    script.engine.on_finished("shop", journal::Seq{1});
    EXPECT_THAT(script.step(), Contains("load shop 256")) << "it is there to be delivered";
}

TEST(EngineFlows, AReplayHasTheFlowsTimeAgain) {
    Script script({with_flows({{"order", {.deadline_ms = 60'000}}})});
    script.step();
    auto replayed = event(1);
    replayed.appended_at_ms = script.now_ms - 3'600'000;
    replayed.replayed_at_ms = script.now_ms - 60'000;
    script.engine.on_loaded("shop", "order", {replayed}, std::nullopt);
    EXPECT_THAT(script.step(), Contains("claim shop 1"));
}

TEST(EngineFlows, AfterOneOfAnOrderThatIsNoFlowsAnyMayBeReady) {
    Script script({with_flows({{"order", {.order = "order"}}, {"stock", {.order = "stock"}}})});
    script.step();
    auto poll = event(1);
    poll.order = "odoo_change";
    script.engine.on_loaded("shop", "order", {poll}, std::nullopt);
    script.load("shop", {}, {}, "stock");
    EXPECT_THAT(script.step(), Contains("claim shop 1"));
    script.engine.on_verdict("shop", poll, {}, script.now_ms);
    script.step();
    script.engine.on_finished("shop", journal::Seq{1});
    EXPECT_THAT(script.step(), AllOf(Contains("load shop 256"), Contains("load shop/stock 256")))
        << "a sweep of the other flow may have waited for it";
}

TEST(EngineFlows, ABatchWaitsForOthersButNotForLong) {
    Script script({with_flows({{"order", {.batch_max = 3, .batch_wait_ms = 500}}}, 2)});
    script.step();
    auto first = event(1);
    first.ready_at_ms = script.now_ms;
    script.engine.on_loaded("shop", "order", {first}, std::nullopt);
    EXPECT_THAT(script.step(), IsEmpty());
    EXPECT_EQ(script.engine.wake_at(script.now_ms), script.now_ms + 500);
    script.now_ms += 500;
    EXPECT_THAT(script.step(), ElementsAre("claim shop 1"));

    auto more = std::vector{event(2), event(3), event(4), event(5)};
    for (auto& one : more) one.ready_at_ms = script.now_ms;
    script.engine.on_appended("shop", "order");
    script.step();
    script.engine.on_loaded("shop", "order", more, std::nullopt);
    EXPECT_THAT(script.step(), ElementsAre("claim shop 2 3 4")) << "a full one does not wait";
    EXPECT_EQ(script.engine.running(), 4);
}

TEST(EngineFlows, ABatchIsOneLanesUntilItsLastEnd) {
    Script script({with_flows({{"order", {.order = "order", .batch_max = 2}}}, 1)});
    script.step();
    script.load("shop", {1, 2, 3, 4});
    EXPECT_THAT(script.step(), ElementsAre("claim shop 1 2"));
    script.engine.on_unclaimed("shop", journal::Seq{1});
    EXPECT_THAT(script.step(), Not(Contains(StartsWith("claim"))));
    script.engine.on_verdict("shop", event(2), failed(Failure::rejected), script.now_ms);
    EXPECT_THAT(script.step(), ElementsAre("finish shop 2 dead rejected"));
    script.engine.on_finished("shop", journal::Seq{2});
    EXPECT_THAT(script.step(), Contains("claim shop 3 4"));
}

TEST(EngineFlows, WhileABreakerIsHalfOpenABatchIsOne) {
    auto batches = plan("shop", 1, "main");
    batches.flows["order"].batch_max = 3;
    Script script({batches});
    script.step();
    script.load("shop", {1});
    script.step();
    script.engine.on_verdict("shop", event(1), outage(Failure::retry), script.now_ms);
    script.step();
    script.engine.on_finished("shop", journal::Seq{1});
    script.now_ms += 500;
    script.step();
    script.engine.on_probe("main", true, script.now_ms);
    script.step();
    script.load("shop", {1, 2, 3});
    EXPECT_THAT(script.step(), Contains("claim shop 1"));
}

TEST(EngineFlows, AnOperatorHoldsAFlowOrTheConnectorAndLetsThemGo) {
    Script script({with_flows({{"order", {}}, {"stock", {}}})});
    script.engine.hold("shop", "stock", "stocktaking");
    EXPECT_THAT(script.step(), ElementsAre("load shop 256"));
    script.engine.hold("shop", "", "migration");
    script.load("shop", {1});
    EXPECT_THAT(script.step(), IsEmpty());
    EXPECT_EQ(script.engine.status().at(0).held,
              (std::map<std::string, std::string>{{"", "migration"}, {"stock", "stocktaking"}}));
    EXPECT_TRUE(script.engine.status().at(0).paused_because.empty()) << "nothing is wrong with it";
    script.engine.resume("shop");
    EXPECT_THAT(script.step(), IsEmpty()) << "resume() is for what went wrong";
    script.engine.release("shop", "");
    EXPECT_THAT(script.step(), ElementsAre("claim shop 1"));
    script.engine.release("shop", "stock");
    EXPECT_THAT(script.step(), ElementsAre("load shop/stock 256"));
}

/// Lets a connector begin from a certain time on.
struct Door final : Admission {
    std::optional<std::int64_t> opens_at_ms;
    int asked = 0;
    std::string flow = "order";
    std::optional<std::int64_t> earliest_start_ms(const std::string&, const std::string& of, std::int64_t) override {
        ++asked;
        return of == flow ? opens_at_ms : std::nullopt;
    }
};

TEST(EngineFlows, WhatIsHeldWhenAConnectorComesIsNeverClaimed) {
    auto held = with_flows({{"order", {}}, {"stock", {}}});
    held.held = {{"stock", "stocktaking"}};
    Script script({held});
    EXPECT_THAT(script.step(), ElementsAre("load shop 256"));
    EXPECT_EQ(script.engine.status().at(0).held.at("stock"), "stocktaking");
    script.engine.release("shop", "stock");
    EXPECT_THAT(script.step(), ElementsAre("load shop/stock 256"));
    held.held = {{"", "migration"}};
    script.engine.remove("shop");
    script.engine.add(held);
    EXPECT_THAT(script.step(), IsEmpty());
}

TEST(EngineFlows, AdmissionSaysWhenADeliveryMayBegin) {
    Door door;
    Script script({plan("shop", 2)}, &door);
    script.step();
    door.opens_at_ms = script.now_ms + 700;
    script.load("shop", {1, 2});
    EXPECT_THAT(script.step(), IsEmpty());
    EXPECT_EQ(script.engine.wake_at(script.now_ms), script.now_ms + 700);
    script.now_ms += 700;
    door.opens_at_ms.reset();
    EXPECT_THAT(script.step(), ElementsAre("claim shop 1", "claim shop 2"));
    const int before = door.asked;
    script.step();
    EXPECT_EQ(door.asked, before) << "it is not asked where there is nothing to begin";
    door.opens_at_ms = script.now_ms;
    script.engine.on_unclaimed("shop", journal::Seq{1});
    script.step();
    script.load("shop", {3});
    EXPECT_THAT(script.step(), ElementsAre("claim shop 3")) << "a time that has come is no reason to wait";
}

TEST(EngineFlows, AnAdmissionThatIsPastDoesNotKeepTheEngineAwake) {
    Door door;
    Script script({plan("shop", 2)}, &door);
    script.step();
    door.opens_at_ms = script.now_ms + 700;
    script.load("shop", {1});
    script.step();
    script.engine.hold("shop", "order", "stocktaking");
    script.now_ms += 700;
    EXPECT_THAT(script.step(), IsEmpty());
    EXPECT_FALSE(script.engine.wake_at(script.now_ms))
        << "or it would be asked again at once, for as long as it is held";
}

TEST(EngineFlows, AnEmittedEventThatSupersedesMayFreeOneOfAnyFlow) {
    Script script(
        {with_flows({{"order", {.order = "order"}}, {"stock", {.order = "stock"}}, {"price", {.order = "stock"}}})});
    script.step();
    for (const auto* flow : {"stock", "price"}) script.load("shop", {}, {}, flow);
    script.load("shop", {1});
    script.step();
    Verdict verdict;
    verdict.emitted.push_back({.connector = "shop", .event_id = "e", .flow = "stock", .coalesce = true});
    script.end(event(1), verdict);
    EXPECT_THAT(script.step(), AllOf(Contains("load shop/stock 256"), Contains("load shop/price 256")))
        << "an event of price may have waited for the dead letter of stock that the emitted one superseded";
}

TEST(EngineFlows, AFlowThatMustWaitForItsSystemHoldsUpNoOther) {
    Door door;
    door.flow = "stock";
    Script script({with_flows({{"order", {.priority = Priority::low}}, {"stock", {.priority = Priority::high}}}, 2)},
                  &door);
    script.step();
    door.opens_at_ms = script.now_ms + 700;
    script.load("shop", {1});
    script.load("shop", {2}, {}, "stock");
    EXPECT_THAT(script.step(), ElementsAre("claim shop 1"));
    EXPECT_EQ(script.engine.wake_at(script.now_ms), script.now_ms + 700);
}

}  // namespace
}  // namespace sluice::delivery::testing
