#include "tests/simulators/odoo/load.hpp"

#include <gtest/gtest.h>

#include "tests/simulators/odoo/external_ids.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/seed.hpp"

namespace sluice::sim {
namespace {

class LoadTest : public ::testing::Test {
protected:
    LoadTest() : database(17, "odoo", system_clock_us()) {
        install_base(database);
        apply_seed(database, json::parse(R"({"products": [
            {"name": "Mug", "default_code": "MUG", "list_price": 12.5, "external_id": "shop.mug"},
            {"name": "Cap", "default_code": "CAP", "list_price": 3.0, "external_id": "shop.cap"}],
            "partners": [{"name": "Anna", "external_id": "shop.anna"}]})")
                                 .as_object());
        uid = database.store.where("res.users", "login", json::value(kDefaultLogin)).front();
    }

    json::object call(std::string_view model, std::string_view fields, std::string_view rows,
                      json::object context = {}) {
        Env env(database, uid, std::move(context));
        return load(env, model, json::parse(fields), json::parse(rows));
    }
    Env sudo() { return Env(database, kSuperuser, {}); }
    static std::string message(const json::object& answer) {
        return std::string(answer.at("messages").as_array().at(0).at("message").as_string());
    }
    std::int64_t id_of(std::string_view external_id) {
        Env env = sudo();
        return external_ids::find(env, external_id).value_or(external_ids::Target{}).id;
    }

    static constexpr std::string_view kColumns =
        R"(["id", "partner_id/id", "client_order_ref", "order_line/id", "order_line/product_id/id", "order_line/product_uom_qty", "order_line/price_unit"])";
    static constexpr std::string_view kOrder =
        R"([["a.o1", "shop.anna", "R1", "a.l1", "shop.mug", "2", "10.50"], ["", "", "", "a.l2", "shop.cap", "1", "3"]])";

    Database database;
    std::int64_t uid = 0;
};

TEST_F(LoadTest, AnOrderWithLinesIsARepeatableUpsert) {
    const auto first = call("sale.order", kColumns, kOrder);
    ASSERT_EQ(first.at("messages").as_array().size(), 0U) << json::serialize(first);
    EXPECT_EQ(call("sale.order", kColumns, kOrder).at("ids"), first.at("ids"));
    Env env = sudo();
    const auto order = id_of("a.o1");
    EXPECT_EQ(orm::get_number(env, "sale.order", order, "amount_total"), 24.0);
    EXPECT_EQ(as_ids(orm::get(env, "sale.order", order, "order_line")), (Ids{id_of("a.l1"), id_of("a.l2")}));
    EXPECT_EQ(external_ids::of(env, "sale.order", order), "a.o1");
}

TEST_F(LoadTest, LinesWithoutIdsAreAddedAgain) {
    constexpr std::string_view columns = R"(["id", "partner_id/id", "order_line/product_id/id"])";
    constexpr std::string_view rows = R"([["a.o1", "shop.anna", "shop.mug"]])";
    call("sale.order", columns, rows);
    call("sale.order", columns, rows);
    EXPECT_EQ(database.store.rows("sale.order.line").size(), 2U);
}

TEST_F(LoadTest, WithNoupdateWhatIsThereIsLeftAloneWithItsLines) {
    // As tried on a real 17 (docs/verified.md).
    const json::object context{{"mode", "update"}, {"noupdate", true}};
    const auto row = [](std::string_view reference, std::string_view line, std::string_view quantity) {
        return "[[\"shop.n1\", \"shop.anna\", \"" + std::string(reference) + "\", \"" + std::string(line) +
               "\", \"shop.mug\", \"" + std::string(quantity) + "\", \"9.5\"]]";
    };
    const auto first = call("sale.order", kColumns, row("A", "shop.n1_1", "2"), context);
    const auto again = call("sale.order", kColumns, row("B", "shop.n1_1", "7"), context);
    const auto other = call("sale.order", kColumns, row("B", "shop.n1_2", "7"), context);
    EXPECT_EQ(again, first);
    EXPECT_EQ(other, first) << "ids and no message";
    Env env = sudo();
    EXPECT_EQ(orm::get_text(env, "sale.order", id_of("shop.n1"), "client_order_ref"), "A");
    EXPECT_EQ(orm::get(env, "sale.order.line", id_of("shop.n1_1"), "product_uom_qty").to_number<double>(), 2.0);
    EXPECT_EQ(id_of("shop.n1_2"), 0) << "a new line does not come in through a header that is there";
    call("sale.order", kColumns, row("C", "shop.n1_1", "7"));
    EXPECT_EQ(orm::get_text(env, "sale.order", id_of("shop.n1"), "client_order_ref"), "C")
        << "without it, it is an upsert";
    // The flag is the one of creation.
    call("sale.order", kColumns, "[[\"shop.p1\", \"shop.anna\", \"A\", \"shop.p1_1\", \"shop.mug\", \"2\", \"9.5\"]]");
    call("sale.order", kColumns, "[[\"shop.p1\", \"shop.anna\", \"B\", \"shop.p1_1\", \"shop.mug\", \"2\", \"9.5\"]]",
         context);
    EXPECT_EQ(orm::get_text(env, "sale.order", id_of("shop.p1"), "client_order_ref"), "B");
    const auto unnamed = call("res.partner", R"(["id", "name"])", R"([["", "Nobody"]])", context);
    EXPECT_EQ(message(unnamed), "Unknown error during import: <class 'KeyError'>: 'record'");
}

TEST_F(LoadTest, OneBadRowSavesNothing) {
    const auto before = database.store.rows("res.partner").size();
    const auto answer =
        call("res.partner", R"(["id", "name", "country_id"])",
             R"([["a.p1", "One", "Belgium"], ["a.p2", "Two", "Atlantis"], ["a.p3", "Three", "Belgium"]])");
    EXPECT_EQ(answer.at("ids"), json::value(false));
    EXPECT_EQ(message(answer), "No matching record found for name 'Atlantis' in field 'Country'");
    EXPECT_EQ(answer.at("messages").as_array()[0].at("record"), json::value(1));
    EXPECT_EQ(database.store.rows("res.partner").size(), before);
    EXPECT_EQ(id_of("a.p1"), 0);
}

TEST_F(LoadTest, ALineErrorIsToldUnderTheOrder) {
    const auto answer =
        call("sale.order", kColumns, R"([["a.o1", "shop.anna", "R1", "a.l1", "shop.nothing", "1", "1"]])");
    EXPECT_EQ(message(answer),
              "No matching record found for external id 'shop.nothing' in field 'Order Lines/Product'");
    EXPECT_TRUE(database.store.rows("sale.order").empty());
}

TEST_F(LoadTest, MissingRequiredAndRefusedRightsAreMessages) {
    const auto no_partner = call("sale.order", R"(["id", "client_order_ref"])", R"([["a.o1", "x"]])");
    EXPECT_EQ(message(no_partner), "Missing required value for the field 'Customer' (partner_id)");
    EXPECT_EQ(no_partner.at("messages").as_array()[0].at("field"), json::value("partner_id"));
    const auto product = call("product.product", R"(["id", "name"])", R"([["a.x", "X"]])");
    EXPECT_TRUE(message(product).starts_with("You are not allowed to create 'Product Variant'"));
}

TEST_F(LoadTest, ARowMayReferToOneAboveIt) {
    const auto answer =
        call("res.partner", R"(["id", "name", "parent_id/id"])", R"([["a.p", "Parent", ""], ["a.c", "Child", "a.p"]])");
    ASSERT_TRUE(answer.at("ids").is_array()) << json::serialize(answer);
    Env env = sudo();
    EXPECT_EQ(orm::get_id(env, "res.partner", id_of("a.c"), "parent_id"), id_of("a.p"));
}

TEST_F(LoadTest, NaiveTimesAreInTheContextsZone) {
    constexpr std::string_view columns = R"(["id", "partner_id/id", "date_order"])";
    call("sale.order", columns, R"([["a.utc", "shop.anna", "2026-07-01 12:00:00"]])");
    call("sale.order", columns, R"([["a.bru", "shop.anna", "2026-07-01 12:00:00"]])", {{"tz", "Europe/Brussels"}});
    Env env = sudo();
    EXPECT_EQ(orm::get_text(env, "sale.order", id_of("a.utc"), "date_order"), "2026-07-01 12:00:00");
    EXPECT_EQ(orm::get_text(env, "sale.order", id_of("a.bru"), "date_order"), "2026-07-01 10:00:00");
}

TEST_F(LoadTest, AnUnknownColumnRaises) {
    try {
        call("res.partner", R"(["id", "nofield"])", R"([["a.x", "y"]])");
        FAIL();
    } catch (const OdooError& error) {
        EXPECT_EQ(error.name, "builtins.KeyError");
    }
}

TEST_F(LoadTest, OnAConfirmedOrderNoLineGoesButWritingIsFine) {
    call("sale.order", kColumns, kOrder);
    Env env(database, uid, {});
    const auto order = id_of("a.o1");
    orm::write(env, "sale.order", {order}, {{"state", "sale"}});
    EXPECT_THROW(orm::unlink(env, "sale.order.line", {id_of("a.l1")}), OdooError);
    orm::write(env, "sale.order.line", {id_of("a.l1")}, {{"product_uom_qty", 4}});
    EXPECT_EQ(orm::get_number(env, "sale.order", order, "amount_total"), 45.0);
}

TEST(Amounts, RoundHalfUpPerLine) {
    EXPECT_EQ(orm::round_half_up(1.005, 2), 1.01);
    EXPECT_EQ(orm::round_half_up(-1.005, 2), -1.01);
    EXPECT_EQ(orm::round_half_up(2.675, 2), 2.68);
    EXPECT_EQ(orm::round_half_up(0.1 + 0.2, 2), 0.3);
    EXPECT_EQ(py_float(36.24), "36.24");
    EXPECT_EQ(py_float(0.0), "0.0");
    EXPECT_EQ(py_float(1e16), "1e+16");
}

}  // namespace
}  // namespace sluice::sim
