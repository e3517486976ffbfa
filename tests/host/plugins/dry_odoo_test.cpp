// What a dry run lets through to Odoo, what it writes down, and where it stops.

#include "host/plugins/dry_odoo.hpp"

#include <gmock/gmock.h>

#include "tests/host/plugins/answering_odoo.hpp"

namespace sluice::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DryOdooTest : public testing::Test {
protected:
    Result<std::string> call(std::string_view model, std::string_view method, std::string_view args = "[]",
                             std::string_view kwargs = "{}") {
        const auto answer = dry.caller().call(model, method, args, kwargs);
        if (!answer) return std::unexpected(answer.error());
        return std::string(answer->root().raw());
    }

    OdooAnswers odoo;
    Plan plan;
    AnsweringOdoo real{odoo};
    DryOdoo dry{real, "shop", plan};
};

TEST_F(DryOdooTest, ReadsGoThroughAndWhatIsNotKnownAsOneDoesNot) {
    odoo.answers["sale.order.search"] = "[1,2]";
    EXPECT_EQ(call("sale.order", "search", "[[]]").value(), "[1,2]");
    EXPECT_EQ(plan.reads, 1);
    EXPECT_THAT(odoo.calls, ElementsAre("sale.order.search [[]] {}"));
    const auto confirmed = call("sale.order", "action_confirm", "[[1]]");
    ASSERT_FALSE(confirmed);
    EXPECT_EQ(confirmed.error().failure, Failure::cancelled);
    EXPECT_THAT(odoo.calls, SizeIs(1)) << "nothing was sent";
    ASSERT_THAT(plan.calls, SizeIs(1));
    EXPECT_EQ(plan.calls[0].method, "action_confirm");
    EXPECT_THAT(plan.calls[0].notes, ElementsAre("what action_confirm changes is Odoo's to say"));
    EXPECT_EQ(plan.stopped_because, "what comes after sale.order.action_confirm depends on what Odoo makes of it");
    EXPECT_FALSE(call("sale.order", "search", "[[]]")) << "nothing goes through any more";
    EXPECT_THAT(odoo.calls, SizeIs(1));
    EXPECT_FALSE(is_read("read_and_write"));
    EXPECT_FALSE(is_read("message_post"));
}

TEST_F(DryOdooTest, AWriteShowsTheFieldsThatDifferAsTheyAreAndWouldBe) {
    odoo.answers["sale.order.read"] = R"([{"id":12,"display_name":"S00012","note":"old","partner_id":[7,"Ada"],
        "amount":10.50,"active":true,"ref":false,"tag_ids":[3,1]}])";
    EXPECT_EQ(
        call("sale.order", "write",
             R"([[12],{"note":"new","partner_id":7,"amount":10.5,"active":false,"ref":"","tag_ids":[[6,0,[1,3]]]}])")
            .value(),
        "true");
    EXPECT_THAT(plan.calls.at(0).differences,
                ElementsAre(Difference{"sale.order 12 (S00012)", "note", "\"old\"", "\"new\""},
                            Difference{"sale.order 12 (S00012)", "active", "true", "false"}));
    EXPECT_THAT(odoo.calls, ElementsAre(HasSubstr("sale.order.read [[12]]"))) << "read, not written";
    EXPECT_THAT(plan.calls.at(0).notes, IsEmpty());
}

TEST_F(DryOdooTest, LinesAreComparedToo) {
    odoo.answers["sale.order.read"] = R"([{"id":12,"display_name":"S00012","order_line":[31,32],"tax_ids":[1]}])";
    odoo.answers["sale.order.fields_get"] =
        R"({"order_line":{"relation":"sale.order.line"},"tax_ids":{"relation":"account.tax"}})";
    odoo.answers["sale.order.line.read"] = R"([{"id":31,"display_name":"Mug","price_unit":10.5,"name":"Mug"}])";
    ASSERT_TRUE(call("sale.order", "write",
                     R"([[12],{"order_line":[[1,31,{"price_unit":9.00,"name":"Mug"}],[0,0,{"name":"Cup"}],[2,32,0]],
                         "tax_ids":[[6,0,[1,2]]]}])"));
    EXPECT_THAT(plan.calls.at(0).differences,
                ElementsAre(Difference{"sale.order.line 31 (Mug)", "price_unit", "10.5", "9.00"},
                            Difference{"new sale.order.line of sale.order 12 (S00012)", "name", "", "\"Cup\""},
                            Difference{"sale.order.line 32", "", "\"there\"", "\"removed\""},
                            Difference{"sale.order 12 (S00012)", "tax_ids", "[1]", "[1,2]"}));
}

TEST_F(DryOdooTest, NewRecordsGetIdsThatNoRecordHasAndWhatComesAfterIsSeen) {
    odoo.answers["ir.model.data.search_read"] = "[]";
    const auto loaded = call("res.partner", "load", R"([["id","name"],[["__sluice__.shop_p_1","Ada"]]])");
    EXPECT_EQ(loaded.value(), R"({"ids":[9000000001],"messages":[]})");
    const auto created = call("sale.order", "create", R"([{"partner_id":9000000001}])");
    EXPECT_EQ(created.value(), "9000000002");
    ASSERT_THAT(plan.calls, SizeIs(2));
    EXPECT_FALSE(plan.calls[0].assumed);
    EXPECT_TRUE(plan.calls[1].assumed) << "it builds on a made-up answer";
    EXPECT_THAT(plan.calls[0].differences,
                ElementsAre(Difference{"new res.partner __sluice__.shop_p_1", "name", "", "\"Ada\""}));
    EXPECT_THAT(plan.calls[1].differences, ElementsAre(Difference{"new sale.order", "partner_id", "", "9000000001"}));
    ASSERT_THAT(plan.made_up, SizeIs(2));
    EXPECT_EQ(plan.made_up[0].record, "new res.partner __sluice__.shop_p_1");
    odoo.answers["res.partner.search"] = "[5]";
    EXPECT_TRUE(call("res.partner", "search", "[[]]")) << "Odoo as it is";
    EXPECT_FALSE(call("sale.order", "read", "[[9000000002]]"));
    EXPECT_THAT(plan.stopped_because, HasSubstr("reads new sale.order, which is not there yet"));
}

TEST_F(DryOdooTest, AsManyAreAnsweredAsAreCreated) {
    EXPECT_EQ(call("res.partner", "create", R"([{"name":"Ada"}])").value(), "9000000001");
    EXPECT_EQ(call("res.partner", "create", "[]", R"({"vals_list":{"name":"Ada"}})").value(), "9000000002");
    EXPECT_EQ(call("res.partner", "create", R"([[{"name":"A"},{"name":"B"}]])").value(), "[9000000003,9000000004]");
}

TEST_F(DryOdooTest, LinesOfALoadAreNamedByTheirOwnIds) {
    odoo.answers["ir.model.data.search_read"] = "[]";
    ASSERT_TRUE(call("sale.order", "load",
                     R"([["id","partner_id/.id","note","order_line/id","order_line/name","order_line/product_id/.id"],
                         [["x.order_1","7","","x.line_1","Mug","3"],["","","","x.line_2","Cup",""]]])"));
    EXPECT_THAT(plan.calls.at(0).differences,
                ElementsAre(Difference{"new sale.order x.order_1", "partner_id", "", "\"7\""},
                            Difference{"new order_line x.line_1", "name", "", "\"Mug\""},
                            Difference{"new order_line x.line_1", "product_id", "", "\"3\""},
                            Difference{"new order_line x.line_2", "name", "", "\"Cup\""}));
    EXPECT_THAT(plan.made_up, SizeIs(1));
}

TEST_F(DryOdooTest, WhatIsThereAlreadyUnderItsExternalIdKeepsItsId) {
    odoo.answers["ir.model.data.search_read"] = R"([{"id":1,"res_id":77}])";
    EXPECT_EQ(call("res.partner", "load", R"([["id","name"],[["x.p_1","Ada"]]])",
                   R"({"context":{"mode":"update","noupdate":true}})")
                  .value(),
              R"({"ids":[77],"messages":[]})");
    EXPECT_THAT(plan.calls.at(0).differences, IsEmpty());
    EXPECT_THAT(plan.calls.at(0).notes, ElementsAre("res.partner 77 (x.p_1) is there already and is left as it is"));
}

TEST_F(DryOdooTest, AnAccountThatMayNotAskIsToldSo) {
    odoo.failures["ir.model.data.search_read"] = Error{.failure = Failure::rejected, .message = "AccessError"};
    ASSERT_TRUE(call("res.partner", "load", R"([["id","name"],[["x.p_1","Ada"],["x.p_2","Bob"]]])"));
    EXPECT_THAT(plan.calls.at(0).notes, ElementsAre(HasSubstr("may not read ir.model.data"))) << "once";
    odoo.failures["res.partner.read"] = Error{.failure = Failure::rejected, .message = "AccessError"};
    ASSERT_TRUE(call("res.partner", "write", R"([[1],{"name":"A"}])"));
    EXPECT_THAT(plan.calls.at(1).notes, ElementsAre(HasSubstr("could not be read: AccessError")));
}

TEST_F(DryOdooTest, ReadingBackWhatWouldHaveBeenWrittenStops) {
    odoo.answers["sale.order.read"] = R"([{"id":12,"display_name":"S","state":"draft","note":"a"}])";
    ASSERT_TRUE(call("sale.order", "write", R"([[12],{"note":"b"}])"));
    EXPECT_TRUE(call("sale.order", "read", "[[12]]", R"({"fields":["display_name","state"]})")) << "not written";
    EXPECT_FALSE(call("sale.order", "read", "[[12]]", R"({"fields":["note"]})"));
    EXPECT_THAT(plan.stopped_because, HasSubstr("reads back what would have been written to sale.order"));
}

}  // namespace
}  // namespace sluice::host
