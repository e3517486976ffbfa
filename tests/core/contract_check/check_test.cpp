#include "core/contract_check/check.hpp"

#include <gmock/gmock.h>

#include "core/contract_check/needs.hpp"
#include "tests/core/contract_check/lists.hpp"

namespace sluice::contract_check::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

/// A record with these fields besides the one it needs.
std::string order(const std::string& fields, const std::string& rest = "") {
    return "[flow.order.record]\nmodel = \"shop.order\"\nexternal_id = \"order_{/id}\"\n" + rest +
           "[flow.order.record.fields]\npartner_id = { record = \"customer\" }\n" + fields +
           "\n[flow.order.records.customer]\nmodel = \"shop.partner\"\nexternal_id = \"customer_{/email}\"\n"
           "[flow.order.records.customer.fields]\nemail = { from = \"/email\", as = \"email\" }\n";
}

TEST(Check, WhatFitsIsNoFinding) {
    EXPECT_THAT(findings_of(order(R"(name = { text = "Order {/id}" }
number = { from = "/number", as = "integer" }
amount = { from = "/total", as = "decimal" }
placed_at = { from = "/created_at", as = "datetime" }
due_on = { from = "/due", as = "date" }
is_gift = { from = "/gift", as = "boolean" }
kind = { from = "/source", map = { web = "web", pos = "till" } }
tag_ids = { find_each = { each = "/tags", model = "shop.tag", by = { name = { from = "" } } } })")),
                IsEmpty());
}

TEST(Check, EachRuleSaysWhereItStandsAndWhatWouldBeRight) {
    struct Case {
        std::string rule, message;
    };
    const std::vector<Case> cases{
        {R"(nmae = { from = "/name" })",
         "shop.order has no field `nmae` in the lists recorded of Odoo 1; did you mean `name`?"},
        {R"(total = { from = "/total", as = "decimal" })",
         "Odoo computes `total` of shop.order: what is written there is lost"},
        {R"(number = { from = "/number" })",
         "`number` of shop.order is integer and cannot take a text; right would be as = \"integer\""},
        {R"(amount = { text = "{/total}" })", "is monetary and cannot take a text; right would be as = \"decimal\""},
        {R"(amount = { from = "/gift", as = "boolean" })", "cannot take a boolean; right would be as = \"decimal\""},
        {R"(placed_at = { from = "/created_at" })", "cannot take a text; right would be as = \"datetime\""},
        {R"(due_on = { from = "/created_at", as = "datetime" })", "is date and cannot take a date and time"},
        {R"(is_gift = { from = "/gift" })", "right would be as = \"boolean\""},
        {R"(name = { from = "/id", as = "integer" })",
         "is char and cannot take an integer; right would be as = \"text\""},
        {R"(kind = { value = "shop" })", "`kind` of shop.order has no value \"shop\"; it has `web` or `till`"},
        {R"(kind = { from = "/source", map = { web = "web", pos = "cash" } })", "has no value \"cash\""},
        {R"(kind = { from = "/source", default = "none" })", "has no value \"none\""},
        {R"(tag_ids = { find = { model = "shop.tag", by = { name = { from = "/tag" } } } })",
         "is many2many and cannot take a reference; right would be `find_each` in shop.tag"},
        {R"(tag_ids = { find_each = { each = "/tags", model = "shop.country", by = { code = { from = "/code" } } } })",
         "`tag_ids` of shop.order refers to shop.tag, and what `find_each` finds is of shop.country; right would be "
         "one of shop.tag"},
        {R"(line_ids = { from = "/lines" })", "right would be `lines` of model shop.line"}};
    for (const auto& one : cases) {
        EXPECT_THAT(
            findings_of(order(one.rule)),
            ElementsAre(AllOf(StartsWith("shop.toml:11:1: error: flow.order.record.fields."), HasSubstr(one.message))))
            << one.rule;
    }
}

TEST(Check, WhatASearchCreatesIsHeldToItsModelToo) {
    const auto with = [](const std::string& fields) {
        return "[flow.order.record]\nmodel = \"shop.order\"\nexternal_id = \"order_{/id}\"\n"
               "[flow.order.record.fields.partner_id.find]\nmodel = \"shop.partner\"\non_none = \"create\"\n"
               "by = { email = { from = \"/email\", as = \"email\" } }\n"
               "create = { external_id = \"partner_{/email}\", fields = { " +
               fields + " = { value = 3 } } }\n";
    };
    EXPECT_THAT(findings_of(with("country_id")), IsEmpty());
    EXPECT_THAT(findings_of(with("contry_id")),
                ElementsAre(AllOf(HasSubstr("partner_id.find.create.contry_id: shop.partner has no field `contry_id`"),
                                  HasSubstr("did you mean `country_id`?"))));
    const auto contract = contract_with(with("country_id"));
    EXPECT_TRUE(needs_of(contract.flows.at("order"), recorded().of(1)).at("shop.partner").create);
}

TEST(Check, AStoredReadOnlyFieldIsAWarning) {
    EXPECT_THAT(findings_of(order(R"(state = { value = "draft" })")),
                ElementsAre(HasSubstr("warning: flow.order.record.fields.state: `state` of shop.order is read-only")));
}

TEST(Check, ATextGoesIntoNoReference) {
    const auto found = findings_of(
        "[flow.order.record]\nmodel = \"shop.order\"\nexternal_id = \"o_{/id}\"\n"
        "[flow.order.record.fields]\npartner_id = { text = \"{/customer}\" }\n");
    EXPECT_THAT(found, ElementsAre(HasSubstr("`partner_id` of shop.order is many2one and cannot take a text; right "
                                             "would be a `find` in shop.partner, or a `record` of that model")));
}

TEST(Check, WhatOdooNeedsAndNobodyWritesIsSaid) {
    const auto found = findings_of(
        "[flow.order.record]\nmodel = \"shop.order\"\nexternal_id = \"o_{/id}\"\n"
        "[flow.order.record.fields]\nnumber = { from = \"/n\", as = \"integer\" }\n");
    EXPECT_THAT(found,
                ElementsAre(AllOf(HasSubstr("error: flow.order.record: shop.order needs `partner_id` (many2one)"),
                                  HasSubstr("right would be a rule for `partner_id`"))));
}

std::string lines(const std::string& head, const std::string& fields) {
    return order("", "") + "[[flow.order.record.lines]]\n" + head +
           "each = \"/lines\"\nexternal_id = \"line_{/id}\"\n" + "[flow.order.record.lines.fields]\n" + fields;
}

TEST(Check, LinesAreHeldToTheirFieldModelAndWayBack) {
    const std::string fields = "quantity = { from = \"/quantity\", as = \"decimal\" }\n";
    EXPECT_THAT(findings_of(lines("field = \"line_ids\"\nmodel = \"shop.line\"\nparent = \"order_id\"\n", fields)),
                IsEmpty());
    EXPECT_THAT(findings_of(lines("field = \"line_ids\"\nmodel = \"shop.tag\"\nparent = \"name\"\n",
                                  "name = { from = \"/n\" }\n")),
                ElementsAre(HasSubstr("lines[0].model: `line_ids` of shop.order holds shop.line, not shop.tag; right "
                                      "would be model = \"shop.line\"")));
    EXPECT_THAT(findings_of(lines("field = \"line_ids\"\nmodel = \"shop.line\"\nparent = \"order\"\n", fields)),
                testing::Contains(HasSubstr("right would be parent = \"order_id\"")));
    EXPECT_THAT(findings_of(lines("field = \"tag_ids\"\nmodel = \"shop.line\"\nparent = \"order_id\"\n", fields)),
                ElementsAre(HasSubstr("`tag_ids` of shop.order is many2many, and lines need a one2many")));
    EXPECT_THAT(
        findings_of(lines("field = \"line_ids\"\nmodel = \"shop.line\"\nparent = \"order_id\"\n",
                          "tax_id = { find_each = { each = \"/t\", model = \"shop.tag\", by = { name = { from = "
                          "\"/n\" } } } }\n")),
        ElementsAre(AllOf(HasSubstr("warning: flow.order.record.lines[0]: shop.line needs `quantity`"),
                          HasSubstr("whether Odoo fills it by itself is not known"))));
}

TEST(Check, WhatTheWriterRenamesIsNoFinding) {
    const auto with = [](const std::string& name) {
        return lines(
            "field = \"line_ids\"\nmodel = \"shop.line\"\nparent = \"order_id\"\n",
            "quantity = { from = \"/q\", as = \"decimal\" }\n" + name +
                " = { find_each = { each = \"/t\", model = \"shop.tag\", by = { name = { from = \"/n\" } } } }\n");
    };
    for (const auto version : {1, 2}) {
        EXPECT_THAT(findings_of(with("tax_id"), version), IsEmpty()) << version;
        EXPECT_THAT(findings_of(with("tax_ids"), version), IsEmpty()) << version;
    }
}

TEST(Check, SearchKeysAreFollowedThroughTheirModels) {
    const auto with = [](const std::string& by) {
        return order("[flow.order.record.fields.number]\nas = \"integer\"\nfrom = \"/n\"\n",
                     "candidates = [{ " + by + " }]\n");
    };
    EXPECT_THAT(findings_of(with(R"("partner_id.country_id.code" = { from = "/country" })")), IsEmpty());
    EXPECT_THAT(findings_of(with(R"("partner_id.country_id.cod" = { from = "/country" })")),
                ElementsAre(HasSubstr(
                    "shop.country has no field `cod` in the lists recorded of Odoo 1; did you mean `code`?")));
    EXPECT_THAT(findings_of(with(R"("name.code" = { from = "/country" })")),
                ElementsAre(HasSubstr("`name` of shop.order is char, so no path leads through it")));
    EXPECT_THAT(findings_of(with(R"(amount = { from = "/total" })")),
                ElementsAre(HasSubstr(
                    "`amount` of shop.order is monetary and never equals a text; right would be as = \"decimal\"")));
    EXPECT_THAT(findings_of(with(R"(kind = { value = "shop" })")), ElementsAre(HasSubstr("has no value \"shop\"")));
}

TEST(Check, ProtectionAndTransitionsMayNameWhatAnotherVersionHas) {
    const auto with = [](const std::string& value) {
        return order("", "protect = { field = \"state\", values = [\"" + value + "\"], action = \"reject\" }\n");
    };
    EXPECT_THAT(findings_of(with("done"), 1), IsEmpty());
    EXPECT_THAT(findings_of(with("done"), 2), IsEmpty());
    EXPECT_THAT(findings_of(with("dnoe"), 2), ElementsAre(HasSubstr("`state` of shop.order has no value \"dnoe\"")));
}

TEST(Check, ATriggerIsHeldToModelDomainFieldsAndLinks) {
    const auto with = [](const std::string& keys) { return "[flow.order.odoo_change]\n" + keys; };
    EXPECT_THAT(findings_of(with(
                    "model = \"shop.order\"\nfields = [\"state\"]\nlinks = { partner_id = \"shop.partner\" }\n"
                    "optional_fields = [\"not_there\"]\n"
                    "domain = [[\"partner_id.country_id.code\", \"=\", \"BE\"], [\"state\", \"in\", [\"draft\"]]]\n")),
                IsEmpty());
    EXPECT_THAT(
        findings_of(with(
            "model = \"shop.order\"\nfields = [\"stat\"]\nlinks = { partner_id = \"shop.tag\", name = \"shop.tag\" }\n"
            "domain = [[\"kin\", \"=\", \"web\"], [\"kind\", \"=\", \"wbe\"]]\n")),
        ElementsAre(
            HasSubstr("odoo_change.domain: shop.order has no field `kin`"),
            HasSubstr("odoo_change.domain: `kind` of shop.order has no value \"wbe\""),
            HasSubstr("odoo_change.fields: shop.order has no field `stat` in the lists recorded of Odoo 1; did you "
                      "mean `state`?"),
            HasSubstr("odoo_change.links.partner_id: `partner_id` of shop.order refers to shop.partner, not shop.tag"),
            HasSubstr("odoo_change.links.name: `name` of shop.order is char, and a link is a many2one")));
    EXPECT_THAT(findings_of(with("model = \"shop.other\"\nfields = [\"name\"]\n")),
                ElementsAre(HasSubstr("warning: flow.order.odoo_change.model: model shop.other is not in the lists")));
}

TEST(Check, AModelThatIsNotThereAndRightsThatLack) {
    auto lists = recorded().of(1);
    lists.models["shop.partner"].reset();
    EXPECT_THAT(findings_of(order(""), lists),
                ElementsAre(AllOf(HasSubstr("error: flow.order.records.customer.model"),
                                  HasSubstr("has no model shop.partner"), HasSubstr("install the module"))));
    lists = recorded().of(1);
    lists.models["shop.partner"]->may = Access{.read = true};
    lists.models["shop.order"]->may = Access{.read = true, .write = true, .create = true};
    EXPECT_THAT(findings_of(order(""), lists),
                ElementsAre(AllOf(HasSubstr("error: flow.order: the account may not write, create shop.partner"),
                                  HasSubstr("sluice odoo rights"))));
}

}  // namespace
}  // namespace sluice::contract_check::test
