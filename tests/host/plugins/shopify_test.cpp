// The shipped Shopify plugin with its own contract, over a fake Odoo.

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "tests/host/plugins/lane_fixture.hpp"

namespace sluice::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string order() {
    std::ifstream file(std::string(SLUICE_SOURCE_DIR) + "/tests/data/shopify/order_discounts.json");
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

class ShopifyPlugin : public LaneFixture {
protected:
    void SetUp() override {
        connector.config = {
            {"shipping_product", "SHIPPING"}, {"discount_product", "DISCOUNT"}, {"confirmed_order", "reject"}};
        const auto started = start_file(SLUICE_SHOPIFY_PLUGIN);
        ASSERT_TRUE(started) << started.error().message;
    }
    delivery::Verdict handle(const std::string& topic, const std::string& payload) {
        auto event = claim(topic, payload);
        event.event.flow = event.event.order = "order";
        event.event.revision = "2026-01-02T00:00:00Z";
        return handler->handle(event);
    }
};

TEST_F(ShopifyPlugin, BothTopicsWriteTheWholeOrderByItsId) {
    for (const auto* topic : {"orders/create", "orders/updated"}) {
        const auto verdict = handle(topic, order());
        EXPECT_THAT(outcome(verdict), HasSubstr("sale.order 12"));
        EXPECT_EQ(verdict.applied_revision, "2026-01-02T00:00:00Z");
    }
    EXPECT_THAT(odoo.written, ElementsAre("order_820982911946154508", "order_820982911946154508"));
}

TEST_F(ShopifyPlugin, AnOrderThatBreaksTheContractIsInvalidAndNotSent) {
    const auto broken = error(handle("orders/create", R"({"id":1,"line_items":[{"id":2}]})"));
    EXPECT_EQ(broken.failure, Failure::invalid);
    EXPECT_THAT(broken.message, HasSubstr("/line_items/0/sku"));
    EXPECT_TRUE(odoo.calls.empty());
}

}  // namespace
}  // namespace sluice::host
