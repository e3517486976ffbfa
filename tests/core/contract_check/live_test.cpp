#include "core/contract_check/live.hpp"

#include <gmock/gmock.h>

#include <map>

#include "tests/core/contract_check/lists.hpp"

namespace sluice::contract_check::test {
namespace {

/// Answers by "model.method"; what it has no answer for, Odoo does not know.
class Answers final : public odoo::Caller {
public:
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view) override {
        calls.push_back(std::string(model) + "." + std::string(method) + std::string(args));
        if (down) return fail(Failure::retry, "nobody answers");
        const auto found = answers.find(std::string(model) + "." + std::string(method));
        if (found == answers.end()) return fail(Failure::rejected, "Object doesn't exist");
        return json::Document::parse(found->second);
    }
    std::map<std::string, std::string> answers;
    std::vector<std::string> calls;
    bool down = false;
};

Answers small_odoo() {
    Answers odoo;
    odoo.answers["shop.order.fields_get"] = R"({
"name":{"type":"char","required":true,"store":true,"searchable":true,"depends":[]},
"total":{"type":"float","required":true,"store":true,"depends":["line_ids"]},
"label":{"type":"char","required":true,"store":false,"depends":["partner_id.label"],"related":"partner_id.label"},
"partner_id":{"type":"many2one","relation":"shop.partner","required":true,"store":true},
"state":{"type":"selection","selection":[["draft","Entwurf"],["done","Fertig"]],"readonly":true,"store":true}})";
    odoo.answers["shop.order.default_get"] = R"({"name":"New"})";
    odoo.answers["shop.order.check_access_rights"] = "true";
    odoo.answers["shop.order.has_access"] = "false";
    return odoo;
}

TEST(Live, AModelsFactsComeOfItsDescriptionItsDefaultsAndItsRights) {
    auto odoo = small_odoo();
    const auto asked = ask_model(odoo, "shop.order", 17, {});
    ASSERT_TRUE(asked && *asked);
    const auto& fields = (*asked)->fields;
    EXPECT_EQ(fields.at("name").filled, true);
    EXPECT_EQ(fields.at("total").filled, true) << "computed";
    EXPECT_EQ(fields.at("label").filled, false) << "another record's";
    EXPECT_EQ(fields.at("partner_id").filled, false);
    EXPECT_EQ(fields.at("partner_id").relation, "shop.partner");
    EXPECT_THAT(fields.at("state").selection, testing::ElementsAre("draft", "done"));
    EXPECT_TRUE(fields.at("state").readonly);
    EXPECT_EQ((*asked)->may, (Access{.read = true, .write = true, .create = true, .unlink = true}));
    EXPECT_THAT(odoo.calls, testing::Contains("shop.order.check_access_rights[\"unlink\"]"));
}

TEST(Live, FromVersion18RightsAreAskedInTheirNewWay) {
    auto odoo = small_odoo();
    const auto asked = ask_model(odoo, "shop.order", 18, {});
    ASSERT_TRUE(asked && *asked);
    EXPECT_EQ((*asked)->may, Access{});
    EXPECT_THAT(odoo.calls, testing::Contains("shop.order.has_access[[],\"write\"]"));
}

TEST(Live, WhatOnlyTheRecordedListsKnowIsTakenOfThem) {
    auto odoo = small_odoo();
    const auto recorded = RecordedLists::parse(
        R"({"shop.order":{"partner_id":[{"in":"17","type":"many2one","required":true,"filled":true}]}})");
    ASSERT_TRUE(recorded);
    const auto asked = ask_model(odoo, "shop.order", 17, recorded->of(17));
    ASSERT_TRUE(asked && *asked);
    EXPECT_EQ((*asked)->fields.at("partner_id").filled, true);
}

TEST(Live, AModelThatIsNotThereHasNoFactsAndAnOutageIsAnError) {
    auto odoo = small_odoo();
    const auto missing = ask_model(odoo, "shop.other", 17, {});
    ASSERT_TRUE(missing);
    EXPECT_FALSE(*missing);
    odoo.down = true;
    EXPECT_FALSE(ask_model(odoo, "shop.order", 17, {}));
}

TEST(Live, ModelsThatSearchKeysLeadThroughAreAskedForToo) {
    auto odoo = small_odoo();
    const auto contract = contract_with(
        "[flow.order.odoo_change]\nmodel = \"shop.order\"\nfields = [\"state\"]\ndomain = [[\"partner_id.name\", "
        "\"=\", \"x\"]]\n");
    FieldLists lists{.version = 17, .source = "here", .models = {}};
    ASSERT_TRUE(ask_needed(odoo, {&contract.flows.at("order")}, {}, lists));
    EXPECT_THAT(lists.models, testing::UnorderedElementsAre(testing::Key("shop.order"), testing::Key("shop.partner")));
}

}  // namespace
}  // namespace sluice::contract_check::test
