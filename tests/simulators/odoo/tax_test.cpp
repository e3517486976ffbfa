// Amounts with taxes, as an Odoo 17 computed them for the same lines (docs/verified.md).
#include "tests/simulators/odoo/tax.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>

#include "tests/simulators/odoo/load.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/sale.hpp"
#include "tests/simulators/odoo/seed.hpp"

namespace sluice::sim {
namespace {

class TaxTest : public ::testing::Test {
protected:
    TaxTest() : database(17, "odoo", system_clock_us()) {
        install_base(database);
        seed(R"({"records": {"account.tax": [
            {"id": 1, "name": "default", "amount": 15.0},
            {"id": 3, "name": "7.25", "amount": 7.25}, {"id": 4, "name": "1.5", "amount": 1.5},
            {"id": 5, "name": "21 included", "amount": 21.0, "price_include": true},
            {"id": 6, "name": "6 included", "amount": 6.0, "price_include": true},
            {"id": 7, "name": "9.975 included", "amount": 9.975, "price_include": true},
            {"id": 8, "name": "8.875", "amount": 8.875},
            {"id": 9, "name": "fixed", "amount": 1.0, "amount_type": "fixed"}]},
            "products": [{"id": 40, "name": "Mug", "list_price": 12.5, "taxes_id": [[6, 0, [1]]]}],
            "partners": [{"id": 90, "name": "Anna"}]})");
        uid = database.store.where("res.users", "login", json::value(kDefaultLogin)).front();
    }

    void seed(std::string_view text) { apply_seed(database, json::parse(text).as_object()); }
    Env user() { return Env(database, uid, {}); }

    json::object load_lines(const std::vector<std::array<std::string, 4>>& lines) {
        json::array rows;
        for (const auto& [quantity, price, discount, taxes] : lines) {
            const bool first = rows.empty();
            const auto number = std::to_string(rows.size());
            rows.push_back(json::array{json::value(first ? "t.order" : ""), json::value(first ? "90" : ""),
                                       json::value("t.line" + number), "40", json::value(quantity), json::value(price),
                                       json::value(discount), json::value(taxes)});
        }
        Env env = user();
        const auto columns = json::parse(
            R"(["id", "partner_id/.id", "order_line/id", "order_line/product_id/.id", "order_line/product_uom_qty",
                "order_line/price_unit", "order_line/discount", "order_line/tax_id/.id"])");
        return load(env, "sale.order", columns, rows);
    }

    /// "net + tax = total" of the order's only line.
    std::string amounts(const std::string& quantity, const std::string& price, const std::string& discount,
                        const std::string& taxes) {
        const auto answer = load_lines({{quantity, price, discount, taxes}});
        if (!answer.at("ids").is_array()) return json::serialize(answer.at("messages"));
        const auto order = answer.at("ids").as_array().at(0).as_int64();
        Env env = user();
        const auto line = env.store().where("sale.order.line", "order_id", json::value(order)).front();
        const auto text = [&](const char* field) {
            char out[32];
            std::snprintf(out, sizeof out, "%.2f", orm::get_number(env, "sale.order.line", line, field));
            return std::string(out);
        };
        auto result = text("price_subtotal") + " + " + text("price_tax") + " = " + text("price_total");
        Env sudo(database, kSuperuser, {});
        orm::unlink(sudo, "sale.order", {order});
        return result;
    }

    Database database;
    std::int64_t uid = 0;
};

TEST_F(TaxTest, OnTopOfThePrice) {
    EXPECT_EQ(amounts("2", "10.00", "0", "3,4"), "20.00 + 1.75 = 21.75");
    EXPECT_EQ(amounts("3", "19.99", "16.68", "8"), "49.97 + 4.43 = 54.40");
    EXPECT_EQ(amounts("1", "-5.00", "0", "8"), "-5.00 + -0.44 = -5.44");
}

TEST_F(TaxTest, IncludedInThePrice) {
    EXPECT_EQ(amounts("3", "19.99", "0", "5"), "49.56 + 10.41 = 59.97");
    EXPECT_EQ(amounts("3", "19.99", "16.68", "5"), "41.30 + 8.67 = 49.97");
    EXPECT_EQ(amounts("1", "10.00", "25.00", "6"), "7.08 + 0.42 = 7.50");
    EXPECT_EQ(amounts("1", "-0.01", "0", "5"), "-0.01 + 0.00 = -0.01");
    EXPECT_EQ(amounts("2", "7.35", "0", "5,6"), "11.57 + 3.13 = 14.70");
    EXPECT_EQ(amounts("1", "100", "0", "5,7"), "76.35 + 23.65 = 100.00");
}

TEST_F(TaxTest, OneIncludedAndOneOnTop) {
    EXPECT_EQ(amounts("1", "0.05", "0", "5,8"), "0.04 + 0.01 = 0.05");
    EXPECT_EQ(amounts("1", "33.33", "0", "5,8"), "27.55 + 8.23 = 35.78");
}

TEST_F(TaxTest, AnEmptyCellIsNoTaxAndNotTheProducts) {
    EXPECT_EQ(amounts("1", "19.99", "0", ""), "19.99 + 0.00 = 19.99");
    const auto answer = load_lines({{"2", "10.00", "0", "3,4"}, {"1", "19.99", "0", ""}, {"3", "19.99", "16.68", "8"}});
    const auto order = answer.at("ids").as_array().at(0).as_int64();
    Env env = user();
    EXPECT_DOUBLE_EQ(orm::get_number(env, "sale.order", order, "amount_untaxed"), 89.96);
    EXPECT_DOUBLE_EQ(orm::get_number(env, "sale.order", order, "amount_tax"), 6.18);
    EXPECT_DOUBLE_EQ(orm::get_number(env, "sale.order", order, "amount_total"), 96.14);
}

TEST_F(TaxTest, WhatIsNotKnownIsNotComputed) {
    EXPECT_THROW(amounts("1", "10", "0", "9"), OdooError);
    seed(R"({"records": {"res.company": [{"id": 1, "tax_calculation_rounding_method": "round_globally"}]}})");
    EXPECT_THROW(amounts("1", "10", "0", "8"), OdooError);
}

TEST_F(TaxTest, AnUnknownTaxIsAMessage) {
    EXPECT_NE(amounts("1", "10", "0", "999")
                  .find("No matching record found for database id '999' in field 'Order "
                        "Lines/Taxes'"),
              std::string::npos);
}

TEST_F(TaxTest, OnlyADraftIsCancelledWithoutAWizard) {
    const auto order = load_lines({{"1", "10", "0", ""}}).at("ids").as_array().at(0).as_int64();
    Env env = user();
    const auto wizard = [&] { return sale::action_cancel(env, {order}); };
    const auto state = [&] { return orm::get_text(env, "sale.order", order, "state"); };
    orm::write(env, "sale.order", {order}, {{"state", "sent"}});
    EXPECT_EQ(wizard().as_object().at("name"), "Cancel Quotation");
    EXPECT_EQ(state(), "sent");
    sale::action_draft(env, {order});
    EXPECT_EQ(wizard(), json::value(true));
    EXPECT_EQ(state(), "cancel");
    EXPECT_EQ(wizard().as_object().at("name"), "Cancel Quotation") << "a second time";
    orm::write(env, "sale.order", {order}, {{"state", "sale"}});
    EXPECT_EQ(wizard().as_object().at("name"), "Cancel Sales Order");
    EXPECT_EQ(state(), "sale");
}

}  // namespace
}  // namespace sluice::sim
