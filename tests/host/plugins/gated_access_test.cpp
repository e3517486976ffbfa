#include "host/plugins/gated_access.hpp"

#include <gmock/gmock.h>

#include "tests/host/plugins/lane_fixture.hpp"

namespace sluice::host {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// Two lanes of connector "shop" over what a test sees, and a third of a connector of the same account.
struct GatedLanes : testing::Test {
    ManualClock clock;
    delivery::AdmissionControl admission{clock};
    OdooScript odoo;
    WebScript web;

    void configure(delivery::RateLimits limits, int max_concurrent = 8) {
        admission.configure({.connectors = {{.name = "shop", .odoo = "main", .group = "account", .limits = limits},
                                            {.name = "outlet", .odoo = "main", .group = "account", .limits = limits}},
                             .odoo = {{"main", {.max_concurrent = max_concurrent}}}});
    }
    std::unique_ptr<GatedHttp> http_lane(const std::string& connector = "shop") {
        return std::make_unique<GatedHttp>(std::make_unique<FakeWeb>(web), admission.external(connector), connector,
                                           clock);
    }
    std::unique_ptr<GatedOdoo> odoo_lane() {
        return std::make_unique<GatedOdoo>(std::make_unique<FakeOdoo>(odoo), admission.odoo("main"), "shop");
    }
    static Result<http::Response> get(HttpAccess& lane) {
        return lane.send(http::Endpoint::parse("https://api.example.com").value(), {});
    }
    static Result<json::Document> read(OdooAccess& lane) {
        return lane.caller().call("res.partner", "read", "[]", "{}");
    }
};

TEST_F(GatedLanes, AllLanesOfAnAccountShareItsLimits) {
    configure({.per_minute = 3});
    const auto first = http_lane(), second = http_lane(), other = http_lane("outlet");
    EXPECT_TRUE(get(*first));
    EXPECT_TRUE(get(*second));
    EXPECT_TRUE(get(*other));
    for (const auto* lane : {&first, &second, &other}) {
        const auto refused = get(**lane);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().failure, Failure::rate_limited);
        EXPECT_GE(refused.error().retry_after_ms, 60'000);
    }
    EXPECT_THAT(web.requests, SizeIs(3)) << "what got no turn was not sent";
    clock.advance(60'600);
    EXPECT_TRUE(get(*other));
}

TEST_F(GatedLanes, A429ClosesTheAccountForEveryLane) {
    configure({});
    const auto first = http_lane(), other = http_lane("outlet");
    web.answer = http::Response{.status = 429, .headers = {{"Retry-After", "7.0"}}, .body = ""};
    EXPECT_EQ(get(*first)->status, 429);
    web.answer = http::Response{.status = 200, .headers = {}, .body = ""};
    const auto refused = get(*other);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().retry_after_ms, 7'000);
    clock.advance(7'000);
    EXPECT_TRUE(get(*other));
}

TEST_F(GatedLanes, A503WithAdviceClosesAndOneWithoutDoesNot) {
    configure({});
    const auto lane = http_lane();
    web.answer = http::Response{.status = 503, .headers = {}, .body = ""};
    EXPECT_TRUE(get(*lane));
    EXPECT_TRUE(get(*lane));
    web.answer->headers = {{"Retry-After", "2"}};
    EXPECT_TRUE(get(*lane));
    EXPECT_FALSE(get(*lane));
}

TEST_F(GatedLanes, ProbesNeedNoTurn) {
    configure({.per_minute = 1}, 1);
    const auto web_lane = http_lane();
    EXPECT_TRUE(get(*web_lane));
    EXPECT_TRUE(web_lane->probe(http::Endpoint::parse("https://api.example.com").value()));
    const std::atomic<bool> not_cancelled = false;
    const auto busy = admission.odoo("main")->acquire("another", not_cancelled);
    EXPECT_TRUE(odoo_lane()->probe());
}

TEST_F(GatedLanes, OdooThatIsNotThereGetsFewerCallsAndABusinessErrorChangesNothing) {
    configure({});
    const auto lane = odoo_lane();
    const auto limit = [&] { return admission.odoo("main")->status().limit; };
    ASSERT_EQ(limit(), 2);
    odoo.answer(Error{.failure = Failure::rejected, .message = "no"});
    EXPECT_FALSE(read(*lane));
    odoo.answer(Error{.failure = Failure::retry, .message = "could not serialize access"});
    EXPECT_FALSE(read(*lane));
    EXPECT_EQ(limit(), 2);
    odoo.answer(Error{.failure = Failure::unknown, .message = "timed out", .disconnected = true});
    EXPECT_FALSE(read(*lane));
    EXPECT_EQ(limit(), 1);
}

TEST_F(GatedLanes, AProxyThatAsksToWaitIsLeftAlone) {
    configure({});
    const auto lane = odoo_lane();
    odoo.answer(Error{.failure = Failure::rate_limited, .message = "429", .retry_after_ms = 9'000});
    EXPECT_FALSE(read(*lane));
    const auto refused = read(*odoo_lane());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, Failure::rate_limited);
    EXPECT_EQ(refused.error().retry_after_ms, 9'000);
    EXPECT_THAT(refused.error().message, HasSubstr("Odoo `main`"));
    EXPECT_THAT(odoo.calls, SizeIs(1));
}

TEST_F(GatedLanes, EveryCallGivesItsPlaceBackHoweverItEnds) {
    configure({.concurrent = 1}, 1);
    const auto web_lane = http_lane();
    const auto lane = odoo_lane();
    web.answer = fail(Failure::unknown, "lost");
    for (int i = 0; i < 3; ++i) EXPECT_EQ(get(*web_lane).error().failure, Failure::unknown);
    for (const auto failure : {Failure::unknown, Failure::auth, Failure::cancelled, Failure::rejected}) {
        odoo.answer(Error{.failure = failure, .message = "no"});
        EXPECT_EQ(read(*lane).error().failure, failure);
    }
    EXPECT_EQ(admission.odoo("main")->status().running, 0);
    EXPECT_EQ(admission.external("shop")->status().running, 0);
}

TEST_F(GatedLanes, CancelledLanesCallNobody) {
    configure({});
    const auto web_lane = http_lane();
    const auto lane = odoo_lane();
    web_lane->cancel();
    lane->cancel();
    EXPECT_EQ(get(*web_lane).error().failure, Failure::cancelled);
    EXPECT_EQ(read(*lane).error().failure, Failure::cancelled);
    EXPECT_TRUE(web.cancelled);
    EXPECT_TRUE(odoo.cancelled);
    EXPECT_THAT(web.requests, IsEmpty());
    EXPECT_THAT(odoo.calls, IsEmpty());
}

/// A delivery of the scenario plugin whose calls go through gates.
struct GatedDelivery : LaneFixture {
    void SetUp() override {
        auto loaded = load_plugin(std::string(SLUICE_TEST_PLUGINS) + "/scenario.so");
        ASSERT_TRUE(loaded);
        connector.name = "shop";
        connector.plugin = *loaded;
        connector.config["mode"] = "work";
        connector.config["count"] = "3";
        connector.secrets.emplace("token", Secret("s3cret"));
        auto made = make_plugin_handler_over(
            connector, admission, journal, clock, logger,
            std::make_unique<GatedOdoo>(std::make_unique<FakeOdoo>(odoo), admission.odoo("main"), "shop"),
            std::make_unique<GatedHttp>(std::make_unique<FakeWeb>(web), admission.external("shop"), "shop", clock),
            odoo_total_ms);
        ASSERT_TRUE(made) << made.error().message;
        handler = *std::move(made);
    }
    void configure(delivery::RateLimits limits) {
        admission.configure({.connectors = {{.name = "shop", .odoo = "main", .limits = limits}}, .odoo = {}});
    }
};

TEST_F(GatedDelivery, ACallWithoutATurnComesAgainUncountedAndAsksNobodyWhetherItIsThere) {
    configure({.per_minute = 1});
    ASSERT_FALSE(run("http-get").error);
    const auto verdict = run("http-get");
    EXPECT_EQ(error(verdict).failure, Failure::rate_limited);
    EXPECT_GE(error(verdict).retry_after_ms, 60'000);
    EXPECT_FALSE(verdict.outage);
    EXPECT_FALSE(verdict.external_outage);
    EXPECT_EQ(web.probes + odoo.probes, 0);
    EXPECT_FALSE(run("write").error) << "Odoo has room";
}

TEST_F(GatedDelivery, EveryCallWithinAWriteWaitsForItsTurnToo) {
    admission.odoo("main")->asked_to_wait(5'000);
    const auto verdict = run("write");
    EXPECT_EQ(error(verdict).failure, Failure::rate_limited);
    EXPECT_EQ(error(verdict).retry_after_ms, 5'000);
    EXPECT_THAT(odoo.calls, IsEmpty());
}

TEST_F(GatedDelivery, AFlowThatCallsTheExternalSystemIsNotedAsSuch) {
    configure({.per_minute = 2});
    ASSERT_FALSE(run("write").error);
    ASSERT_FALSE(run("http-get").error);
    ASSERT_FALSE(run("http-get").error);
    auto note = claim("http-get");
    EXPECT_TRUE(admission.earliest_start_ms("shop", note.event.flow, clock.now_ms()));
    EXPECT_FALSE(admission.earliest_start_ms("shop", "another", clock.now_ms()));
}

TEST_F(GatedDelivery, WhatAPluginReadsInAnAnswerHoldsForEveryLane) {
    configure({});
    EXPECT_EQ(error(run("throw-rate")).failure, Failure::rate_limited);
    EXPECT_EQ(admission.external("shop")->wait_ms(), 0) << "no vendor said so: nothing was called";
    EXPECT_EQ(error(run("http-throttled")).retry_after_ms, 5'000);
    EXPECT_EQ(admission.external("shop")->wait_ms(), 5'000);
    EXPECT_EQ(admission.odoo("main")->wait_ms(), 0);
}

}  // namespace
}  // namespace sluice::host
