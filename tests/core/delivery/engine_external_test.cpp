// Outages of external accounts: what waits, what goes on, and what ends them.

#include "tests/core/delivery/engine_script.hpp"

namespace sluice::delivery::testing {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

ConnectorPlan at(const std::string& account, std::string name = "shop", int lanes = 2) {
    auto made = plan(std::move(name), lanes);
    made.flows = {{"order", {.order = "order"}}, {"stock", {.order = "stock"}}};
    made.external = account;
    return made;
}

journal::EventSummary of_flow(int seq, const std::string& flow, const std::string& connector = "shop") {
    auto made = event(seq, connector);
    made.flow = made.order = flow;
    return made;
}

/// `order` calls the vendor, `stock` does not.
struct EngineExternal : ::testing::Test {
    Script script{{at("account")}};
    void SetUp() override {
        script.step();
        script.load("shop", {1});
        script.step();
        EXPECT_EQ(script.end(event(1), external_outage()).counts, false);
    }
    void load(std::vector<int> seqs) {
        script.engine.on_appended("shop");
        script.step();
        script.load("shop", std::move(seqs));
    }
    Engine::Status status() { return script.engine.status().at(0); }
};

TEST_F(EngineExternal, HoldsTheFlowsThatCallTheSystemAndNoOther) {
    script.load("shop", {10, 11}, {}, "stock");
    EXPECT_THAT(script.step(), ElementsAre("claim shop 10", "claim shop 11"));
    EXPECT_EQ(status().external_outage, "no");
    EXPECT_FALSE(status().outage);
    script.engine.on_appended("shop", "order");
    EXPECT_THAT(script.step(), IsEmpty()) << "not even looked for";
    EXPECT_EQ(script.engine.wake_at(script.now_ms), script.now_ms + 500);
}

TEST_F(EngineExternal, OneEventGoesFirstAndItsAnswerLetsTheOthersGo) {
    script.now_ms += 500;
    load({2, 3, 4});
    EXPECT_TRUE(status().external_half_open);
    EXPECT_THAT(script.step(), ElementsAre("claim shop 2"));
    EXPECT_THAT(script.step(), IsEmpty()) << "alone, though a lane is free";
    script.engine.on_verdict("shop", event(2), external_answered(failed(Failure::rejected)), script.now_ms);
    EXPECT_THAT(script.step(), AllOf(Contains("outage account ends"), Contains("claim shop 3")));
    EXPECT_EQ(status().external_outage, "");
}

TEST_F(EngineExternal, AnEventThatFailsFirstDoublesTheTimeUpToHalfAMinute) {
    std::int64_t expected_ms = 500;
    for (int seq = 2; seq < 12; ++seq) {
        EXPECT_EQ(script.engine.wake_at(script.now_ms), script.now_ms + expected_ms);
        script.now_ms += expected_ms;
        load({seq});
        EXPECT_THAT(script.step(), Contains(fmt::format("claim shop {}", seq)));
        EXPECT_FALSE(script.end(event(seq), external_outage()).counts);
        expected_ms = std::min<std::int64_t>(expected_ms * 2, 30'000);
    }
}

TEST_F(EngineExternal, WhatTheVendorMayHaveDiedOverCounts) {
    script.now_ms += 500;
    load({2});
    script.step();
    const auto end = script.end(event(2), external_outage(Failure::unknown));
    EXPECT_TRUE(end.counts) << "or it could take the vendor down for ever";
    EXPECT_TRUE(end.unknown);
    EXPECT_NE(status().external_outage, "");
}

TEST_F(EngineExternal, AnEventThatEndsWithoutACallSaysNothing) {
    script.now_ms += 500;
    load({2, 3});
    script.step();
    script.engine.on_verdict("shop", event(2), {}, script.now_ms);  // stale, perhaps
    EXPECT_THAT(script.step(), Not(Contains(StartsWith("outage"))));
    script.engine.on_finished("shop", journal::Seq{2});
    EXPECT_THAT(script.step(), Contains("claim shop 3"));
    script.engine.on_unclaimed("shop", journal::Seq{3});
    script.step();
    script.load("shop", {4});
    EXPECT_THAT(script.step(), Contains("claim shop 4"));
}

TEST_F(EngineExternal, ADeliveryBegunBeforeTheOutageEndsItNot) {
    script.load("shop", {10}, {}, "stock");
    script.step();
    EXPECT_EQ(script.end(of_flow(10, "stock"), external_answered()).kind, journal::Finish::Kind::done);
    EXPECT_EQ(status().external_outage, "no");
    script.engine.on_appended("shop", "stock");
    EXPECT_THAT(script.step(), IsEmpty()) << "it calls the system too, as was seen just now";
}

TEST(EngineAccounts, ConnectorsOfOneAccountShareItsOutageAndOthersDoNot) {
    Script script({at("group", "a"), at("group", "b"), at("own", "c")});
    script.step();
    int seq = 0;
    for (const auto* name : {"a", "b", "c"}) {
        script.load(name, {++seq});
        script.step();
        script.end(event(seq, name), external_answered());
    }
    for (const auto* name : {"a", "b", "c"}) {
        script.engine.on_appended(name, "order");
        script.step();
    }
    script.load("a", {11});
    script.step();
    EXPECT_FALSE(script.end(event(11, "a"), external_outage()).counts);
    script.load("b", {12});
    script.load("c", {13});
    EXPECT_THAT(script.step(), AllOf(Contains("claim c 13"), Not(Contains(StartsWith("claim b")))));
}

TEST(EngineAccounts, WhileHalfOpenABatchIsOne) {
    auto batches = at("account", "shop", 1);
    batches.flows["order"].batch_max = 3;
    Script script({batches});
    script.step();
    script.load("shop", {1});
    script.step();
    script.end(event(1), external_outage());
    script.now_ms += 500;
    script.engine.on_appended("shop");
    script.step();
    script.load("shop", {1, 2, 3});
    EXPECT_THAT(script.step(), Contains("claim shop 1"));
}

TEST(EngineAccounts, WithoutAnAccountEachEventFindsOutByItself) {
    Script script({at("")});
    script.step();
    script.load("shop", {1});
    script.step();
    EXPECT_FALSE(script.end(event(1), external_outage()).counts);
    script.load("shop", {2});
    EXPECT_THAT(script.step(), Contains("claim shop 2"));
}

}  // namespace
}  // namespace sluice::delivery::testing
