// RecordWriter while others do something too: what arrives late, what is confirmed, removed or refused in between.

#include <gmock/gmock.h>

#include <functional>
#include <utility>

#include "core/odoo/external_id.hpp"
#include "tests/core/odoo/record_writer_fixture.hpp"

namespace sluice::odoo {
namespace {

using test::FakeOdoo;
using test::Order;
using test::RecordWriterTest;
using testing::HasSubstr;
using What = Written::What;

/// A server that is stuck before it: the first call of a method is held, fails for its caller, and is applied later.
class HoldingCaller final : public Caller {
public:
    HoldingCaller(FakeOdoo& inner, std::string model, std::string method)
        : inner_(inner), model_(std::move(model)), method_(std::move(method)) {}
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override {
        if (!held_ && model == model_ && method == method_) {
            held_ = [this, args = std::string(args), kwargs = std::string(kwargs)] {
                return inner_.call(model_, method_, args, kwargs);
            };
            return fail(Failure::unknown, "timed out");
        }
        return inner_.call(model, method, args, kwargs);
    }
    Result<json::Document> let_go() { return held_(); }

private:
    FakeOdoo& inner_;
    std::string model_, method_;
    std::function<Result<json::Document>()> held_;
};

TEST_F(RecordWriterTest, ACreationThatArrivesLateOverwritesNothingNewer) {
    for (const bool confirmed : {false, true}) {
        const auto id = confirmed ? "2001" : "2002";
        HoldingCaller stuck(odoo, "sale.order", "load");
        ASSERT_FALSE(write_through(stuck, test::order({.id = id, .name = "#A"})));
        ASSERT_TRUE(write(test::order({.id = id, .name = "#A"})));
        const auto newer = test::order({.id = id, .name = "#B", .lines = {{"1", "PEN", "9", "10.50", "5.00"}}});
        const auto written = write(newer);
        ASSERT_TRUE(written) << written.error().message;
        if (confirmed) odoo.row("sale.order", written->id)["state"] = "\"sale\"";
        const auto before = odoo.state();
        EXPECT_TRUE(stuck.let_go());
        EXPECT_EQ(odoo.state(), before);
    }
}

TEST_F(RecordWriterTest, AnAddedLineThatArrivesLateOverwritesNothingNewer) {
    ASSERT_TRUE(write(test::order({})));
    auto more = Order{};
    more.lines.push_back({"3", "LAMP", "1", "7", "0"});
    HoldingCaller stuck(odoo, "sale.order.line", "load");
    ASSERT_FALSE(write_through(stuck, test::order(more)));
    more.lines.back().quantity = "4";
    ASSERT_TRUE(write(test::order(more)));
    const auto before = odoo.state();
    EXPECT_TRUE(stuck.let_go());
    EXPECT_EQ(odoo.state(), before);
}

/// Somebody else does something just before a call of ours.
class InterruptedCaller final : public Caller {
public:
    using Matches = std::function<bool(std::string_view method, std::string_view args)>;
    InterruptedCaller(FakeOdoo& inner, std::string model, Matches matches, std::function<void()> what)
        : inner_(inner), model_(std::move(model)), matches_(std::move(matches)), what_(std::move(what)) {}
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override {
        if (what_ && model == model_ && matches_(method, args)) std::exchange(what_, nullptr)();
        return inner_.call(model, method, args, kwargs);
    }
    bool happened() const { return !what_; }

private:
    FakeOdoo& inner_;
    std::string model_;
    Matches matches_;
    std::function<void()> what_;
};

TEST_F(RecordWriterTest, ACreationThatArrivesBetweenTheLookAndTheCreationIsUpdated) {
    HoldingCaller stuck(odoo, "sale.order", "load");
    ASSERT_FALSE(write_through(stuck, test::order({.name = "#A"})));
    InterruptedCaller odoo_then(
        odoo, "sale.order", [](auto method, auto args) { return method == "search" && args == "[[]]"; },
        [&] { ASSERT_TRUE(stuck.let_go()); });
    const auto written = write_through(odoo_then, test::order({.name = "#B"}));
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_TRUE(odoo_then.happened());
    EXPECT_EQ(written->what, What::updated) << written->detail;
    EXPECT_EQ(odoo.count("sale.order"), 1U);
    EXPECT_EQ(odoo.row("sale.order", written->id).at("client_order_ref"), "\"#B\"");
}

TEST_F(RecordWriterTest, ConfirmedWhileItIsLookedAtIsLookedAtAgain) {
    ASSERT_TRUE(write(test::order({})));
    const auto before = odoo.row("sale.order", order_id()).at("client_order_ref");
    InterruptedCaller confirmed(
        odoo, "sale.order.line", [](auto method, auto) { return method == "search_read"; },
        [&] { odoo.row("sale.order", order_id())["state"] = "\"sale\""; });
    const auto changed = test::order({.name = "#1002"});
    const auto first = write_through(confirmed, changed);
    ASSERT_FALSE(first);
    EXPECT_TRUE(confirmed.happened());
    EXPECT_EQ(first.error().failure, Failure::retry);
    EXPECT_THAT(first.error().message, HasSubstr("became `sale` while it was being looked at"));
    EXPECT_EQ(odoo.row("sale.order", order_id()).at("client_order_ref"), before);
    EXPECT_EQ(write(changed).error().failure, Failure::rejected);
}

TEST_F(RecordWriterTest, ConfirmedInTheLastMomentIsSaid) {
    ASSERT_TRUE(write(test::order({})));
    InterruptedCaller confirmed(
        odoo, "sale.order", [](auto method, auto) { return method == "write"; },
        [&] { odoo.row("sale.order", order_id())["state"] = "\"sale\""; });
    const auto written = write_through(confirmed, test::order({.name = "#1002"}));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().failure, Failure::rejected);
    EXPECT_THAT(written.error().message, HasSubstr("became `sale` while it was being changed, and now has: "
                                                   "client_order_ref `#1001` -> `#1002`"));
}

/// Refuses one method of one model, as Odoo refuses a value.
class RefusingCaller final : public Caller {
public:
    RefusingCaller(FakeOdoo& inner, std::string model, std::string method)
        : inner_(inner), model_(std::move(model)), method_(std::move(method)) {}
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override {
        if (model == model_ && method == method_) return fail(Failure::rejected, "not with me");
        return inner_.call(model, method, args, kwargs);
    }

private:
    FakeOdoo& inner_;
    std::string model_, method_;
};

TEST_F(RecordWriterTest, ARefusedNewLineChangesNothingElse) {
    ASSERT_TRUE(write(test::order({})));
    const auto before = odoo.state();
    auto changed = Order{.name = "#1002"};
    changed.lines.push_back({"3", "LAMP", "1", "7", "0"});
    RefusingCaller lines(odoo, "sale.order.line", "load");
    ASSERT_FALSE(write_through(lines, test::order(changed)));
    EXPECT_EQ(odoo.state(), before);

    RefusingCaller header(odoo, "sale.order", "write");
    EXPECT_THAT(write_through(header, test::order(changed)).error().message,
                HasSubstr("its new lines are in Odoo already, the other changes are not"));
    const auto again = write(test::order(changed));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(odoo.count("sale.order.line"), 3U);
}

/// Removes a record when a method is called for the first time: between our look and our write.
class RemovingCaller final : public Caller {
public:
    RemovingCaller(FakeOdoo& inner, std::string method, std::string model, std::int64_t id)
        : inner_(inner), method_(std::move(method)), model_(std::move(model)), id_(id) {}
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override {
        if (method == method_ && model == "sale.order") {
            inner_.remove(model_, id_);
            // As Odoo answers (tests/data/odoo_wire/17/079-err-missing-write).
            return fail(Failure::rejected, "Record does not exist or has been deleted.");
        }
        return inner_.call(model, method, args, kwargs);
    }

private:
    FakeOdoo& inner_;
    std::string method_, model_;
    std::int64_t id_;
};

TEST_F(RecordWriterTest, WhatIsRemovedWhileItIsBeingWrittenIsMadeAnew) {
    ASSERT_TRUE(write(test::order({})));
    RemovingCaller removes_order(odoo, "write", "sale.order", order_id());
    const auto changed = test::order({.lines = {{"1", "PEN", "3", "10.50", "5.00"}}});
    const auto failed = write_through(removes_order, changed);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().failure, Failure::retry) << failed.error().message;
    EXPECT_THAT(failed.error().message, HasSubstr("sale.order was removed while it was being used"));
    const auto again = write(changed);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->what, What::created);
}

TEST_F(RecordWriterTest, ACustomerWhoIsRemovedBeforeTheOrderIsMadeAnew) {
    ASSERT_TRUE(write(test::order({})));
    const auto customer = memory.ids.at(full_external_id("shop", "customer_ann@example.com"));
    RemovingCaller removes_customer(odoo, "load", "res.partner", customer);
    const auto failed = write_through(removes_customer, test::order({.id = "1002", .name = "#1002"}));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().failure, Failure::retry) << failed.error().message;
}

TEST_F(RecordWriterTest, ARefusalOfARecordThatIsThereStaysOne) {
    ASSERT_TRUE(write(test::order({})));
    RefusingCaller refusing(odoo, "sale.order", "write");
    const auto refused = write_through(refusing, test::order({.lines = {{"1", "PEN", "3", "10.50", "5.00"}}}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, Failure::rejected);
}

}  // namespace
}  // namespace sluice::odoo
