#include "host/service/running_set.hpp"

#include <gmock/gmock.h>

#include "tests/host/ingress/ingress_fixture.hpp"

namespace sluice::host {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

host::Setup setup() {
    host::Setup setup;
    for (const auto* name : {"outlet", "shop"}) {
        auto connector = make_connector(name);
        connector.odoo = name == std::string_view("shop") ? "main" : "second";
        setup.connectors.push_back(std::move(connector));
    }
    // The plugin of a process stays the same object.
    setup.connectors[1].plugin = setup.connectors[0].plugin;
    setup.odoo["main"] = odoo::Account{.database = "db", .api_key = Secret("key")};
    setup.odoo["second"] = odoo::Account{.database = "other"};
    return setup;
}

struct RunningSetTest : testing::Test {
    host::Setup first = setup();
    std::shared_ptr<const RunningSet> before = make_running_set(first, RunningSet());

    SetChange change_to(const host::Setup& next) { return difference(*before, *make_running_set(next, *before)); }
};

TEST_F(RunningSetTest, TheSameSetupChangesNothingAndKeepsItsObjects) {
    const auto after = make_running_set(first, *before);
    const auto change = difference(*before, *after);
    EXPECT_THAT(change.started, IsEmpty());
    EXPECT_THAT(change.stopped, IsEmpty());
    EXPECT_THAT(change.restarted, IsEmpty());
    EXPECT_EQ(after->database("main"), before->database("main")) << "its session goes on";
}

TEST_F(RunningSetTest, EveryPartOfAConnectorCounts) {
    const auto restarts = [&](const std::function<void(Connector&)>& change) {
        auto next = first;
        change(next.connectors[1]);
        EXPECT_THAT(change_to(next).restarted, ElementsAre("shop"));
    };
    restarts([](Connector& connector) { connector.lanes = 7; });
    restarts([](Connector& connector) { connector.config["a"] = "b"; });
    restarts([](Connector& connector) { connector.secrets["webhook_secret"] = Secret("another"); });
    restarts([](Connector& connector) { connector.retry["order"].limit = 3; });
    restarts([](Connector& connector) { connector.retention["order"].payload_ms = 3; });
    restarts([](Connector& connector) { connector.odoo = "second"; });
    restarts([](Connector& connector) { connector.nats = "bus"; });
    restarts([](Connector& connector) { connector.limits.per_day = 5; });
    restarts([](Connector& connector) { connector.rate_limit_group = "account"; });
}

TEST_F(RunningSetTest, AnotherKeyOfAnOdooRestartsWhoWritesToItAndNobodyElse) {
    auto next = first;
    next.odoo["main"].api_key = Secret("another");
    EXPECT_THAT(change_to(next).restarted, ElementsAre("shop"));
}

TEST_F(RunningSetTest, TwoTablesOfOneDatabaseShareTheirGuards) {
    auto next = first;
    next.odoo["second"].database = "db";
    next.odoo["second"].login = "another";
    const auto after = make_running_set(next, *before);
    EXPECT_EQ(after->database("main")->flights, after->database("second")->flights);
    EXPECT_NE(after->database("main")->session, after->database("second")->session);
    EXPECT_NE(before->database("main")->flights, before->database("second")->flights);
}

TEST_F(RunningSetTest, WhatComesAndGoes) {
    auto next = first;
    next.connectors.erase(next.connectors.begin());
    next.disabled.push_back("outlet");
    auto third = make_connector("third");
    third.odoo = "main";
    next.connectors.push_back(third);
    const auto change = change_to(next);
    EXPECT_THAT(change.stopped, ElementsAre("outlet"));
    EXPECT_THAT(change.started, ElementsAre("third"));
    EXPECT_THAT(change.restarted, IsEmpty());
}

}  // namespace
}  // namespace sluice::host
