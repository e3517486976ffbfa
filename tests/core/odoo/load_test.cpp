#include "core/odoo/load.hpp"

#include <gmock/gmock.h>

namespace sluice::odoo {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// Answers every call with one text and keeps the last arguments.
class OneAnswer final : public Caller {
public:
    explicit OneAnswer(std::string text) : text_(std::move(text)) {}
    Result<json::Document> call(std::string_view, std::string_view, std::string_view args,
                                std::string_view kwargs) override {
        last_args = std::string(args);
        last_kwargs = std::string(kwargs);
        return json::Document::parse(text_);
    }
    std::string last_args, last_kwargs;

private:
    std::string text_;
};

const LoadTable one{.columns = {"id"}, .rows = {{"a"}}};

Decimal decimal(std::string_view text) {
    return *Decimal::parse(text);
}

ResolvedRecord order() {
    return {.model = "sale.order",
            .external_id = "__sluice__.s_1",
            .fields = {{"partner_id", RecordId{14}}, {"note", std::monostate()}, {"sent", true}},
            .lines = {{.field = "order_line",
                       .model = "sale.order.line",
                       .parent_field = "order_id",
                       .lines = {{"l1", {{"product_id", RecordId{49}}, {"price_unit", decimal("10.50")}}},
                                 {"l2", {{"product_id", RecordId{51}}, {"name", std::string("Ship")}}}}}}};
}

TEST(Load, OneRowALineTheFirstBesideTheHeader) {
    const auto table = creation_table(order());
    EXPECT_THAT(table.columns, ElementsAre("id", "partner_id/.id", "note", "sent", "order_line/id",
                                           "order_line/product_id/.id", "order_line/price_unit", "order_line/name"));
    EXPECT_THAT(table.rows, ElementsAre(ElementsAre("__sluice__.s_1", "14", "", "1", "l1", "49", "10.50", ""),
                                        ElementsAre("", "", "", "", "l2", "51", "0", "Ship")));
}

TEST(Load, AnEmptyReferenceStaysAReferenceColumn) {
    auto record = order();
    record.fields = {{"state_id", RecordId{0}}};
    record.lines.clear();
    const auto table = creation_table(record);
    EXPECT_THAT(table.columns, ElementsAre("id", "state_id/.id"));
    EXPECT_THAT(table.rows, ElementsAre(ElementsAre("__sluice__.s_1", "")));
}

TEST(Load, SeveralReferencesAreOneCellAndNoneIsAnEmptyOne) {
    auto record = order();
    record.lines.front().lines.at(0).fields.push_back({"tax_id", RecordIds{{3, 4}}});
    record.lines.front().lines.at(1).fields.push_back({"tax_id", RecordIds{}});
    const auto table = lines_table(record.lines.front(), 7);
    EXPECT_EQ(table.columns.at(4), "tax_id/.id");
    EXPECT_EQ(table.rows.at(0).at(4), "3,4");
    EXPECT_EQ(table.rows.at(1).at(4), "");
}

TEST(Load, LinesOfTwoFieldsGetRowsOfTheirOwn) {
    auto record = order();
    record.fields.clear();
    record.lines.front().lines.pop_back();
    record.lines.push_back(
        {.field = "tag", .model = "t", .parent_field = "p", .lines = {{"t1", {{"n", std::string("x")}}}}});
    const auto table = creation_table(record);
    EXPECT_THAT(table.rows, ElementsAre(ElementsAre("__sluice__.s_1", "l1", "49", "10.50", "", ""),
                                        ElementsAre("", "", "", "", "t1", "x")));
}

TEST(Load, LinesOfARecordThatIsThereAreRecordsOfTheirOwn) {
    const auto table = lines_table(order().lines.front(), 7);
    EXPECT_THAT(table.columns, ElementsAre("id", "order_id/.id", "product_id/.id", "price_unit", "name"));
    EXPECT_THAT(table.rows,
                ElementsAre(ElementsAre("l1", "7", "49", "10.50", ""), ElementsAre("l2", "7", "51", "0", "Ship")));
}

TEST(Load, SendsTheTableAndReadsTheIdsOfItsRecords) {
    OneAnswer odoo(R"({"ids":[1953,1954],"messages":[],"nextrow":0})");
    const auto ids = load_new(odoo, "sale.order", {.columns = {"id"}, .rows = {{"a\"b"}, {""}, {"c"}}});
    ASSERT_TRUE(ids);
    EXPECT_THAT(*ids, ElementsAre(1953, 1954));
    EXPECT_EQ(odoo.last_args, R"([["id"],[["a\"b"],[""],["c"]]])");
    EXPECT_EQ(odoo.last_kwargs, R"({"context":{"mode":"update","noupdate":true}})");
}

TEST(Load, ARefusalNamesEveryFieldAndMessage) {
    OneAnswer odoo(R"({"ids":false,"messages":[{"type":"error","field":"type","message":"Value 'x' not found"},)"
                   R"({"type":"error","message":"second"},{"type":"warning","message":"ignored"}]})");
    const auto id = load_new(odoo, "res.partner", one);
    ASSERT_FALSE(id);
    EXPECT_EQ(id.error().failure, Failure::rejected);
    EXPECT_EQ(id.error().message, "res.partner was refused: type: Value 'x' not found; second");
}

TEST(Load, AConflictAmongTheMessagesIsTransient) {
    OneAnswer odoo(
        R"({"ids":false,"messages":[{"type":"error","message":"bad"},)"
        R"({"type":"error","message":"could not serialize access due to concurrent update\n"}],"nextrow":0})");
    const auto id = load_new(odoo, "res.partner", one);
    ASSERT_FALSE(id);
    EXPECT_EQ(id.error().failure, Failure::retry);
    EXPECT_THAT(id.error().message, HasSubstr("could not serialize access"));
}

TEST(Load, AnAnswerThatIsNoLoadsAnswerIsNoSuccess) {
    OneAnswer none(R"({"ids":[],"messages":[]})");
    EXPECT_EQ(load_new(none, "m", one).error().failure, Failure::unknown);
    OneAnswer null("null");
    EXPECT_FALSE(load_new(null, "m", one));
}

}  // namespace
}  // namespace sluice::odoo
