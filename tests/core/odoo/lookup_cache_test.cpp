// References that were found lately are not asked for again, and what may have changed is.

#include "core/odoo/lookup_cache.hpp"

#include "tests/core/odoo/record_writer_fixture.hpp"

namespace sluice::odoo {
namespace {

using test::Order;
using testing::HasSubstr;
using What = Written::What;

TEST(LookupCache, KeepsForAWhileAndForSoMany) {
    ManualClock clock;
    LookupCache cache(clock, 1'000, 2);
    cache.keep("a", 1);
    cache.keep("b", 2);
    EXPECT_EQ(cache.find("a"), 1);
    cache.keep("c", 3);
    EXPECT_EQ(cache.find("a"), std::nullopt) << "the oldest made room";
    cache.forget("b");
    EXPECT_EQ(cache.find("b"), std::nullopt);
    clock.advance(999);
    EXPECT_EQ(cache.find("c"), 3);
    cache.keep("c", 4);
    clock.advance(999);
    EXPECT_EQ(cache.find("c"), 4);
    clock.advance(1);
    EXPECT_EQ(cache.find("c"), std::nullopt);
}

class CachedLookups : public test::RecordWriterTest {
protected:
    Result<Written> write_order(const std::string& id, const std::string& sku = "PEN") {
        const auto record = test::order({.id = id, .name = "#" + id, .lines = {{"1", sku, "1", "2.50", "0"}}});
        return RecordWriter(odoo, flights, memory, "shop", &lookups).write(record);
    }
    std::size_t searches() const {
        return odoo.calls_of("product.product.search_read") + odoo.calls_of("product.product.search");
    }
    std::int64_t product(const std::string& sku) {
        const auto answer =
            odoo.call("product.product", "search", R"([[["default_code","=",")" + sku + R"("]]])", "{}");
        return *answer->root().at(0).as_int64();
    }

    ManualClock clock;
    LookupCache lookups{clock};
};

TEST_F(CachedLookups, OneSkuIsLookedUpOnceAndAgainWhenThatIsOld) {
    for (const auto* id : {"1", "2", "3"}) ASSERT_TRUE(write_order(id));
    EXPECT_EQ(searches(), 1U);
    clock.advance(LookupCache::default_age_ms);
    ASSERT_TRUE(write_order("4"));
    EXPECT_EQ(searches(), 2U);
}

TEST_F(CachedLookups, NothingFoundIsAskedForAgain) {
    for (int i = 0; i < 2; ++i) EXPECT_THAT(write_order("1", "INK").error().message, HasSubstr("no product.product"));
    EXPECT_EQ(searches(), 2U);
    odoo.add("product.product", {{"default_code", "\"INK\""}});
    EXPECT_TRUE(write_order("1", "INK"));
}

TEST_F(CachedLookups, SeveralFoundAreAskedForAgain) {
    const auto second = odoo.add("product.product", {{"default_code", "\"PEN\""}});
    EXPECT_THAT(write_order("1").error().message, HasSubstr("more than one product.product"));
    odoo.remove("product.product", second);
    EXPECT_TRUE(write_order("1"));
}

TEST_F(CachedLookups, ABatchAsksForWhatIsNotKnown) {
    ASSERT_TRUE(write_order("1"));
    const auto pens = test::order({.id = "2", .name = "#2", .lines = {{"1", "PEN", "1", "2.50", "0"}}});
    const auto lamps = test::order({.id = "3", .name = "#3", .lines = {{"1", "LAMP", "1", "2.50", "0"}}});
    RecordWriter writer(odoo, flights, memory, "shop", &lookups);
    for (int i = 0; i < 2; ++i)
        for (const auto& one :
             writer.write_all({{.record = &pens, .memory = &memory}, {.record = &lamps, .memory = &memory}}))
            EXPECT_TRUE(one);
    EXPECT_EQ(searches(), 2U);
}

/// Refuses a sale.order whose lines have a product that is not there, as Odoo does.
class RefusingCaller final : public Caller {
public:
    RefusingCaller(test::FakeOdoo& inner, std::int64_t gone) : inner_(inner), gone_(gone) {}
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override {
        const auto id = "\"" + std::to_string(gone_) + "\"";
        if (model == "sale.order" && method == "load" && args.find(id) != std::string_view::npos)
            return fail(Failure::rejected, "No matching record found for database id '" + id + "' in field 'Product'");
        return inner_.call(model, method, args, kwargs);
    }

private:
    test::FakeOdoo& inner_;
    std::int64_t gone_;
};

TEST_F(CachedLookups, WhatIsGoneIsForgottenAndTriedAgain) {
    ASSERT_TRUE(write_order("1"));
    const auto old = product("PEN");
    odoo.remove("product.product", old);
    const auto anew = odoo.add("product.product", {{"default_code", "\"PEN\""}});
    RefusingCaller refuses(odoo, old);
    const auto record = test::order({.id = "2", .name = "#2", .lines = {{"9", "PEN", "1", "2.50", "0"}}});
    RecordWriter writer(refuses, flights, memory, "shop", &lookups);
    const auto failed = writer.write(record);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().failure, Failure::retry) << failed.error().message;
    EXPECT_THAT(failed.error().message, HasSubstr("product.product was removed while it was being used"));
    const auto again = writer.write(record);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(odoo.row("sale.order.line", line_id("9")).at("product_id"), std::to_string(anew));
}

}  // namespace
}  // namespace sluice::odoo
