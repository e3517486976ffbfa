#include "host/service/trigger_events.hpp"

#include <gmock/gmock.h>

#include "host/plugins/capture_run.hpp"
#include "tests/host/ingress/ingress_fixture.hpp"

namespace sluice::host {
namespace {

using testing::HasSubstr;

class TriggerEvents : public testing::Test {
protected:
    TriggerEvents() {
        auto plugin = std::make_shared<Plugin>(*connector.plugin);
        contract::Flow watching{.name = "stock", .order = "stock", .ordering_key = "/product_id"};
        watching.odoo_change.emplace();
        plugin->contract.flows.emplace("stock", watching);
        contract::Flow nightly{.name = "nightly", .order = "nightly"};
        nightly.schedule.emplace();
        plugin->contract.flows.emplace("nightly", nightly);
        contract::Flow off{.name = "off", .order = "off", .needs = {"token"}, .ordering_key = "/id"};
        plugin->contract.flows.emplace("off", off);
        connector.plugin = plugin;
    }
    std::string refusal(const std::string& flow, std::string data) {
        const auto event = demand_event(connector, flow, std::move(data), "1", 0);
        EXPECT_FALSE(event);
        return event ? "" : event.error().message;
    }

    Connector connector = make_connector();
};

TEST_F(TriggerEvents, APollIsNamedByItsMomentSoThatARepeatIsKnown) {
    const auto& flow = connector.plugin->contract.flows.at("stock");
    const auto event = poll_event(connector, flow, 1'700'000'000'000);
    EXPECT_EQ(event.event_id, "odoo_change/poll:stock:1700000000000");
    EXPECT_TRUE(is_capture({.order = event.order, .topic = event.topic}));
    EXPECT_EQ(event.ordering_key, sweep_event(connector, flow, 5).ordering_key) << "one at a time";
}

TEST_F(TriggerEvents, AReconciliationHasItsPeriodAndIsRefusedWhereNobodyCanBeAsked) {
    auto plugin = std::make_shared<Plugin>(*connector.plugin);
    auto& rule = plugin->contract.flows.at("nightly").reconcile.emplace();
    rule.period_ms = 3'600'000;
    rule.repair = contract::ReconcileRule::Repair::missed;
    plugin->contract.flows.at("stock").reconcile = rule;
    plugin->contract.flows.at("stock").reconcile->needs = {"token"};
    connector.plugin = plugin;
    constexpr std::int64_t now_ms = 1'700'000'000'000;  // 2023-11-14T22:13:20Z
    const auto due = scheduled_reconcile_event(connector, plugin->contract.flows.at("nightly"), now_ms);
    EXPECT_EQ(due.event_id, "reconcile:nightly:1700000000000");
    EXPECT_EQ(due.payload, R"({"run":"reconcile:nightly:1700000000000","from":"2023-11-14T21:08:20.000Z",)"
                           R"("to":"2023-11-14T22:08:20.000Z","repair":"missed","due_ms":1700000000000})");
    const auto asked = demand_reconcile_event(connector, "nightly", {.from_ms = 0, .to_ms = 1'000}, "7", now_ms);
    ASSERT_TRUE(asked) << asked.error().message;
    EXPECT_EQ(asked->payload, R"({"run":"reconcile:nightly:7","from":"1970-01-01T00:00:00.000Z",)"
                              R"("to":"1970-01-01T00:00:01.000Z","repair":"none"})");
    EXPECT_EQ(asked->ordering_key, due.ordering_key) << "one at a time";
    const auto refused = [&](const std::string& flow, const ReconcileWish& wish) {
        const auto event = demand_reconcile_event(connector, flow, wish, "7", now_ms);
        return event ? "" : event.error().message;
    };
    EXPECT_THAT(refused("stock", {}), HasSubstr("needs `token` to be configured"));
    EXPECT_THAT(refused("order", {}), HasSubstr("does not say how flow `order` is reconciled"));
    EXPECT_THAT(refused("nightly", {.from_ms = 2, .to_ms = 1}), HasSubstr("ends before it begins"));
    EXPECT_THAT(refused("nightly", {.repair = "everything"}), HasSubstr("choose none, missed or all"));
}

TEST_F(TriggerEvents, AScheduledEventSaysWhenItWasDue) {
    const auto event = schedule_event(connector, connector.plugin->contract.flows.at("nightly"), 1'700'000'000'000);
    EXPECT_EQ(event.payload, R"({"due":"2023-11-14T22:13:20.000Z"})");
    EXPECT_EQ(event.topic, schedule_topic);
    EXPECT_EQ(event.ordering_key, "nightly");
    EXPECT_EQ(event.occurred_at_ms, 1'700'000'000'000);
}

TEST_F(TriggerEvents, WhatStartsACoalescingFlowIsCoalescedButPollsAreNot) {
    auto plugin = std::make_shared<Plugin>(*connector.plugin);
    for (auto& [name, flow] : plugin->contract.flows) flow.coalesce_latest = true;
    connector.plugin = plugin;
    const auto& flows = connector.plugin->contract.flows;
    EXPECT_TRUE(schedule_event(connector, flows.at("nightly"), 1).coalesce);
    EXPECT_TRUE(demand_event(connector, "order", std::string(order_body), "7", 5)->coalesce);
    EXPECT_FALSE(poll_event(connector, flows.at("stock"), 1).coalesce);
    EXPECT_FALSE(sweep_event(connector, flows.at("stock"), 1).coalesce);
}

TEST_F(TriggerEvents, APersonsDocumentHasTheOrderAndRevisionOfItsFlow) {
    const auto event = demand_event(connector, "order", std::string(order_body), "7", 5);
    ASSERT_TRUE(event) << event.error().message;
    EXPECT_EQ(event->ordering_key, "6223372036854775807");
    EXPECT_EQ(event->revision, "2026-01-02T03:04:05Z");
    EXPECT_EQ(event->record, "6223372036854775807");
    EXPECT_EQ(event->payload, order_body);
    EXPECT_EQ(event->event_id, "demand:order:7");
}

TEST_F(TriggerEvents, AFlowWithARecordAndNoRevisionHasItsRecord) {
    auto plugin = std::make_shared<Plugin>(*connector.plugin);
    plugin->contract.flows.at("order").revision.clear();
    connector.plugin = plugin;
    const auto event = demand_event(connector, "order", std::string(order_body), "7", 5);
    ASSERT_TRUE(event) << event.error().message;
    EXPECT_EQ(event->record, "6223372036854775807");
    EXPECT_EQ(event->revision, "");
}

TEST_F(TriggerEvents, APersonsSweepIsOneOfItsOwn) {
    const auto event = demand_sweep_event(connector, "stock", "5-1", 5);
    ASSERT_TRUE(event) << event.error().message;
    EXPECT_EQ(event->event_id, "odoo_change/sweep:stock:5-1");
    EXPECT_TRUE(is_capture({.order = event->order, .topic = event->topic}));
    EXPECT_EQ(event->occurred_at_ms, 5);
    EXPECT_EQ(demand_sweep_event(connector, "nightly", "1", 0).error().message,
              "flow `nightly` watches no Odoo model: there is nothing to sweep");
    EXPECT_THAT(demand_sweep_event(connector, "stok", "1", 0).error().message, HasSubstr("did you mean `stock`?"));
    EXPECT_THAT(demand_sweep_event(connector, "off", "1", 0).error().message, HasSubstr("flow `off` is off"));
}

TEST_F(TriggerEvents, WithoutDataAWatchingFlowPollsAndAScheduledOneRuns) {
    EXPECT_EQ(demand_event(connector, "stock", "", "1", 0)->topic, poll_topic);
    EXPECT_EQ(demand_event(connector, "stock", R"({"product_id":3})", "1", 0)->topic, demand_topic);
    EXPECT_EQ(demand_event(connector, "nightly", "", "1", 0)->payload, "{}");
}

TEST_F(TriggerEvents, SaysWhatIsWrongAndWhatWouldBeRight) {
    EXPECT_EQ(
        refusal("ordr", "{}"),
        "connector `shop` has no flow `ordr`; did you mean `order`?; there is `nightly`, `off`, `order`, `product` "
        "or `stock`");
    EXPECT_EQ(refusal("order", ""),
              "flow `order` is ordered by /id, and without data there is none: give it with --data FILE");
    EXPECT_THAT(refusal("order", "no"), HasSubstr("the data is no JSON"));
    EXPECT_THAT(refusal("order", R"({"id":{}})"), HasSubstr("the data has no text or number there"));
    EXPECT_EQ(refusal("order", R"({"id":1,"updated_at":"soon"})"),
              "flow `order` needs a time or a number at /updated_at");
    EXPECT_EQ(refusal("off", R"({"id":1})"), "flow `off` is off: it needs `token` to be configured");
}

}  // namespace
}  // namespace sluice::host
