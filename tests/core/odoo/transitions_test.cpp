// Methods of the record's own, after it is written: a cancellation.

#include "tests/core/odoo/record_writer_fixture.hpp"

namespace sluice::odoo {
namespace {

using test::FailingCaller;
using test::FakeOdoo;
using testing::HasSubstr;
using What = Written::What;

class TransitionsTest : public test::RecordWriterTest {};

TEST_F(TransitionsTest, ACancelledOrderIsCancelledOnce) {
    ASSERT_TRUE(write(test::order({})));
    for (const auto* state : {"\"draft\"", "\"sent\""}) {
        odoo.row("sale.order", order_id())["state"] = state;
        odoo.calls.clear();
        const auto written = write(test::order({.cancelled = true}));
        ASSERT_TRUE(written) << written.error().message;
        EXPECT_EQ(written->what, What::updated);
        EXPECT_THAT(written->detail, HasSubstr("action_cancel: state `draft` -> `cancel`"));
        EXPECT_EQ(odoo.row("sale.order", order_id()).at("state"), "\"cancel\"");
        const auto again = write(test::order({.cancelled = true}));
        ASSERT_TRUE(again) << again.error().message;
        EXPECT_EQ(again->what, What::unchanged);
        EXPECT_EQ(odoo.calls_of("sale.order.action_cancel"), 1U);
    }
    // It is protected now: only what differs is refused.
    EXPECT_EQ(write(test::order({}))->what, What::unchanged);
    const auto refused = write(test::order({.name = "#1002", .cancelled = true}));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr("is `cancel` and protected; it would change: client_order_ref"));
}

TEST_F(TransitionsTest, AnOrderThatIsCancelledBeforeItWasSeenIsCreatedAndCancelled) {
    const auto written = write(test::order({.cancelled = true}));
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->what, What::created);
    EXPECT_THAT(written->detail, HasSubstr(": action_cancel: state `draft` -> `cancel`"));
    EXPECT_EQ(odoo.row("sale.order", written->id).at("state"), "\"cancel\"");
    EXPECT_EQ(odoo.count("sale.order.line"), 2U);
}

TEST_F(TransitionsTest, TheContractDecidesWhatACancellationDoesToAConfirmedOrder) {
    ASSERT_TRUE(write(test::order({})));
    odoo.row("sale.order", order_id())["state"] = "\"sale\"";
    auto cancelled = test::order({.cancelled = true});
    const auto id = std::to_string(order_id());
    const auto reason = "sale.order " + id + " (R" + id +
                        ") is `sale`, and /cancelled_at asks for state `cancel`, to which nothing leads from there";
    const auto refused = write(cancelled);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, Failure::rejected);
    EXPECT_EQ(refused.error().message, reason);
    cancelled.transitions.at(0).otherwise = mapping::Protection::Action::skip;
    const auto skipped = write(cancelled);
    ASSERT_TRUE(skipped) << skipped.error().message;
    EXPECT_EQ(skipped->what, What::skipped);
    EXPECT_EQ(skipped->detail, reason);
    EXPECT_EQ(odoo.calls_of("sale.order.action_cancel"), 0U);
    // What it would change besides is refused first, and says both.
    const auto both = write(test::order({.name = "#1002", .cancelled = true}));
    ASSERT_FALSE(both);
    EXPECT_THAT(both.error().message,
                HasSubstr("it would change: client_order_ref `#1001` -> `#1002`; /cancelled_at asks "
                          "for state `cancel`"));
    EXPECT_EQ(odoo.row("sale.order", order_id()).at("state"), "\"sale\"");
}

/// A person is faster: between the look and the call, or with something that makes Odoo answer and do nothing.
TEST_F(TransitionsTest, ACallThatLedNowhereIsNoSuccess) {
    class Confirming final : public Caller {
    public:
        Confirming(FakeOdoo& inner, std::string state) : inner_(inner), state_(std::move(state)) {}
        Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                    std::string_view kwargs) override {
            if (method != "action_cancel") return inner_.call(model, method, args, kwargs);
            const auto document = json::Document::parse(args);
            const auto id = document->root().at(0).at(0).as_int64();
            inner_.row("sale.order", *id)["state"] = state_;
            if (state_ == "\"sale\"") return inner_.call(model, method, args, kwargs);
            return json::Document::parse("true");
        }

    private:
        FakeOdoo& inner_;
        std::string state_;
    };
    for (const auto& [state, words] :
         {std::pair("\"sale\"", "is `sale`, and /cancelled_at asks for state `cancel`, to which"),
          std::pair("\"draft\"", "`action_cancel` was called and did not lead there")}) {
        const auto id = std::string("3") + state[1];
        Confirming odoo_and_person(odoo, state);
        const auto refused =
            write_through(odoo_and_person, test::order({.id = id, .name = "#" + id, .cancelled = true}));
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().failure, Failure::rejected);
        EXPECT_THAT(refused.error().message, HasSubstr(words));
    }
}

TEST_F(TransitionsTest, ACancellationThatFailsAtAnyStepEndsTheSame) {
    for (const auto when : {FailingCaller::When::before, FailingCaller::When::after}) {
        for (int step = 0;; ++step) {
            FakeOdoo fake;
            fill(fake);
            memory.ids.clear();
            const auto cancelled = test::order({.cancelled = true});
            FailingCaller failing(fake, step, when);
            if (!write_through(failing, cancelled)) {
                const auto written = write_through(fake, cancelled);
                ASSERT_TRUE(written) << step << ": " << written.error().message;
            }
            ASSERT_THAT(fake.state(), HasSubstr("state=\"cancel\"")) << step;
            ASSERT_EQ(fake.count("sale.order"), 1U);
            if (!failing.failed()) break;
        }
    }
}

}  // namespace
}  // namespace sluice::odoo
