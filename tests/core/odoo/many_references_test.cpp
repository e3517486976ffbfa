// A many2many through RecordWriter: the taxes of a line.

#include "tests/core/odoo/record_writer_fixture.hpp"

namespace sluice::odoo {
namespace {

using test::Order;
using testing::HasSubstr;
using What = Written::What;

class ManyReferencesTest : public test::RecordWriterTest {};

TEST_F(ManyReferencesTest, FindsTheTaxesOfALineByTypedKeys) {
    const auto on_top = odoo.add("account.tax", {{"amount", "7.25"}, {"price_include", "false"}});
    const auto included = odoo.add("account.tax", {{"amount", "7.25"}, {"price_include", "true"}});
    const auto state = odoo.add("account.tax", {{"amount", "1.5"}, {"price_include", "false"}});
    const auto ids = [](std::int64_t a, std::int64_t b) {
        return "[" + std::to_string(a) + "," + std::to_string(b) + "]";
    };
    Order taxed{.lines = {{"1", "PEN", "2", "10.50", "5.00", {"1.5", "7.25"}}, {"2", "DESK", "1", "99.90", "0"}}};
    ASSERT_TRUE(write(test::order(taxed)));
    EXPECT_EQ(odoo.row("sale.order.line", line_id("1")).at("tax_id"), ids(on_top, state));
    EXPECT_EQ(odoo.row("sale.order.line", line_id("2")).at("tax_id"), "[]");

    // Odoo answers them in an order of its own.
    odoo.row("sale.order.line", line_id("1"))["tax_id"] = ids(state, on_top);
    const auto again = write(test::order(taxed));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->what, What::unchanged) << again->detail;

    taxed.taxes_included = true;
    taxed.lines.at(0).tax_rates = {"7.25"};
    const auto changed = write(test::order(taxed));
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_THAT(changed->detail, HasSubstr("tax_id ids " + std::to_string(on_top) + ", " + std::to_string(state) +
                                           " -> id " + std::to_string(included)));
    EXPECT_EQ(odoo.row("sale.order.line", line_id("1")).at("tax_id"), "[" + std::to_string(included) + "]");
    taxed.lines.at(0).tax_rates = {};
    ASSERT_TRUE(write(test::order(taxed)));
    EXPECT_EQ(odoo.row("sale.order.line", line_id("1")).at("tax_id"), "[]");
}

TEST_F(ManyReferencesTest, ATaxThatOdooHasNotIsNamedWithItsPlace) {
    odoo.add("account.tax", {{"amount", "21.0"}, {"price_include", "true"}});
    const auto refused = write(test::order({.lines = {{"1", "PEN", "2", "10.50", "5.00", {"21.0"}}}}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, Failure::invalid);
    EXPECT_EQ(refused.error().message,
              "no account.tax with amount `21.0` and price_include `false` (/line_items/0/tax_lines/0/rate)");
    EXPECT_EQ(odoo.count("res.partner") + odoo.count("sale.order"), 0U);
}

TEST_F(ManyReferencesTest, TwoTaxesOfOneRateAreNotOne) {
    const auto tax = odoo.add("account.tax", {{"amount", "5.0"}, {"price_include", "false"}});
    const auto refused = write(test::order({.lines = {{"1", "PEN", "2", "10.50", "5.00", {"5.0", "5.0"}}}}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, Failure::invalid);
    EXPECT_EQ(refused.error().message,
              "account.tax " + std::to_string(tax) +
                  " is found twice, by /line_items/0/tax_lines/0/rate and by /line_items/0/tax_lines/1/rate: it can be "
                  "there once");
    EXPECT_EQ(odoo.count("res.partner") + odoo.count("sale.order"), 0U) << "before anything is written";
}

}  // namespace
}  // namespace sluice::odoo
