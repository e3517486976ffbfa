#include "core/odoo/record_writer.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "core/odoo/external_id.hpp"
#include "tests/core/odoo/record_writer_fixture.hpp"

namespace sluice::odoo {
namespace {

using test::FailingCaller;
using test::FakeOdoo;
using test::MapMemory;
using test::Order;
using test::RecordWriterTest;
using testing::HasSubstr;
using testing::Not;
using What = Written::What;

TEST_F(RecordWriterTest, CreatesTheOrderItsLinesAndItsCustomer) {
    const auto written = write(test::order({}));
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->what, What::created);
    EXPECT_EQ(written->model, "sale.order");
    EXPECT_THAT(written->detail, HasSubstr("created sale.order " + std::to_string(written->id)));
    EXPECT_THAT(written->detail, HasSubstr("created res.partner"));
    EXPECT_THAT(odoo.state(),
                HasSubstr("sale.order.line __sluice__.shop_order_1001_line_1 discount=5.0 name=\"Line 1\" "
                          "order_id=__sluice__.shop_order_1001"));
    EXPECT_EQ(odoo.count("sale.order.line"), 2U);
    EXPECT_EQ(order_id(), written->id);
}

TEST_F(RecordWriterTest, TheSameAgainWritesNothing) {
    ASSERT_TRUE(write(test::order({})));
    const auto before = odoo.state();
    odoo.calls.clear();
    const auto again = write(test::order({}));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->what, What::unchanged);
    EXPECT_EQ(odoo.state(), before);
    EXPECT_EQ(odoo.calls_of("sale.order.write") + odoo.calls_of("sale.order.load"), 0U);
}

TEST_F(RecordWriterTest, SomebodyElsesLinesAreComparedInTheirOrderWhereThatIsAsked) {
    ASSERT_TRUE(RecordWriter(odoo, flights, memory, "old").write(test::order({})));
    auto record = test::order({.lines = {{"1", "PEN", "3", "10.50", "5.00"}}});
    record.adopt = true;
    for (auto& lines : record.lines) lines.pairs_foreign = true;
    odoo.calls.clear();
    const auto written = write(record);
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_THAT(written->detail, HasSubstr("product_uom_qty 2.0 -> 3"));
    EXPECT_THAT(written->detail, HasSubstr("is removed"));
    EXPECT_THAT(written->detail, Not(HasSubstr("is new")));
    EXPECT_EQ(odoo.calls_of("sale.order.load") + odoo.calls_of("sale.order.line.load"), 0U);
}

TEST_F(RecordWriterTest, WritesWhatChangedInOneCallAndKeepsTheRest) {
    ASSERT_TRUE(write(test::order({})));
    odoo.calls.clear();
    const auto written = write(test::order({.lines = {{"1", "PEN", "3", "10.50", "5.00"}}}));
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->what, What::updated);
    EXPECT_THAT(written->detail, HasSubstr("product_uom_qty 2.0 -> 3"));
    EXPECT_THAT(written->detail, HasSubstr("is removed"));
    EXPECT_THAT(written->detail, Not(HasSubstr("price_unit")));
    EXPECT_EQ(odoo.calls_of("sale.order.write"), 1U);
    EXPECT_EQ(odoo.calls_of("sale.order.load"), 0U);
    EXPECT_EQ(odoo.count("sale.order.line"), 1U);
    EXPECT_THAT(odoo.state(), HasSubstr("price_unit=10.5 product_id"));
}

TEST_F(RecordWriterTest, AddsLinesThatAreNew) {
    ASSERT_TRUE(write(test::order({})));
    auto changed = Order{};
    changed.lines.push_back({"3", "LAMP", "1", "7", "0"});
    changed.lines.push_back({"4", "SHIPPING", "1", "4.95"});
    const auto written = write(test::order(changed));
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->what, What::updated);
    EXPECT_EQ(odoo.count("sale.order.line"), 4U);
    const auto again = write(test::order(changed));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->what, What::unchanged);
}

TEST_F(RecordWriterTest, LeavesLinesThatAPersonAddedAlone) {
    ASSERT_TRUE(write(test::order({})));
    odoo.add("sale.order.line", {{"order_id", std::to_string(order_id())}, {"name", "\"by hand\""}});
    const auto written = write(test::order({.lines = {{"1", "PEN", "2", "10.50", "5.00"}}}));
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_THAT(odoo.state(), HasSubstr("by hand"));
    EXPECT_THAT(odoo.state(), Not(HasSubstr("Line 2")));
}

TEST_F(RecordWriterTest, KeepsRemovedLinesWhereTheMappingSaysSo) {
    ASSERT_TRUE(write(test::order({})));
    auto fewer = test::order({.lines = {{"1", "PEN", "2", "10.50", "5.00"}}});
    fewer.lines.front().removed = mapping::MappedLines::Removed::keep;
    const auto written = write(fewer);
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->what, What::unchanged);
    EXPECT_EQ(odoo.count("sale.order.line"), 2U);
}

TEST_F(RecordWriterTest, WhatOdooRoundedIsNoDifference) {
    const auto record = test::order({.lines = {{"1", "PEN", "1", "10.555", "0"}}});
    ASSERT_TRUE(write(record));
    EXPECT_THAT(odoo.state(), HasSubstr("price_unit=10.56"));
    const auto again = write(record);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->what, What::unchanged) << again->detail;
}

TEST_F(RecordWriterTest, ReportsAllMissingReferencesAndCreatesNothing) {
    const auto written = write(test::order({.lines = {{"1", "NOPE", "1", "1", "0"}, {"2", "ALSO", "1", "1", "0"}}}));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().failure, Failure::invalid);
    EXPECT_THAT(written.error().message, HasSubstr("no product.product with default_code `NOPE` (/line_items/0/sku)"));
    EXPECT_THAT(written.error().message, HasSubstr("no product.product with default_code `ALSO` (/line_items/1/sku)"));
    EXPECT_EQ(odoo.count("res.partner") + odoo.count("sale.order"), 0U);
}

TEST_F(RecordWriterTest, AmbiguousReferenceIsRefused) {
    odoo.add("product.product", {{"default_code", "\"PEN\""}});
    const auto written = write(test::order({}));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().failure, Failure::invalid);
    EXPECT_THAT(written.error().message, HasSubstr("more than one product.product with default_code `PEN`: ids "));
}

TEST_F(RecordWriterTest, AsksForAllReferencesOfOneModelAtOnce) {
    ASSERT_TRUE(write(test::order({})));
    EXPECT_EQ(odoo.calls_of("product.product.search_read"), 1U);
    EXPECT_EQ(odoo.calls_of("product.product.search"), 0U);
}

TEST_F(RecordWriterTest, AConfirmedOrderIsProtected) {
    ASSERT_TRUE(write(test::order({})));
    odoo.row("sale.order", order_id())["state"] = "\"sale\"";
    const auto unchanged = write(test::order({}));
    ASSERT_TRUE(unchanged);
    EXPECT_EQ(unchanged->what, What::unchanged);

    const auto before = odoo.state();
    auto changed = test::order({.name = "#1002"});
    const auto refused = write(changed);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, Failure::rejected);
    const auto id = std::to_string(order_id());
    EXPECT_EQ(refused.error().message, "sale.order " + id + " (R" + id +
                                           ") is `sale` and protected; it would change: client_order_ref `#1001` -> "
                                           "`#1002`");
    changed.protection->action = mapping::Protection::Action::skip;
    const auto skipped = write(changed);
    ASSERT_TRUE(skipped);
    EXPECT_EQ(skipped->what, What::skipped);
    EXPECT_EQ(odoo.state(), before);
}

TEST_F(RecordWriterTest, AFieldOfCreationAloneIsNoDifferenceLater) {
    ASSERT_TRUE(write(test::order({})));
    EXPECT_EQ(odoo.row("sale.order", order_id()).at("date_order"), "\"2026-11-01 10:00:00\"");
    // As action_confirm does.
    odoo.row("sale.order", order_id())["date_order"] = "\"2026-11-02 08:00:00\"";
    odoo.row("sale.order", order_id())["state"] = "\"sale\"";
    const auto again = write(test::order({}));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->what, What::unchanged);
}

TEST_F(RecordWriterTest, AdoptsAnExistingCustomerAndLeavesItAsItIs) {
    const auto id = odoo.add("res.partner", {{"email_normalized", "\"ann@example.com\""}, {"name", "\"Old Ann\""}});
    const auto written = write(test::order({}));
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(odoo.count("res.partner"), 1U);
    EXPECT_EQ(odoo.row("res.partner", id).at("name"), "\"Old Ann\"");
    EXPECT_EQ(odoo.row("sale.order", written->id).at("partner_id"), std::to_string(id));
    EXPECT_EQ(odoo.calls_of("res.country.search_read"), 0U) << "an existing record needs no references";
}

TEST_F(RecordWriterTest, ACustomerOfOursWhoseEmailWasChangedIsUsed) {
    ASSERT_TRUE(write(test::order({})));
    const auto id = memory.ids.at(full_external_id("shop", "customer_ann@example.com"));
    odoo.row("res.partner", id)["email_normalized"] = "\"new@example.com\"";
    const auto written = write(test::order({.id = "1002", .name = "#1002"}));
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(odoo.count("res.partner"), 1U);
    EXPECT_EQ(odoo.row("res.partner", id).at("email_normalized"), "\"new@example.com\"");
}

TEST_F(RecordWriterTest, AnEmptyNaturalKeyAdoptsNobody) {
    odoo.add("res.partner", {{"name", "\"Stranger\""}});
    auto guest = test::customer("");
    guest.external_id = "customer_0";
    const auto written = write(guest);
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->what, What::created);
    EXPECT_EQ(odoo.calls_of("res.partner.search"), 0U);
}

TEST_F(RecordWriterTest, NestsADeliveryAddressUnderItsCustomer) {
    const auto record = test::order({.delivery_street = "Rue 1"});
    const auto written = write(record);
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(odoo.count("res.partner"), 2U);
    EXPECT_THAT(odoo.state(), HasSubstr("parent_id=__sluice__.shop_customer_ann_x40example_x2ecom"));
    memory.ids.clear();
    const auto again = write(record);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->what, What::unchanged);
    EXPECT_EQ(odoo.count("res.partner"), 2U);
}

TEST_F(RecordWriterTest, AnotherOrderWithTheSameNaturalKeyIsNotThisOne) {
    odoo.add("sale.order", {{"client_order_ref", "\"#1001\""}});
    const auto written = write(test::order({}));
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->what, What::created);
    EXPECT_EQ(odoo.count("sale.order"), 2U);
}

TEST_F(RecordWriterTest, AMemoryThatOdooDoesNotConfirmIsNotTrusted) {
    const auto stranger = odoo.add("sale.order", {{"client_order_ref", "\"other\""}});
    memory.ids["__sluice__.shop_order_1001"] = stranger;
    const auto written = write(test::order({}));
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->what, What::created);
    EXPECT_EQ(odoo.row("sale.order", stranger).at("client_order_ref"), "\"other\"");
    EXPECT_EQ(order_id(), written->id);
}

/// Whatever call fails, applied or not, and whether the memory was kept or not: run again from the start, the end is
/// the same.
TEST_F(RecordWriterTest, AFailureAtAnyStepAndAnotherAttemptEndTheSame) {
    auto first = Order{.delivery_street = "Rue 1"};
    auto second = first;
    second.name = "#1001-B";
    second.lines = {{"2", "DESK", "4", "99.90", "0"}, {"3", "LAMP", "1", "7.25", "0"}, {"4", "SHIPPING", "1", "4.95"}};

    FakeOdoo smooth;
    fill(smooth);
    ASSERT_TRUE(write_through(smooth, test::order(first)));
    ASSERT_TRUE(write_through(smooth, test::order(second)));
    const auto expected = smooth.state();

    int steps = 0;
    for (const auto when : {FailingCaller::When::before, FailingCaller::When::after}) {
        for (const bool forget : {false, true}) {
            for (const bool fail_first : {true, false}) {
                for (int step = 0;; ++step, ++steps) {
                    FakeOdoo fake;
                    fill(fake);
                    memory.ids.clear();
                    FailingCaller failing(fake, step, when);
                    Caller& before = fail_first ? static_cast<Caller&>(failing) : fake;
                    Caller& after = fail_first ? static_cast<Caller&>(fake) : failing;
                    if (!write_through(before, test::order(first))) {
                        if (forget) memory.ids.clear();
                        ASSERT_TRUE(write_through(fake, test::order(first)));
                    }
                    if (!write_through(after, test::order(second))) {
                        // The reference changed with the write: only the memory of the first write finds the order
                        // then.
                        ASSERT_TRUE(write_through(fake, test::order(second)));
                    }
                    ASSERT_EQ(fake.state(), expected)
                        << "step " << step << " applied " << (when == FailingCaller::When::after) << " first "
                        << fail_first;
                    if (!failing.failed()) break;
                }
            }
        }
    }
    EXPECT_GT(steps, 40);
}

TEST_F(RecordWriterTest, TheSameNewGuestOfTwoConnectorsIsOneCustomer) {
    MapMemory of_shop, of_outlet;
    std::thread shop([&] { EXPECT_TRUE(RecordWriter(odoo, flights, of_shop, "shop").write(test::order({}))); });
    EXPECT_TRUE(RecordWriter(odoo, flights, of_outlet, "outlet").write(test::order({.id = "7", .name = "#7"})));
    shop.join();
    EXPECT_EQ(odoo.count("res.partner"), 1U);
    EXPECT_EQ(odoo.count("sale.order"), 2U);
}

/// The guard is asked for by natural key: held by one connector's delivery, it stops the other's.
TEST_F(RecordWriterTest, TwoConnectorsMeetAtOneGuard) {
    SingleFlight quick(1);
    const auto held = quick.enter("res.partner email_normalized=`ann@example.com`");
    MapMemory own;
    const auto written = RecordWriter(odoo, quick, own, "outlet").write(test::order({}));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().failure, Failure::rate_limited);
    EXPECT_EQ(odoo.count("res.partner"), 0U);
}

TEST_F(RecordWriterTest, AnEmptyReferenceNeedsItsCondition) {
    const auto record = [](const char* country) {
        auto out = test::customer("ann@example.com");
        auto& find = *std::get<Boxed<mapping::Find>>(out.fields.at(2).value);
        find.by = {{"code", "XX"}};
        find.empty_if = {{.model = "res.country", .by = {{"code", country}}, .pointer = "", .empty_if = {}}};
        return out;
    };
    const auto refused = write(record("YY"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, Failure::invalid);
    EXPECT_THAT(refused.error().message, HasSubstr("no res.country with code `XX`, and no res.country with code `YY`"));
    const auto written = write(record("BE"));
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(odoo.row("res.partner", written->id).at("country_id"), "false");
}

TEST_F(RecordWriterTest, FiftyOrdersOfOneGuestMakeOneCustomer) {
    struct NoMemory final : IdMemory {
        std::optional<std::int64_t> recall(const std::string&) override { return std::nullopt; }
        void remember(const std::string&, std::int64_t) override {}
    };
    std::vector<std::thread> lanes;
    std::atomic<int> created = 0;
    for (int i = 0; i < 50; ++i) {
        lanes.emplace_back([&, i] {
            NoMemory none;
            const auto number = std::to_string(2000 + i);
            const auto written =
                RecordWriter(odoo, flights, none, "shop").write(test::order({.id = number, .name = "#" + number}));
            if (written && written->what == What::created) ++created;
        });
    }
    for (auto& lane : lanes) lane.join();
    EXPECT_EQ(created, 50);
    EXPECT_EQ(odoo.count("res.partner"), 1U);
    EXPECT_EQ(odoo.calls_of("res.partner.load"), 1U);
}

}  // namespace
}  // namespace sluice::odoo
