// What people make a running host do, and what of it outlives the host.

#include <unistd.h>

#include "tests/host/service/service_fixture.hpp"

namespace sluice::host {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

class ControlsTest : public ServiceTest {
protected:
    json::Document status() { return std::move(*json::Document::parse(admin("/v0/status").body)); }
    std::string state() { return std::string(status().root().at_pointer("/connectors/0/state")->text()); }
    /// Asks until the host says so; the test's own time limit is the bound.
    void wait_for(const std::string& target, const std::string& text) {
        while (admin(target).body.find(text) == std::string::npos) std::this_thread::yield();
    }
};

TEST_F(ControlsTest, APauseOutlivesTheHostAndEndsWhenAPersonSaysSo) {
    {
        const auto service = start();
        ASSERT_TRUE(service) << service.error().message;
        EXPECT_EQ(post("/v0/connectors/shop/flows/order/pause", R"({"reason":"stock take"})").status, 200);
        EXPECT_EQ(post("/v0/connectors/shop/pause", R"({"reason":"migration"})").status, 200);
        EXPECT_EQ(state(), "paused");
    }
    const auto service = start();
    ASSERT_TRUE(service) << service.error().message;
    EXPECT_EQ(send(**service, make_webhook()).status, 200) << "webhooks are taken meanwhile";
    EXPECT_EQ(state(), "paused");
    const auto document = status();
    EXPECT_EQ(document.root().at_pointer("/connectors/0/pauses/0/reason")->text(), "migration");
    EXPECT_EQ(document.root().at_pointer("/connectors/0/pauses/1/flow")->text(), "order");
    EXPECT_THAT(std::string(document.root().at_pointer("/connectors/0/pauses/1/who")->text()),
                HasSubstr("uid " + std::to_string(::geteuid())))
        << "the process that asked, by the kernel's word";

    const auto resumed = post("/v0/connectors/shop/resume");
    EXPECT_THAT(resumed.body, HasSubstr(R"("ended":["connector `shop` was paused since )"));
    EXPECT_THAT(resumed.body, HasSubstr(R"("still":["flow `order` of connector `shop` is still paused since )"));
    EXPECT_EQ(state(), "running");
    EXPECT_EQ(handled, 0) << "the flow is paused still";
    EXPECT_EQ(post("/v0/connectors/shop/flows/order/resume").status, 200);
    handled.wait(0);
    EXPECT_THAT(log_text(), ContainsRegex("resumed.*by=.*uid " + std::to_string(::geteuid())));
    EXPECT_THAT(log_text(), HasSubstr("stock take")) << "the pause itself is gone";
}

TEST_F(ControlsTest, WhatIsPausedWhileTheConfigurationIsReadAgainStaysPaused) {
    const auto service = start();
    ASSERT_TRUE(service) << service.error().message;
    EXPECT_EQ(post("/v0/connectors/shop/pause", R"({"reason":"migration"})").status, 200);
    auto changed = setup();
    changed.connectors.at(0).lanes = 2;
    (*service)->reload(configuration, changed);
    EXPECT_EQ(state(), "paused");
    EXPECT_EQ(send(**service, make_webhook()).status, 200);
    EXPECT_EQ(post("/v0/connectors/shop/resume").status, 200);
    handled.wait(0);
}

TEST_F(ControlsTest, OnlyWhatThereIsCanBePaused) {
    const auto service = start();
    ASSERT_TRUE(service) << service.error().message;
    const auto unknown = post("/v0/connectors/shp/pause", R"({"reason":"x"})");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_THAT(unknown.body, HasSubstr("there is no connector `shp`; did you mean `shop`?"));
    const auto flow = post("/v0/connectors/shop/flows/ordr/pause", R"({"reason":"x"})");
    EXPECT_EQ(flow.status, 404);
    EXPECT_THAT(flow.body, HasSubstr("has no flow `ordr`; did you mean `order`?"));
    EXPECT_EQ(post("/v0/connectors/asleep/pause", R"({"reason":"x"})").status, 200)
        << "disabled, and paused when it comes";
    EXPECT_THAT(post("/v0/connectors/shop/flows/order/resume").body, HasSubstr("is not paused"));
}

TEST_F(ControlsTest, WithoutItsKeyNothingSealedIsDeliveredAndTheHostSaysWhich) {
    journal_keys = {Secret(std::string(32, 'k'))};
    {
        const auto service = start();
        ASSERT_TRUE(service) << service.error().message;
        EXPECT_EQ(post("/v0/connectors/shop/pause", R"({"reason":"so that it waits"})").status, 200);
        EXPECT_EQ(send(**service, make_webhook()).status, 200);
    }
    journal_keys.clear();
    {
        const auto service = start();
        ASSERT_TRUE(service) << "it starts: " << service.error().message;
        EXPECT_EQ(post("/v0/connectors/shop/resume").status, 200);
        wait_for("/v0/status", "are encrypted with a key");
        EXPECT_EQ(state(), "paused");
        EXPECT_THAT(admin("/v0/status").body, HasSubstr("add it to `journal_key`"));
        EXPECT_THAT(admin("/v0/events/1").body, HasSubstr("add it to `journal_key`"));
        EXPECT_THAT(admin("/v0/events").body, HasSubstr(R"("state":"ready")")) << "nothing is lost";
        EXPECT_EQ(handled, 0);
    }
    journal_keys = {Secret(std::string(32, 'n')), Secret(std::string(32, 'k'))};
    const auto service = start();
    ASSERT_TRUE(service) << service.error().message;
    handled.wait(0);
    EXPECT_THAT(admin("/v0/events/1").body, HasSubstr("6223372036854775807"));
}

TEST_F(ControlsTest, ADryRunHandsTheEventToThePluginAndKeepsNothing) {
    const auto service = start();
    ASSERT_TRUE(service) << service.error().message;
    EXPECT_EQ(post("/v0/connectors/shop/pause", R"({"reason":"so that it waits"})").status, 200);
    EXPECT_EQ(send(**service, make_webhook()).status, 200);
    const auto report = post("/v0/events/1/dry-run");
    EXPECT_THAT(report.body, HasSubstr(R"("ends":"done")"));
    EXPECT_EQ(handled, 1);
    EXPECT_THAT(admin("/v0/events/1").body, HasSubstr(R"("attempts":0)"));
    EXPECT_THAT(admin("/v0/events").body, HasSubstr(R"("state":"ready")"));
}

}  // namespace
}  // namespace sluice::host
