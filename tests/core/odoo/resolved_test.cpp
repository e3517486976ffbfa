#include "core/odoo/resolved.hpp"

#include <gtest/gtest.h>

namespace sluice::odoo {
namespace {

Decimal decimal(std::string_view text) {
    return *Decimal::parse(text);
}

bool same(const ResolvedValue& wanted, std::string_view stored, std::optional<int> digits = std::nullopt) {
    const auto document = json::Document::parse(stored);
    return is_same(wanted, document->root(), digits);
}

std::string as_json(const ResolvedValue& value) {
    json::Writer writer;
    write_json(writer, value);
    return writer.take();
}

TEST(Resolved, NumbersAreComparedByValue) {
    EXPECT_TRUE(same(decimal("10.50"), "10.5"));
    EXPECT_TRUE(same(decimal("0"), "0.0"));
    EXPECT_TRUE(same(decimal("0"), "false"));
    EXPECT_TRUE(same(decimal("0.00001"), "1e-05"));
    EXPECT_FALSE(same(decimal("10.51"), "10.5"));
    EXPECT_FALSE(same(decimal("10.555"), "10.56"));
    EXPECT_TRUE(same(decimal("10.555"), "10.56", 2));
    EXPECT_TRUE(same(decimal("-10.555"), "-10.56", 2));
    EXPECT_FALSE(same(decimal("10.57"), "10.56", 2));
    EXPECT_TRUE(same(std::int64_t{9'007'199'254'740'993}, "9007199254740993"));
    EXPECT_FALSE(same(std::int64_t{9'007'199'254'740'993}, "9007199254740992"));
}

TEST(Resolved, TextsAreComparedAsOdooKeepsThem) {
    EXPECT_TRUE(same(std::string("Ann"), R"("Ann")"));
    EXPECT_TRUE(same(std::string("Ann "), R"("Ann")"));
    EXPECT_TRUE(same(std::string(""), "false"));
    EXPECT_FALSE(same(std::string("Ann"), R"("ann")"));
    EXPECT_FALSE(same(std::string(" Ann"), R"("Ann")"));
    EXPECT_FALSE(same(std::string("1"), "1"));
}

TEST(Resolved, ReferencesAreComparedById) {
    EXPECT_TRUE(same(RecordId{7}, R"([7,"Ann"])"));
    EXPECT_TRUE(same(RecordId{7}, "7"));
    EXPECT_TRUE(same(RecordId{0}, "false"));
    EXPECT_FALSE(same(RecordId{7}, "false"));
    EXPECT_FALSE(same(RecordId{0}, R"([7,"Ann"])"));
}

TEST(Resolved, SeveralReferencesAreASet) {
    EXPECT_TRUE(same(RecordIds{{3, 4}}, "[4,3]"));
    EXPECT_TRUE(same(RecordIds{}, "[]"));
    EXPECT_TRUE(same(RecordIds{}, "false"));
    EXPECT_FALSE(same(RecordIds{{3}}, "[3,4]"));
    EXPECT_FALSE(same(RecordIds{}, "[3]"));
    EXPECT_FALSE(same(RecordIds{{3}}, R"([3,"15 %"])"));
    EXPECT_EQ(as_json(RecordIds{{3, 4}}), "[[6,0,[3,4]]]");
    EXPECT_EQ(as_json(RecordIds{}), "[[6,0,[]]]");
    EXPECT_EQ(to_load_cell(RecordIds{{3, 4}}), "3,4");
    EXPECT_EQ(display(RecordIds{{3, 4}}), "ids 3, 4");
    EXPECT_EQ(display(json::Document::parse("[4,3]")->root()), "ids 3, 4");
    EXPECT_EQ(display(json::Document::parse("[]")->root()), "empty");
}

TEST(Resolved, EmptyIsFalseZeroAndNothing) {
    for (const auto* stored : {"false", "0", "0.0", R"("")"}) EXPECT_TRUE(same(std::monostate(), stored)) << stored;
    for (const auto* stored : {"true", "0.5", R"("x")", R"([7,"Ann"])"}) {
        EXPECT_FALSE(same(std::monostate(), stored)) << stored;
    }
    EXPECT_TRUE(same(true, "true"));
    EXPECT_TRUE(same(false, "false"));
    EXPECT_FALSE(same(true, "false"));
}

TEST(Resolved, MoneyIsWrittenAsItsOwnDigits) {
    EXPECT_EQ(as_json(decimal("12345678901234567890.10")), "12345678901234567890.10");
    EXPECT_EQ(to_load_cell(decimal("1e3")), "1000");
    EXPECT_EQ(as_json(RecordId{0}), "false");
    EXPECT_EQ(as_json(std::monostate()), "false");
    EXPECT_EQ(as_json(std::string("a\"b")), R"("a\"b")");
    EXPECT_EQ(to_load_cell(true), "1");
    EXPECT_EQ(to_load_cell(RecordId{0}), "");
}

}  // namespace
}  // namespace sluice::odoo
