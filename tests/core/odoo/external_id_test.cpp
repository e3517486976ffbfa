#include "core/odoo/external_id.hpp"

#include <gtest/gtest.h>

#include <set>

namespace sluice::odoo {
namespace {

TEST(ExternalId, PlainIdsStayReadable) {
    EXPECT_EQ(full_external_id("my-shop", "order_450789469"), "__sluice__.my-shop_order_450789469");
}

TEST(ExternalId, DifferentIdsStayDifferent) {
    const std::set<std::string> ids = {
        full_external_id("s", "a.b"),  full_external_id("s", "a_x2eb"), full_external_id("s", "a_x5fx2eb"),
        full_external_id("s", "a b"),  full_external_id("s", "a_b"),    full_external_id("s", "a__x"),
        full_external_id("s", "a_"),   full_external_id("s", "é"),      full_external_id("s_a", "b"),
        full_external_id("s", "a/b"),  full_external_id("s", "A.B"),    full_external_id("s", ""),
        full_external_id("s", "a_xb"),
    };
    EXPECT_EQ(ids.size(), 13U);
    for (const auto& id : ids) {
        EXPECT_EQ(id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", 11),
                  std::string::npos)
            << id;
    }
}

TEST(ExternalId, LongIdsAreBoundedAndStillDifferent) {
    const std::string long_id(500, 'a');
    const auto first = full_external_id("s", long_id + "1");
    const auto second = full_external_id("s", long_id + "2");
    EXPECT_NE(first, second);
    EXPECT_EQ(first.size(), second.size());
    EXPECT_LT(first.size(), 160U);
    EXPECT_EQ(full_external_id("s", std::string(max_external_id_length, 'a')),
              "__sluice__.s_" + std::string(max_external_id_length, 'a'));
}

TEST(ExternalId, OursAreReadBackAndNobodyElses) {
    for (const auto* id : {"order_450789469", "a.b", "a_x2eb", "é", "a b", "_x", "", "customer_a@b"})
        EXPECT_EQ(own_external_id("my-shop", full_external_id("my-shop", id)), id);
    EXPECT_FALSE(own_external_id("shop", full_external_id("outlet", "order_1")));
    EXPECT_FALSE(own_external_id("shop", "__import__.order_1"));
    EXPECT_FALSE(own_external_id("shop", ""));
    EXPECT_FALSE(own_external_id("shop", "__sluice__.shop_a_xzz")) << "no escape of ours";
    EXPECT_FALSE(own_external_id("shop", "__sluice__.shop_a_x61")) << "another notation of `aa`";
    EXPECT_FALSE(own_external_id("shop", full_external_id("shop", std::string(500, 'a')))) << "ends in a hash";
}

TEST(ExternalId, NoConnectorsPrefixBeginsAnothers) {
    EXPECT_FALSE(full_external_id("shop_b", "order_1").starts_with(external_id_prefix("shop")));
    EXPECT_NE(full_external_id("shop_b", "order_1"), full_external_id("shop", "x5fb_order_1"));
    EXPECT_NE(external_id_prefix("shop-x5f"), external_id_prefix("shop_"));
    EXPECT_TRUE(full_external_id("shop", "order_1").starts_with(external_id_prefix("shop")));
}

}  // namespace
}  // namespace sluice::odoo
