// References: what a search asks for, and where its keys came from.

#include <gmock/gmock.h>

#include "tests/core/mapping/small_flow.hpp"

namespace sluice::mapping {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(MapReferences, FindsCarryTheirKeysAndPlace) {
    const auto flow = flow_of(
        "[flow.f.record.fields]\nx = { find = { model = \"m.m\", by = { code = { from = \"/c\" }, \"a.b\" = "
        "{ value = true } }, on_none = \"empty\", on_many = \"first\" } }\n");
    const auto mapped = map_text(flow, R"({"id": 1, "c": "K"})", config());
    ASSERT_TRUE(mapped);
    const auto find = *std::get<Boxed<Find>>(value_of(mapped->fields, "x"));
    EXPECT_THAT(find.by, ElementsAre(std::pair("code", "K"), std::pair("a.b", true))) << "a boolean stays one";
    EXPECT_EQ(find.pointer, "/c");
    EXPECT_EQ(find.on_none, Find::OnNone::empty);
    EXPECT_EQ(find.on_many, Find::OnMany::first);
    const auto without = map_text(flow, R"({"id": 1})", config());
    ASSERT_TRUE(without);
    EXPECT_EQ(text_of(without->fields, "x"), "empty");
    EXPECT_EQ(x_of("{ find = { model = \"m.m\", by = { code = { from = \"/c\" } } } }", "{\"id\": 1}"),
              "1 rule broken: /c: required, and absent");
}

constexpr std::string_view taxes =
    R"({ find_each = { each = "/taxes", none_when = { "/taxable" = "false" }, model = "x.tax", by = { amount = { from = "/rate", as = "decimal", shift = 2, required = true }, included = { from = "^/included", as = "boolean", default = "false" }, level = { value = 3 } } } })";

TEST(MapReferences, FindsOneReferenceAnElement) {
    const auto of = [](const std::string& document) { return x_of(std::string(taxes), "{\"id\": 1" + document + "}"); };
    EXPECT_EQ(of(R"(, "included": true, "taxes": [{"rate": 0.0725}, {"rate": "0.2"}])"),
              "[x.tax amount=7.25 included=true level=3, x.tax amount=20 included=true level=3]");
    EXPECT_EQ(of(R"(, "taxes": [{"rate": 0.06}])"), "[x.tax amount=6 included=false level=3]");
    for (const char* none : {"", R"(, "taxes": [])", R"(, "taxes": null)", R"(, "taxable": false, "taxes": [{}])"})
        EXPECT_EQ(of(none), "none") << none;
    EXPECT_EQ(of(R"(, "taxes": {})"), "1 rule broken: /taxes: an array is expected; found an object");
    EXPECT_EQ(of(R"(, "taxes": [{"rate": "six"}, {}])"),
              "2 rules broken: /taxes/0/rate: `six` is no decimal number (like 12.50); /taxes/1/rate: required, and "
              "absent");
}

TEST(MapReferences, KeysKeepTheirTypeAndPlace) {
    const auto mapped = map_text(flow_of("[flow.f.record.fields]\nx = " + std::string(taxes) + "\n"),
                                 R"({"id": 1, "included": true, "taxes": [{"rate": 0.0725}]})", config());
    ASSERT_TRUE(mapped);
    const auto each = std::get<FindEach>(value_of(mapped->fields, "x"));
    ASSERT_EQ(each.finds.size(), 1U);
    EXPECT_EQ(each.finds[0].pointer, "/taxes/0/rate");
    json::Writer domain;
    write_domain(domain, each.finds[0].by);
    EXPECT_EQ(domain.text(), R"([["amount","=",7.25],["included","=",true],["level","=",3]])");
}

TEST(MapReferences, ACandidateWithoutItsValueIsNoCandidate) {
    const auto flow =
        flow_of("candidates = [{ a = { from = \"/a\" } }, { b = { from = \"/b\" } }]\nfields.x = { from = \"/b\" }\n");
    const auto mapped = map_text(flow, R"({"id": 1, "b": "B"})", config());
    ASSERT_TRUE(mapped);
    EXPECT_THAT(mapped->candidates, ElementsAre(ElementsAre(std::pair("b", "B"))));
}

TEST(MapReferences, AnEmptyReferenceCarriesItsCondition) {
    const auto mapped = map_text(flow_of(R"([flow.f.record.fields]
x = { find = { model = "x.list", by = { code = { from = "/code", required = true } }, on_none = "empty", empty_if = { model = "x.home", by = { code = { from = "/code" } } } } }
)"),
                                 R"({"id": 1, "code": "EUR"})", config());
    ASSERT_TRUE(mapped);
    const auto& find = *std::get<Boxed<Find>>(mapped->fields.at(0).value);
    EXPECT_EQ(find.on_none, Find::OnNone::empty);
    ASSERT_EQ(find.empty_if.size(), 1U);
    EXPECT_EQ(find.empty_if[0].model, "x.home");
    EXPECT_THAT(find.empty_if[0].by, ElementsAre(std::pair("code", "EUR")));
}

TEST(MapReferences, WhatSeveralDoIsTheOperatorsChoice) {
    const auto flow = flow_of(
        "[flow.f.record.fields]\nx = { find = { model = \"a.b\", by = { code = { from = \"/v\" } }, on_many = "
        "\"{config:several}\" } }\n[config.several]\ndefault = \"reject\"\nchoices = [\"reject\", \"first\"]\n");
    for (const auto* choice : {"reject", "first"}) {
        const auto mapped = map_text(flow, R"({"id": 1, "v": "c"})", Config{{"several", choice}});
        ASSERT_TRUE(mapped) << to_string(mapped.error());
        EXPECT_EQ(std::get<Boxed<Find>>(value_of(mapped->fields, "x"))->on_many == Find::OnMany::first,
                  choice == std::string("first"));
    }
}

}  // namespace
}  // namespace sluice::mapping
