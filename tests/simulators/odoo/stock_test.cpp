// Deliveries and stock levels. What is asserted was seen on a real 17.0 by the same calls.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "tests/simulators/odoo/external_ids.hpp"
#include "tests/simulators/odoo/methods.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/seed.hpp"
#include "tests/simulators/odoo/simulator.hpp"
#include "tests/simulators/odoo/stock.hpp"
#include "tests/wire/wire_client.hpp"

namespace sluice::sim {
namespace {

constexpr Micros kSecond = 1'000'000;

class StockTest : public ::testing::Test {
protected:
    StockTest() : database(17, "odoo", [this] { return now; }) {
        install_base(database);
        seed(R"({"users": [{"login": "manager", "password": "m", "kind": "manager"}],
                 "products": [{"id": 40, "name": "Mug", "default_code": "MUG", "detailed_type": "product",
                               "external_id": "shop.mug"},
                              {"id": 41, "name": "Bag", "detailed_type": "consu"},
                              {"id": 42, "name": "Advice", "detailed_type": "service"}],
                 "partners": [{"id": 90, "name": "Anna"}, {"id": 91, "name": "Shop", "parent_id": 90, "type": "delivery"}],
                 "stock": [{"product": "shop.mug", "quantity": 10}]})");
        uid = database.store.where("res.users", "login", json::value(kDefaultLogin)).front();
        manager = database.store.where("res.users", "login", json::value("manager")).front();
        stock = id_of("stock.stock_location_stock");
    }

    void seed(std::string_view text) { apply_seed(database, json::parse(text).as_object()); }

    std::int64_t id_of(const std::string& external_id) {
        Env env(database, kSuperuser, {});
        return external_ids::find(env, external_id).value().id;
    }

    // One RPC call, a second after the one before: rolled back when it raises.
    json::value call(std::int64_t user, std::string_view model, std::string_view method, json::array args,
                     json::object kwargs = {}) {
        now += kSecond;
        database.store.begin();
        try {
            Env env(database, user, {});
            auto result = call_method(env, model, method, std::move(args), std::move(kwargs));
            database.store.commit();
            return result;
        } catch (...) {
            database.store.rollback();
            throw;
        }
    }
    json::value call(std::string_view model, std::string_view method, json::array args, json::object kwargs = {}) {
        return call(uid, model, method, std::move(args), std::move(kwargs));
    }
    std::string refusal(std::int64_t user, std::string_view model, std::string_view method, json::array args,
                        json::object kwargs = {}) {
        try {
            call(user, model, method, std::move(args), std::move(kwargs));
        } catch (const OdooError& error) {
            return error.name + ": " + error.what();
        }
        return "none";
    }

    json::value get(std::string_view model, std::int64_t id, std::string_view field) {
        Env env(database, uid, {});
        return orm::get(env, model, id, field);
    }
    double number(std::string_view model, std::int64_t id, std::string_view field) {
        return as_double(get(model, id, field));
    }
    std::string text(std::string_view model, std::int64_t id, std::string_view field) {
        return as_text(get(model, id, field));
    }

    // A confirmed order of [product, quantity] lines.
    std::int64_t order(const std::vector<std::pair<std::int64_t, double>>& wanted, json::object more = {}) {
        json::array lines;
        for (const auto& [product, quantity] : wanted) {
            lines.push_back(json::array{0, 0, json::object{{"product_id", product}, {"product_uom_qty", quantity}}});
        }
        more["partner_id"] = 90;
        more["order_line"] = std::move(lines);
        const auto id = call("sale.order", "create", {std::move(more)}).as_int64();
        EXPECT_EQ(call("sale.order", "action_confirm", {json::array{id}}), json::value(true));
        return id;
    }
    Ids pickings(std::int64_t order) {
        Ids ids = as_ids(get("sale.order", order, "picking_ids"));
        std::sort(ids.begin(), ids.end());
        return ids;
    }
    Ids moves(std::int64_t picking) { return as_ids(get("stock.picking", picking, "move_ids")); }

    std::int64_t quant(std::int64_t product, std::int64_t location) {
        for (const auto id : database.store.where("stock.quant", "product_id", json::value(product))) {
            if (get("stock.quant", id, "location_id") == json::value(location)) return id;
        }
        return 0;
    }
    // "quantity reserved free" of the mug in the stock.
    std::string level() {
        char out[64];
        const auto id = quant(40, stock);
        std::snprintf(out, sizeof out, "%g %g %g", number("stock.quant", id, "quantity"),
                      number("stock.quant", id, "reserved_quantity"), number("product.product", 40, "free_qty"));
        return out;
    }

    // Which records a call writes: "model,id" whose write_date is the call's.
    std::set<std::string> written(std::string_view model, std::string_view method, json::array args,
                                  json::object kwargs = {}) {
        call(model, method, std::move(args), std::move(kwargs));
        std::set<std::string> names;
        for (const char* each : {"sale.order", "sale.order.line", "stock.picking", "stock.move", "stock.move.line",
                                 "stock.quant", "product.product", "product.template", "stock.location"}) {
            for (const auto& [id, row] : database.store.rows(each)) {
                if (as_text(row->at("write_date")) == stamp_text(now)) names.insert(named(each, id));
            }
        }
        return names;
    }
    static std::string named(std::string_view model, std::int64_t id) {
        return std::string(model) + "," + std::to_string(id);
    }
    std::set<std::string> names(std::string_view model, const Ids& ids) {
        std::set<std::string> out;
        for (const auto id : ids) out.insert(named(model, id));
        return out;
    }

    Micros now = 1'795'500'000 * kSecond;
    Database database;
    std::int64_t uid = 0, manager = 0, stock = 0;
};

TEST_F(StockTest, WhatTheModuleInstalls) {
    const auto view = as_id(get("stock.warehouse", id_of("stock.warehouse0"), "view_location_id")).value();
    EXPECT_EQ(text("stock.location", stock, "display_name"), "WH/Stock");
    EXPECT_EQ(text("stock.location", id_of("stock.stock_location_customers"), "display_name"), "Partners/Customers");
    EXPECT_EQ(get("stock.location", stock, "location_id"), json::value(view));
    const auto out = id_of("stock.picking_type_out");
    EXPECT_EQ(text("stock.picking.type", out, "code"), "outgoing");
    EXPECT_EQ(text("stock.picking.type", out, "display_name"), "My Company: Delivery Orders");
    EXPECT_EQ(text("stock.picking.type", id_of("stock.picking_type_in"), "code"), "incoming");
    EXPECT_EQ(text("stock.picking.type", id_of("stock.picking_type_internal"), "code"), "internal");
}

TEST_F(StockTest, ConfirmationMakesOneDeliveryAndReserves) {
    const auto id = order({{40, 4}, {41, 2}, {42, 1}}, {{"partner_shipping_id", 91}});
    ASSERT_EQ(pickings(id).size(), 1U);
    const auto picking = pickings(id).front();
    EXPECT_EQ(text("stock.picking", picking, "name"), "WH/OUT/00001");
    EXPECT_EQ(text("stock.picking", picking, "state"), "assigned");
    EXPECT_EQ(get("stock.picking", picking, "origin"), get("sale.order", id, "name"));
    EXPECT_EQ(get("stock.picking", picking, "partner_id"), json::value(91));
    EXPECT_EQ(get("stock.picking", picking, "sale_id"), json::value(id));
    ASSERT_EQ(moves(picking).size(), 2U) << "none for the service";
    EXPECT_EQ(number("stock.move", moves(picking)[0], "quantity"), 4.0);
    EXPECT_EQ(number("stock.move", moves(picking)[1], "quantity"), 2.0) << "a consumable is always there";
    EXPECT_EQ(get("stock.move", moves(picking)[0], "sale_line_id"), get("sale.order", id, "order_line").at(0));
    EXPECT_EQ(level(), "10 4 6");
    EXPECT_EQ(text("sale.order", id, "delivery_status"), "pending");
}

TEST_F(StockTest, NoServicesAreShipped) {
    const auto id = order({{42, 1}});
    EXPECT_TRUE(pickings(id).empty());
    EXPECT_EQ(get("sale.order", id, "delivery_status"), json::value(false));
}

TEST_F(StockTest, AShortDeliveryIsReadyAndAnEmptyOneWaits) {
    const auto first = order({{40, 12}});
    const auto second = order({{40, 1}});
    const auto picking = pickings(first).front();
    EXPECT_EQ(text("stock.picking", picking, "state"), "assigned");
    EXPECT_EQ(text("stock.move", moves(picking).front(), "state"), "partially_available");
    EXPECT_EQ(text("stock.picking", picking, "products_availability"), "Not Available");
    EXPECT_EQ(text("stock.picking", pickings(second).front(), "state"), "confirmed");
    EXPECT_EQ(refusal(uid, "stock.picking", "button_validate", {json::array{pickings(second).front()}}),
              "odoo.exceptions.UserError: You cannot validate a transfer if no quantities are reserved. To force the "
              "transfer, encode quantities.");
    const auto together = order({{40, 1}, {41, 1}}, {{"picking_policy", "one"}});
    EXPECT_EQ(text("stock.picking", pickings(together).front(), "state"), "confirmed");
}

TEST_F(StockTest, ValidationShipsAllThatIsReserved) {
    const auto id = order({{40, 4}, {41, 2}});
    const auto picking = pickings(id).front();
    EXPECT_EQ(call("stock.picking", "button_validate", {json::array{picking}}), json::value(true));
    EXPECT_EQ(text("stock.picking", picking, "state"), "done");
    EXPECT_FALSE(text("stock.picking", picking, "date_done").empty());
    EXPECT_EQ(level(), "6 0 6");
    EXPECT_EQ(number("stock.quant", quant(40, id_of("stock.stock_location_customers")), "quantity"), 4.0);
    EXPECT_EQ(quant(41, stock), 0) << "consumables have no quants";
    EXPECT_EQ(text("sale.order", id, "delivery_status"), "full");
    EXPECT_EQ(number("sale.order.line", as_ids(get("sale.order", id, "order_line"))[1], "qty_delivered"), 2.0);
    EXPECT_NE(refusal(uid, "stock.picking", "button_validate", {json::array{picking}}).find("no quantities"),
              std::string::npos);
    EXPECT_NE(refusal(uid, "stock.picking", "action_cancel", {json::array{picking}}).find("set to 'Done'"),
              std::string::npos);
}

TEST_F(StockTest, APartOfItAsksForABackorder) {
    const auto id = order({{40, 4}, {41, 2}});
    const auto picking = pickings(id).front();
    const auto move = moves(picking).front();
    call("stock.move", "write", {json::array{move}, json::object{{"quantity", 3}, {"picked", true}}});
    const auto action = call("stock.picking", "button_validate", {json::array{picking}}).as_object();
    EXPECT_EQ(action.at("res_model"), json::value("stock.backorder.confirmation"));
    EXPECT_EQ(action.at("context").at("button_validate_picking_ids"), json::value(json::array{picking}));
    EXPECT_EQ(text("stock.picking", picking, "state"), "assigned");
    const json::object kwargs{{"context", action.at("context")}};
    const auto wizard = call("stock.backorder.confirmation", "create", {json::object()}, kwargs).as_int64();
    EXPECT_EQ(call("stock.backorder.confirmation", "process", {json::array{wizard}}, kwargs), json::value(true));

    ASSERT_EQ(pickings(id).size(), 2U);
    const auto backorder = pickings(id).back();
    EXPECT_EQ(get("stock.picking", backorder, "backorder_id"), json::value(picking));
    EXPECT_EQ(text("stock.picking", picking, "state"), "done");
    EXPECT_EQ(text("stock.picking", backorder, "state"), "assigned");
    EXPECT_EQ(text("sale.order", id, "delivery_status"), "partial");
    EXPECT_EQ(moves(picking), Ids{move});
    EXPECT_EQ(moves(backorder).size(), 2U) << "the mug's rest and all of the bag";
    EXPECT_EQ(level(), "7 1 6");
    EXPECT_EQ(call("stock.picking", "button_validate", {json::array{backorder}}), json::value(true));
    EXPECT_EQ(text("sale.order", id, "delivery_status"), "full");
    EXPECT_EQ(level(), "6 0 6");
}

TEST_F(StockTest, WithoutABackorderTheRestIsCancelled) {
    const auto id = order({{40, 2}});
    const auto picking = pickings(id).front();
    call("stock.move", "write", {to_array(moves(picking)), json::object{{"quantity", 1}}});
    const auto action = call("stock.picking", "button_validate", {json::array{picking}}).as_object();
    const json::object kwargs{{"context", action.at("context")}};
    const auto wizard = call("stock.backorder.confirmation", "create", {json::object()}, kwargs).as_int64();
    call("stock.backorder.confirmation", "process_cancel_backorder", {json::array{wizard}}, kwargs);
    EXPECT_EQ(pickings(id).size(), 1U);
    EXPECT_EQ(text("sale.order", id, "delivery_status"), "full");
    EXPECT_EQ(number("sale.order.line", as_ids(get("sale.order", id, "order_line"))[0], "qty_delivered"), 1.0);
    EXPECT_EQ(level(), "9 0 9");
}

TEST_F(StockTest, ForcedQuantitiesTakeFromOtherDeliveries) {
    const auto first = order({{40, 10}});
    const auto second = order({{40, 4}});
    call("stock.move", "write", {to_array(moves(pickings(second).front())), json::object{{"quantity", 4}}});
    EXPECT_EQ(level(), "10 14 -4");
    call("stock.picking", "button_validate", {json::array{pickings(second).front()}});
    EXPECT_EQ(level(), "6 6 0");
    EXPECT_EQ(number("stock.move", moves(pickings(first).front()).front(), "quantity"), 6.0);
}

TEST_F(StockTest, CancellingGivesBackWhatWasReserved) {
    const auto id = order({{40, 4}});
    EXPECT_EQ(call("stock.picking", "action_cancel", {json::array{pickings(id).front()}}), json::value(true));
    EXPECT_EQ(level(), "10 0 10");
    EXPECT_EQ(text("stock.picking", pickings(id).front(), "state"), "cancel");
    EXPECT_EQ(get("sale.order", id, "delivery_status"), json::value(false));
    EXPECT_NE(
        refusal(uid, "stock.move", "write", {to_array(moves(pickings(id).front())), json::object{{"quantity", 1}}})
            .find("cancelled stock move"),
        std::string::npos);

    const auto other = order({{40, 4}});
    const json::object quiet{{"context", json::object{{"disable_cancel_warning", true}}}};
    EXPECT_EQ(call("sale.order", "action_cancel", {json::array{other}}, quiet), json::value(true));
    EXPECT_EQ(text("stock.picking", pickings(other).front(), "state"), "cancel");
    call("sale.order", "action_draft", {json::array{other}});
    call("sale.order", "action_confirm", {json::array{other}});
    ASSERT_EQ(pickings(other).size(), 2U);
    EXPECT_EQ(level(), "10 4 6");
}

TEST_F(StockTest, AConfirmedOrdersLinesChangeTheDelivery) {
    const auto id = order({{40, 4}});
    const auto line = as_ids(get("sale.order", id, "order_line")).front();
    const auto move = moves(pickings(id).front()).front();
    call("sale.order.line", "write", {json::array{line}, json::object{{"product_uom_qty", 6}}});
    EXPECT_EQ(number("stock.move", move, "product_uom_qty"), 6.0);
    EXPECT_EQ(level(), "10 6 4");
    call("sale.order.line", "write", {json::array{line}, json::object{{"product_uom_qty", 1}}});
    EXPECT_EQ(level(), "10 1 9");
    call("stock.picking", "button_validate", {json::array{pickings(id).front()}});
    EXPECT_NE(refusal(uid, "sale.order.line", "write", {json::array{line}, json::object{{"product_uom_qty", 0}}})
                  .find("simulator.NotClaimed"),
              std::string::npos)
        << "that is a return";
}

TEST_F(StockTest, OnlyAManagerAppliesACount) {
    const json::object counting{{"context", json::object{{"inventory_mode", true}}}};
    const json::object counted{{"product_id", 40}, {"location_id", stock}, {"inventory_quantity", 7}};
    const auto id = call("stock.quant", "create", {counted}, counting).as_int64();
    EXPECT_EQ(id, quant(40, stock)) << "the row that is there";
    EXPECT_EQ(number("stock.quant", id, "quantity"), 10.0);
    EXPECT_EQ(number("stock.quant", id, "inventory_diff_quantity"), -3.0);
    EXPECT_EQ(refusal(uid, "stock.quant", "action_apply_inventory", {json::array{id}}),
              "odoo.exceptions.UserError: Only a stock manager can validate an inventory adjustment.");
    EXPECT_TRUE(is_none_result(call(manager, "stock.quant", "action_apply_inventory", {json::array{id}})));
    EXPECT_EQ(level(), "7 0 7");
    EXPECT_EQ(get("stock.quant", id, "inventory_quantity_set"), json::value(false));
    EXPECT_TRUE(is_none_result(call(manager, "stock.quant", "action_apply_inventory", {json::array{id}})));
    EXPECT_EQ(level(), "7 0 7") << "a second time changes nothing in 17";
    EXPECT_EQ(refusal(uid, "stock.quant", "create", {json::object{{"product_id", 41}, {"location_id", stock}}}),
              "odoo.exceptions.ValidationError: Quants cannot be created for consumables or services.");
}

TEST_F(StockTest, LevelsOfALocationCountThoseBelowIt) {
    seed(R"({"records": {"stock.location": [{"name": "Shelf", "location_id": "stock.stock_location_stock",
                                             "external_id": "shop.shelf"},
                                            {"name": "Elsewhere", "location_id": "stock.stock_location_locations",
                                             "external_id": "shop.elsewhere"}]},
             "stock": [{"product": 40, "location": "shop.shelf", "quantity": 3},
                       {"product": 40, "location": "shop.elsewhere", "quantity": 100}]})");
    EXPECT_EQ(text("stock.location", id_of("shop.shelf"), "display_name"), "WH/Stock/Shelf");
    order({{40, 2}});
    const auto under = [&](json::object context) {
        const auto read = call("product.product", "read", {json::array{40}},
                               {{"fields", json::array{"qty_available", "free_qty", "virtual_available"}},
                                {"context", std::move(context)}});
        char out[64];
        std::snprintf(out, sizeof out, "%g %g %g", as_double(read.at(0).at("qty_available")),
                      as_double(read.at(0).at("free_qty")), as_double(read.at(0).at("virtual_available")));
        return std::string(out);
    };
    EXPECT_EQ(under({}), "13 11 11");
    EXPECT_EQ(under({{"warehouse", id_of("stock.warehouse0")}}), "13 11 11");
    EXPECT_EQ(under({{"location", stock}}), "13 11 11");
    EXPECT_EQ(under({{"location", id_of("shop.shelf")}}), "3 3 3");
    EXPECT_EQ(under({{"location", id_of("shop.elsewhere")}}), "100 100 100");
    EXPECT_EQ(under({{"location", id_of("stock.stock_location_customers")}}), "0 0 2");
    EXPECT_EQ(under({{"location", id_of("shop.elsewhere")}, {"warehouse", id_of("stock.warehouse0")}}), "0 0 0");
}

TEST_F(StockTest, WhatEachStepWrites) {
    const auto id =
        call("sale.order", "create",
             {json::object{
                 {"partner_id", 90},
                 {"order_line", json::array{json::array{0, 0, json::object{{"product_id", 40}, {"product_uom_qty", 4}}},
                                            json::array{0, 0, json::object{{"product_id", 42}}}}}}})
            .as_int64();
    const auto lines = names("sale.order.line", as_ids(get("sale.order", id, "order_line")));
    const auto level = named("stock.quant", quant(40, stock));
    const auto here = named("sale.order", id);
    const auto all = [](std::initializer_list<std::set<std::string>> sets) {
        std::set<std::string> out;
        for (const auto& set : sets) out.insert(set.begin(), set.end());
        return out;
    };

    const auto confirmed = written("sale.order", "action_confirm", {json::array{id}});
    const auto picking = pickings(id).front();
    const auto move = moves(picking).front();
    const auto delivery = named("stock.picking", picking);
    const auto moved = named("stock.move", move);
    const auto promise = names("stock.move.line", as_ids(get("stock.move", move, "move_line_ids")));
    EXPECT_EQ(confirmed, all({{here, level, delivery, moved}, lines, promise}));

    const auto write = [&](json::object values) {
        return written("stock.move", "write", {json::array{move}, std::move(values)});
    };
    EXPECT_EQ(write({{"quantity", 4}}), std::set<std::string>{moved});
    EXPECT_EQ(write({{"picked", true}}), all({{moved}, promise}));
    EXPECT_EQ(write({{"picked", false}}), all({{moved}, promise}));
    EXPECT_EQ(write({{"quantity", 3}}), all({{moved, level}, promise}));
    EXPECT_EQ(written("stock.picking", "action_assign", {json::array{picking}}), all({{moved, level}, promise}));
    EXPECT_EQ(written("stock.picking", "do_unreserve", {json::array{picking}}),
              (std::set<std::string>{delivery, moved, level}));
    const auto assigned = written("stock.picking", "action_assign", {json::array{picking}});
    const auto again = names("stock.move.line", as_ids(get("stock.move", move, "move_line_ids")));
    EXPECT_EQ(assigned, all({{delivery, moved, level}, again}));
    EXPECT_EQ(written("stock.picking", "write", {json::array{picking}, json::object{{"note", "Bell"}}}),
              std::set<std::string>{delivery});
    const auto done = written("stock.picking", "button_validate", {json::array{picking}});
    const auto out = named("stock.quant", quant(40, id_of("stock.stock_location_customers")));
    EXPECT_EQ(done, all({{here, *lines.begin(), delivery, moved, level, out}, again}));

    const auto second = order({{40, 1}});
    const auto other = pickings(second).front();
    EXPECT_EQ(written("stock.picking", "action_cancel", {json::array{other}}),
              (std::set<std::string>{named("sale.order", second), named("stock.picking", other),
                                     named("stock.move", moves(other).front()), level}));
}

TEST_F(StockTest, RightsOfThePlainUser) {
    const auto id = order({{40, 1}});
    for (const char* model : {"stock.picking", "stock.picking.type", "stock.move", "stock.move.line", "stock.location",
                              "stock.quant", "stock.warehouse"})
        EXPECT_NO_THROW(call(model, "search_count", {json::array()})) << model;
    const auto refused = [&](std::string_view model, std::string_view method, json::array args) {
        return refusal(uid, model, method, std::move(args)).starts_with("odoo.exceptions.AccessError");
    };
    EXPECT_TRUE(refused("ir.model.data", "search", {json::array()}));
    EXPECT_TRUE(refused("stock.location", "create", {json::object{{"name", "X"}}}));
    EXPECT_TRUE(refused("stock.picking.type", "write", {json::array{1}, json::object{{"name", "X"}}}));
    EXPECT_TRUE(refused("stock.quant", "unlink", {json::array{quant(40, stock)}}));
    EXPECT_EQ(call("stock.picking", "action_cancel", {to_array(pickings(id))}), json::value(true));
}

TEST_F(StockTest, TheTrackingReferenceComesWithItsModule) {
    const auto picking = pickings(order({{40, 1}})).front();
    const auto read = [&] {
        return refusal(uid, "stock.picking", "read",
                       {json::array{picking}, json::array{"name", "carrier_tracking_ref"}});
    };
    EXPECT_EQ(read(), "builtins.ValueError: Invalid field 'carrier_tracking_ref' on model 'stock.picking'");
    seed(R"({"modules": ["stock_delivery"]})");
    EXPECT_EQ(read(), "none");
    call("stock.picking", "write", {json::array{picking}, json::object{{"carrier_tracking_ref", "1Z"}}});
    EXPECT_EQ(text("stock.picking", picking, "carrier_tracking_ref"), "1Z");
    EXPECT_THROW(seed(R"({"modules": ["website"]})"), std::invalid_argument);
}

TEST_F(StockTest, WhatIsNotHereSaysSo) {
    seed(R"({"products": [{"id": 43, "name": "Phone", "detailed_type": "product", "tracking": "serial"}]})");
    const auto claimed = [&](std::string_view model, std::string_view method, json::array args) {
        return refusal(uid, model, method, std::move(args)).find("simulator.NotClaimed") == std::string::npos;
    };
    const auto picking = pickings(order({{40, 1}})).front();
    EXPECT_FALSE(claimed("stock.picking", "create", {json::object{{"picking_type_id", 2}}}));
    EXPECT_FALSE(claimed("stock.move", "write", {to_array(moves(picking)), json::object{{"location_id", 5}}}));
    EXPECT_FALSE(claimed("stock.picking", "unlink", {json::array{picking}}));
    EXPECT_FALSE(claimed("stock.picking", "read", {json::array{picking}, json::array{"group_id"}}));
    EXPECT_FALSE(claimed("stock.picking", "action_put_in_pack", {json::array{picking}}));
    const auto serial =
        call("sale.order", "create",
             {json::object{{"partner_id", 90},
                           {"order_line", json::array{json::array{0, 0, json::object{{"product_id", 43}}}}}}})
            .as_int64();
    EXPECT_FALSE(claimed("sale.order", "action_confirm", {json::array{serial}}));
}

// A transaction that began early and is seen late, over a socket as a poller meets it.
class CommitLate : public ::testing::Test {
protected:
    json::value call(const std::string& method, json::array args) {
        const json::object params{{"service", "object"},
                                  {"method", "execute_kw"},
                                  {"args", json::array{odoo.database(), odoo.uid(), odoo.api_key(), "res.partner",
                                                       json::value(method), std::move(args)}}};
        const auto answer = wire::http_call(
            odoo.port(), "POST", "/jsonrpc", {{"Content-Type", "application/json"}},
            json::serialize(json::object{{"jsonrpc", "2.0"}, {"method", "call"}, {"id", 1}, {"params", params}}));
        if (answer.status == 0) return "closed";
        return json::parse(answer.body).at("result");
    }
    json::array found(const char* name) {
        return call("search_read", {json::array{json::array{"name", "=", name}}, json::array{"write_date"}}).as_array();
    }
    std::thread create_late(json::value& result) {
        odoo.inject({.kind = FaultKind::commit_late, .model = "res.partner", .method = "create"});
        std::thread caller([&] { result = call("create", {json::object{{"name", "Late"}}}); });
        while (odoo.calls_held() == 0) std::this_thread::yield();
        return caller;
    }

    std::atomic<Micros> now{1'795'500'000 * kSecond};
    OdooSimulator odoo{{.clock = [this] { return now.load(); }}};
};

TEST_F(CommitLate, TheOlderStampAppearsAfterTheNewerOne) {
    json::value late;
    auto caller = create_late(late);
    now += 5 * kSecond;
    call("create", {json::object{{"name", "Early"}}});
    const auto early = found("Early");
    ASSERT_EQ(early.size(), 1U);
    EXPECT_TRUE(found("Late").empty());
    EXPECT_EQ(wire::http_call(odoo.control_port(), "POST", "/_sim/release", {}, {}).body, "{\"released\": 1}\n");
    const auto seen = found("Late");
    caller.join();
    ASSERT_EQ(seen.size(), 1U) << "released is committed";
    EXPECT_TRUE(late.is_int64());
    EXPECT_LT(as_text(seen[0].at("write_date")), as_text(early[0].at("write_date")));
}

TEST_F(CommitLate, ClearedItNeverHappened) {
    json::value late;
    auto caller = create_late(late);
    odoo.clear_faults();
    caller.join();
    EXPECT_EQ(late, json::value("closed"));
    EXPECT_TRUE(found("Late").empty());
    EXPECT_EQ(odoo.release(), 0);
}

}  // namespace
}  // namespace sluice::sim
