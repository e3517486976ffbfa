// The shipped Shopify plugin lists orders: which requests it makes, and what it hands over.

#include <gmock/gmock.h>

#include "host/plugins/reconcile_run.hpp"
#include "host/plugins/reconcile_state.hpp"
#include "tests/host/plugins/lane_fixture.hpp"

namespace sluice::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ShopifyListing : public LaneFixture {
protected:
    void SetUp() override {
        connector.config = {{"shop_url", "https://demo.myshopify.com"}, {"confirmed_order", "reject"}};
        connector.secrets.emplace("access_token", Secret("token"));
        const auto started = start_file(SLUICE_SHOPIFY_PLUGIN);
        ASSERT_TRUE(started) << started.error().message;
    }
    delivery::Verdict page(const journal::NewEvent& event) {
        auto claimed = claim(std::string(event.topic), event.payload);
        claimed.event.event_id = event.event_id;
        claimed.event.flow = event.flow;
        claimed.event.order = event.order;
        const auto verdict = handler->handle(claimed);
        for (const auto& put : verdict.state) {
            auto& kept = journal.state[put.name];
            kept = {.value = put.value, .version = kept.version + 1};
        }
        return verdict;
    }
    journal::NewEvent begin() {
        return reconcile_event(connector, connector.plugin->contract.flows.at("order"), "r1",
                               {.from_ms = 0, .to_ms = 86'400'000}, 0);
    }
    void answer(std::string link, std::string body = R"({"orders":[]})") {
        web.answer = http::Response{.status = 200, .headers = {}, .body = std::move(body)};
        if (!link.empty()) web.answer->headers.emplace_back("Link", std::move(link));
    }
};

TEST_F(ShopifyListing, PagesFollowTheLinkAndBeginWithThePeriod) {
    ASSERT_TRUE(can_reconcile(connector, connector.plugin->contract.flows.at("order")));
    answer(R"(<https://demo.myshopify.com/admin/api/2026-10/orders.json?limit=50&page_info=before>; rel="previous", )"
           R"(<https://demo.myshopify.com/admin/api/2026-10/orders.json?page_info=be%3Dhind&limit=50>; rel="next")");
    const auto first = page(begin());
    ASSERT_FALSE(first.error) << first.error->message;
    ASSERT_EQ(first.emitted.size(), 1U);
    answer(R"(<https://demo.myshopify.com/admin/api/2026-10/orders.json?limit=50&page_info=before>; rel="previous")");
    EXPECT_FALSE(page(first.emitted[0]).error);
    std::vector<std::string> targets;
    for (const auto& [endpoint, request] : web.requests) targets.push_back(request.target);
    EXPECT_THAT(targets, ElementsAre("/admin/api/2026-10/orders.json?status=any&order=updated_at+asc&limit=50"
                                     "&updated_at_min=1970-01-01T00:00:00.000Z&updated_at_max=1970-01-02T00:00:00.000Z",
                                     "/admin/api/2026-10/orders.json?limit=50&page_info=be%3Dhind"));
    EXPECT_THAT(journal.state.at(reconcile_run_state("order")).value, HasSubstr(R"("phase":"odoo")"));
    EXPECT_TRUE(odoo.written.empty());
}

TEST_F(ShopifyListing, AnOrderThatBreaksTheContractIsAFindingAndNoFailure) {
    answer("", R"({"orders":[{"id":9007199254740993,"updated_at":"1970-01-01T01:00:00Z","line_items":[]}]})");
    const auto verdict = page(begin());
    ASSERT_FALSE(verdict.error) << verdict.error->message;
    const auto report = read_reconcile_report(journal, "shop", "order", 0).value();
    ASSERT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.findings[0].kind, reconcile::Kind::broken);
    EXPECT_EQ(report.findings[0].record, "9007199254740993");
    EXPECT_THAT(report.findings[0].why, HasSubstr("/shipping_lines"));
}

TEST_F(ShopifyListing, AThrottledShopIsWaitedFor) {
    web.answer = http::Response{.status = 429, .headers = {{"Retry-After", "2"}}, .body = "{}"};
    const auto failed = error(page(begin()));
    EXPECT_EQ(failed.failure, Failure::rate_limited);
    EXPECT_EQ(failed.retry_after_ms, 2'000);
}

}  // namespace
}  // namespace sluice::host
