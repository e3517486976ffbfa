#include "core/contract/extension.hpp"

#include <gmock/gmock.h>

#include <algorithm>

#include "tests/core/contract/contract_text.hpp"

namespace sluice::contract {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view head = "[extension]\ncontract = \"shop\"\n";

std::string base() {
    std::string text =
        replaced(small_contract, "[flow.order.webhook]", "error_owner = \"sales\"\n[flow.order.webhook]");
    text = replaced(text, "total = {",
                    "note = { value = \"web\" }\nref = { from = \"/ref\", required = true }\ntotal = {");
    return text + R"([flow.stock]
ordering_key = "/id"
schedule = { every = "15m", missed = "skip" }
[flow.stock.odoo_change]
model = "x.quant"
fields = ["quantity"]
domain = [["state", "=", "done"]]
[flow.out]
ordering_key = "/id"
document.fields."/id" = { from = "/id", required = true }
)";
}

std::expected<ContractText, std::vector<Problem>> extended(std::string_view extension) {
    return read_extended_contract(base(), "shop.contract.toml", extension, "mine.toml");
}

ContractText right(const std::string& rest) {
    auto text = extended(std::string(head) + rest);
    if (text) return std::move(*text);
    for (const Problem& problem : text.error()) ADD_FAILURE() << problem.to_string();
    return {};
}

std::vector<std::string> wrong(const std::string& rest, std::string_view before = head) {
    const auto text = extended(std::string(before) + rest);
    std::vector<std::string> found;
    if (!text)
        for (const Problem& problem : text.error()) found.push_back(problem.to_string());
    return found;
}

const FieldRule& field(const std::vector<FieldRule>& fields, std::string_view name) {
    static const FieldRule none;
    const auto found = std::ranges::find(fields, name, &FieldRule::name);
    if (found == fields.end()) ADD_FAILURE() << "no field " << name;
    return found == fields.end() ? none : *found;
}

TEST(Extension, ChangesWhoOwnsHowOftenAndHowLong) {
    const auto text = right(R"([limits]
per_second = 3
[flow.order]
error_owner = "web team"
priority = "low"
retry = { limit = 20 }
retention = { payload = "10d" }
dead_letter.holds_key = false
)");
    const Flow& flow = text.contract.flows.at("order");
    EXPECT_EQ(text.contract.limits.per_second, 3);
    EXPECT_EQ(flow.error_owner, "web team");
    EXPECT_EQ(flow.priority, Priority::low);
    EXPECT_EQ(flow.retry.limit, 20);
    EXPECT_EQ(flow.retry.base_ms, 10) << "what the extension does not say stays";
    EXPECT_EQ(flow.retention.payload_ms, 10 * 86'400'000LL);
    EXPECT_FALSE(flow.dead_letter_holds_key);
}

TEST(Extension, AddsFieldsAndReplacesConstants) {
    const auto text = right(R"([config.team]
default = "Web"
[config.product]
default = "POST"
[flow.order.record.fields]
x_source = { from = "/source_name" }
team_id = { find = { model = "x.team", by = { name = { config = "team" } } } }
note = { value = "shop" }
[flow.order.records.customer.fields]
x_vip = { value = true }
[[flow.order.record.lines]]
field = "order_line"
fields.x_gift = { from = "/gift" }
)");
    const Flow& flow = text.contract.flows.at("order");
    EXPECT_EQ(text.contract.config.at("product").default_value, "POST");
    EXPECT_THAT(field(flow.record->fields, "x_source").from, ElementsAre("/source_name"));
    EXPECT_EQ(field(flow.record->fields, "note").value, "shop");
    EXPECT_EQ(flow.record->fields.back().name, "team_id") << "new fields come after the contract's own";
    EXPECT_EQ(field(flow.records.at("customer").fields, "x_vip").value, "true");
    EXPECT_THAT(field(flow.record->lines[0].fields, "x_gift").from, ElementsAre("/gift"));
}

TEST(Extension, EveryValueKnowsWhichFileItIsFrom) {
    const auto text =
        right("[flow.order]\nretry = { limit = 20 }\n[flow.order.record.fields]\nx = { from = \"/x\" }\n");
    const Flow& flow = text.contract.flows.at("order");
    EXPECT_EQ(text.where(field(flow.record->fields, "x").place), "mine.toml:6");
    EXPECT_EQ(text.where(node_at(text.tree, {"flow", "order", "retry", "limit"})->place), "mine.toml:4");
    EXPECT_EQ(text.where(node_at(text.tree, {"flow", "order", "retry", "base_ms"})->place), "shop.contract.toml:15");
}

TEST(Extension, ATimetableOfAnotherKindTakesThePlaceOfTheContracts) {
    const auto text = right("[flow.stock.schedule]\ncron = \"0 6 * * *\"\nzone = \"Europe/Berlin\"\n");
    const auto& schedule = *text.contract.flows.at("stock").schedule;
    EXPECT_EQ(schedule.cron, "0 6 * * *");
    EXPECT_EQ(schedule.zone, "Europe/Berlin");
    EXPECT_EQ(schedule.every_ms, 0);
    EXPECT_TRUE(schedule.skips_missed);
}

TEST(Extension, SaysWhenAReconciliationRunsAndWhatItRepairs) {
    const auto own = replaced(base(), "[flow.order.webhook]",
                              "revision = \"/at\"\nreconcile = { fields = [\"note\"] }\n[flow.order.webhook]");
    const auto with = [&own](const std::string& rest) {
        return read_extended_contract(own, "shop.contract.toml", std::string(head) + "[flow.order.reconcile]\n" + rest,
                                      "mine.toml");
    };
    const auto text = with("schedule = { cron = \"0 3 * * *\" }\nrepair = \"missed\"\nperiod = \"1d\"\n");
    ASSERT_TRUE(text) << text.error().front().to_string();
    const auto& rule = *text->contract.flows.at("order").reconcile;
    EXPECT_EQ(rule.schedule.value().cron, "0 3 * * *");
    EXPECT_EQ(rule.repair, ReconcileRule::Repair::missed);
    EXPECT_EQ(rule.period_ms, 86'400'000);
    const auto fields = with("fields = [\"ref\"]\n");
    ASSERT_FALSE(fields);
    EXPECT_THAT(fields.error().front().to_string(),
                testing::HasSubstr("`flow.order.reconcile.fields` is the contract's"));
    EXPECT_THAT(wrong("[flow.order.reconcile]\nperiod = \"1d\"\n"),
                testing::ElementsAre(testing::HasSubstr("the contract has no `flow.order.reconcile`")));
}

TEST(Extension, ADomainIsOnlyNarrowed) {
    const auto text = right("[flow.stock.odoo_change]\ndomain = [[\"warehouse_id\", \"=\", 3]]\nevery = \"1m\"\n");
    const auto& change = *text.contract.flows.at("stock").odoo_change;
    EXPECT_EQ(change.domain, R"([["state","=","done"],["warehouse_id","=",3]])");
    EXPECT_EQ(change.every_ms, 60'000);
}

TEST(Extension, AddsChecksAndValuesOfADocument) {
    const auto text = right(R"([[flow.order.record.checks]]
rule = "our shop only"
compare = ["/shop", "=", "ours"]
as = "text"
[flow.out.document.fields]
"/note" = { from = "/note" }
)");
    const Flow& order = text.contract.flows.at("order");
    ASSERT_EQ(order.record->checks.size(), 1U);
    EXPECT_EQ(order.record->checks[0].rule, "our shop only");
    EXPECT_EQ(field(text.contract.flows.at("out").document->members.fields, "/note").from[0].text(), "/note");
}

TEST(Extension, NamesTheContractHasNotAreErrorsInItsOwnFile) {
    EXPECT_THAT(
        wrong(R"([flow.ordr]
error_owner = "x"
[flow.order]
eror_owner = "x"
[flow.order.records.custmer.fields]
x = { value = 1 }
[flow.stock.record.fields]
x = { value = 1 }
[[flow.order.record.lines]]
field = "order_lines"
fields.x = { value = 1 }
[flow.order.record.fields]
x = { form = "/x" }
)"),
        ElementsAre("mine.toml:3:7: the contract has no flow `ordr`; did you mean `order`?",
                    "mine.toml:6:1: an extension cannot say `flow.order.eror_owner`; did you mean `error_owner`?",
                    "mine.toml:7:21: the contract has no record `custmer`; did you mean `customer`?",
                    "mine.toml:9:13: the contract has no `flow.stock.record`, so it cannot be extended",
                    "mine.toml:12:9: the contract has no such lines; did you mean `order_line`?"));
}

TEST(Extension, WhatTheResultHasWrongIsReportedWhereItIsFrom) {
    EXPECT_THAT(
        wrong("[flow.order.record.fields]\nx = { form = \"/x\" }\ny = { config = \"nothing\" }\n"),
        ElementsAre(HasSubstr("mine.toml:4:5: `flow.order.record.fields.x` says not where its value comes from"),
                    HasSubstr("mine.toml:4:7: unknown key `form`"),
                    HasSubstr("mine.toml:5:16: there is no configuration key `nothing`")));
    EXPECT_THAT(wrong("[flow.order.retention]\nids = \"1d\"\n"),
                ElementsAre(HasSubstr("mine.toml:4:1: `ids` (1d) must be at least 3d")));
}

class Untouchable : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(Untouchable, IsRefusedWithTheReason) {
    const auto problems = wrong(GetParam().first);
    ASSERT_EQ(problems.size(), 1U) << GetParam().first;
    EXPECT_THAT(problems[0], HasSubstr(GetParam().second));
}

INSTANTIATE_TEST_SUITE_P(
    Parts, Untouchable,
    testing::Values(
        std::pair("[contract]\nversion = \"9.0.0\"\n", "`contract` is the contract's own"),
        std::pair("[credential.api]\nheader = \"X\"\n", "`credential` is the contract's own"),
        std::pair("[flow.order]\nordering_key = \"/x\"\n", "`flow.order.ordering_key` is the contract's own"),
        std::pair("[flow.order]\nrevision = \"/x\"\n", "an extension cannot say `flow.order.revision`"),
        std::pair("[flow.order.webhook]\ntopics = [\"x\"]\n", "`flow.order.webhook` is the contract's own"),
        std::pair("[flow.order.record]\nexternal_id = \"x_{/id}\"\n", "`flow.order.record.external_id` is"),
        std::pair("[flow.order.record]\nprotect = { }\n", "`flow.order.record.protect` is the contract's own"),
        std::pair("[flow.stock.odoo_change]\nfields = [\"x\"]\n", "`flow.stock.odoo_change.fields` is"),
        std::pair("[flow.order.schedule]\nevery = \"1h\"\n", "the contract has no `flow.order.schedule`"),
        std::pair("[flow.order.record.fields]\ntotal = { value = \"1\" }\n", "it carries an amount or a quantity"),
        std::pair("[flow.order.record.fields]\nref = { value = \"1\" }\n", "the contract requires it"),
        std::pair("[flow.order.record.fields]\npartner_id = { value = 1 }\n", "it refers to a record of this contract"),
        std::pair("[[flow.order.record.lines]]\nfield = \"order_line\"\nfields.qty = { value = 1 }\n",
                  "it carries an amount or a quantity"),
        std::pair("[config.policy]\nchoices = [\"skip\"]\n", "`config.policy.choices` is the contract's own"),
        std::pair("[config.more]\ntype = \"secret\"\n", "a secret of an extension would be used by nothing")));

TEST(Extension, IsForOneContractAndItsPromises) {
    EXPECT_THAT(wrong("", ""), ElementsAre(HasSubstr("`extension` is missing")));
    EXPECT_THAT(wrong("", "[extension]\ncontract = \"till\"\n"),
                ElementsAre("mine.toml:2:12: this contract is `shop`, and the extension is for `till`"));
    EXPECT_THAT(wrong("", "[extension]\ncontract = \"shop\"\nversion = \"1.0.0\"\n"), IsEmpty());
    EXPECT_THAT(wrong("", "[extension]\ncontract = \"shop\"\nversion = \"2.0.0\"\n"),
                ElementsAre(HasSubstr("mine.toml:3:11: the extension was written for version 2.0.0")));
}

TEST(Extension, ThatSaysNothingChangesNothing) {
    const auto text = right("");
    EXPECT_EQ(text.contract.flows.size(), 3U);
}

TEST(Extension, ASyntaxErrorIsInItsOwnFile) {
    EXPECT_THAT(wrong("[flow"), ElementsAre(HasSubstr("mine.toml:3:")));
}

}  // namespace
}  // namespace sluice::contract
