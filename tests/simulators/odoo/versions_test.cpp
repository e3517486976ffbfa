// What differs between the versions, over the whole RPC surface: which fields there are, and what storable goods are.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/simulators/odoo/external_ids.hpp"
#include "tests/simulators/odoo/methods.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/orm.hpp"
#include "tests/simulators/odoo/seed.hpp"

namespace sluice::sim {
namespace {

class VersionsTest : public ::testing::TestWithParam<int> {
protected:
    VersionsTest() : database(GetParam(), "odoo", [this] { return now; }) {
        install_base(database);
        apply_seed(database, json::parse(R"({"users": [{"login": "manager", "password": "m", "kind": "manager"}],
                                             "partners": [{"id": 90, "name": "Anna"}]})")
                                 .as_object());
        manager = database.store.where("res.users", "login", json::value("manager")).front();
    }

    json::value call(std::string_view model, std::string_view method, json::array args, json::object kwargs = {}) {
        now += 1'000'000;
        database.store.begin();
        try {
            Env env(database, manager, {});
            auto result = call_method(env, model, method, std::move(args), std::move(kwargs));
            database.store.commit();
            return result;
        } catch (...) {
            database.store.rollback();
            throw;
        }
    }
    // The error's name, "" for none.
    std::string refused(std::string_view method, json::array args, json::object kwargs = {}) {
        try {
            call("product.product", method, std::move(args), std::move(kwargs));
            return {};
        } catch (const OdooError& error) {
            return error.name;
        }
    }
    bool has(std::string_view field) {
        const auto all = call("product.product", "fields_get", {}, {{"attributes", json::array{"type"}}});
        return all.as_object().contains(field);
    }
    static bool by_detailed_type() { return GetParam() < 18; }
    static json::object storable() {
        json::object values;
        values["name"] = "Mug";
        if (by_detailed_type()) {
            values["detailed_type"] = "product";
        } else {
            values["is_storable"] = true;
        }
        return values;
    }

    Micros now = 1'700'000'000'000'000;
    Database database;
    std::int64_t manager = 0;
};

TEST_P(VersionsTest, StorableGoodsHaveTheVersionsOwnFieldAndNoOther) {
    EXPECT_TRUE(has("type"));
    EXPECT_EQ(has("detailed_type"), by_detailed_type());
    EXPECT_EQ(has("is_storable"), !by_detailed_type());

    const auto mug = call("product.product", "create", {storable()}).as_int64();
    json::array fields{"type", by_detailed_type() ? "detailed_type" : "is_storable"};
    const auto read = call("product.product", "read", {json::array{mug}}, {{"fields", fields}}).at(0);
    EXPECT_EQ(read.at("type"), json::value(by_detailed_type() ? "product" : "consu"));
    if (by_detailed_type()) {
        EXPECT_EQ(read.at("detailed_type"), json::value("product"));
    } else {
        EXPECT_EQ(read.at("is_storable"), json::value(true));
    }

    const std::string other = by_detailed_type() ? "is_storable" : "detailed_type";
    EXPECT_EQ(refused("create", {json::object{{"name", "x"}, {other, true}}}), "builtins.ValueError");
    EXPECT_EQ(refused("write", {json::array{mug}, json::object{{other, true}}}),
              GetParam() == 19 ? "builtins.KeyError" : "builtins.ValueError");
    EXPECT_EQ(refused("read", {json::array{mug}}, {{"fields", json::array{other}}}), "builtins.ValueError");
    EXPECT_EQ(refused("search", {json::array{json::array{other, "=", true}}}), "builtins.ValueError");
}

TEST_P(VersionsTest, WhatIsCountedFollowsAWrite) {
    if (GetParam() == 18) GTEST_SKIP() << "the simulator does not claim 18's stock";
    const auto mug = call("product.product", "create", {storable()}).as_int64();
    const auto goods = [&] {
        const auto order =
            call("sale.order", "create",
                 {json::object{{"partner_id", 90},
                               {"order_line", json::array{json::array{
                                                  0, 0, json::object{{"product_id", mug}, {"product_uom_qty", 1}}}}}}})
                .as_int64();
        call("sale.order", "action_confirm", {json::array{order}});
        const auto state = call("stock.picking", "search_read", {json::array{json::array{"sale_id", "=", order}}},
                                {{"fields", json::array{"state"}}});
        return std::string(state.at(0).at("state").as_string());
    };
    EXPECT_EQ(goods(), "confirmed") << "there are none, so the delivery waits";
    call("product.product", "write",
         {json::array{mug},
          by_detailed_type() ? json::object{{"detailed_type", "consu"}} : json::object{{"is_storable", false}}});
    EXPECT_EQ(goods(), "assigned") << "what is not counted is always there";
}

INSTANTIATE_TEST_SUITE_P(Odoo, VersionsTest, testing::Values(16, 17, 18, 19),
                         [](const auto& given) { return "Of" + std::to_string(given.param); });

}  // namespace
}  // namespace sluice::sim
