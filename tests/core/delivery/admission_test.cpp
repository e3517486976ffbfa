#include "core/delivery/admission_control.hpp"

#include <gmock/gmock.h>

namespace sluice::delivery::testing {
namespace {

struct AdmissionTest : ::testing::Test {
    ManualClock clock;
    AdmissionControl admission{clock};
    const std::atomic<bool> not_cancelled = false;

    AdmissionTest() {
        admission.configure({.connectors = {{.name = "shop", .odoo = "main", .limits = {.per_minute = 1}},
                                            {.name = "outlet", .odoo = "main"},
                                            {.name = "east", .odoo = "other", .group = "account"},
                                            {.name = "west", .odoo = "other", .group = "account"}},
                             .odoo = {{"main", CallCeiling{.max_concurrent = 2}}, {"other", CallCeiling{}}}});
    }
    CallGate::Permit call(const std::shared_ptr<CallGate>& gate) { return gate->acquire("x", not_cancelled).value(); }
    std::optional<std::int64_t> start(const std::string& connector, const std::string& flow = "order") {
        return admission.earliest_start_ms(connector, flow, clock.now_ms());
    }
};

TEST_F(AdmissionTest, GatesAreSharedByWhatIsBehindThem) {
    EXPECT_EQ(admission.odoo("main"), admission.odoo("main"));
    EXPECT_NE(admission.odoo("main"), admission.odoo("other"));
    EXPECT_EQ(admission.external("shop"), admission.external("shop"));
    EXPECT_NE(admission.external("shop"), admission.external("outlet"));
    EXPECT_EQ(admission.external("east"), admission.external("west"));
    // A group may have a connector's name.
    admission.configure({.connectors = {{.name = "account", .odoo = "other"}}, .odoo = {}});
    EXPECT_NE(admission.external("account"), admission.external("east"));
}

TEST_F(AdmissionTest, AnOdooThatHasAllItGetsHoldsDeliveriesOfEveryConnectorForAMoment) {
    EXPECT_FALSE(start("shop"));
    std::optional<CallGate::Permit> first(call(admission.odoo("main")));
    EXPECT_FALSE(start("shop"));
    const auto second = call(admission.odoo("main"));
    ASSERT_TRUE(start("shop"));
    EXPECT_GT(*start("shop"), clock.now_ms());
    EXPECT_LT(*start("shop"), clock.now_ms() + 1'000);
    EXPECT_TRUE(start("outlet"));
    EXPECT_FALSE(start("east"));
    first.reset();
    EXPECT_FALSE(start("shop"));
}

TEST_F(AdmissionTest, AUsedUpRateHoldsTheFlowsThatCallTheExternalSystemOnly) {
    call(admission.external("shop")).answered("");
    EXPECT_FALSE(start("shop", "order")) << "it writes to Odoo only, as far as is known";
    admission.calls_external("shop", "fulfilment");
    ASSERT_TRUE(start("shop", "fulfilment"));
    EXPECT_GE(*start("shop", "fulfilment"), clock.now_ms() + 60'000);
    EXPECT_FALSE(start("shop", "order"));
    EXPECT_FALSE(start("outlet", "fulfilment"));
    clock.advance(60'600);
    EXPECT_FALSE(start("shop", "fulfilment"));
}

TEST_F(AdmissionTest, AReloadChangesLimitsInPlace) {
    const auto gate = admission.external("shop");
    call(gate).answered("");
    admission.configure({.connectors = {{.name = "shop", .odoo = "main", .limits = {.per_minute = 2}}},
                         .odoo = {{"main", CallCeiling{.max_concurrent = 1}}}});
    EXPECT_EQ(admission.external("shop"), gate);
    EXPECT_EQ(gate->wait_ms(), 0);
    EXPECT_EQ(admission.odoo("main")->status().ceiling, 1);
}

TEST_F(AdmissionTest, WhatWasNeverConfiguredHasNoLimits) {
    EXPECT_FALSE(start("nobody"));
    EXPECT_EQ(admission.external("nobody")->wait_ms(), 0);
    EXPECT_EQ(admission.odoo("nowhere")->status().ceiling, CallCeiling::default_max_concurrent);
}

}  // namespace
}  // namespace sluice::delivery::testing
