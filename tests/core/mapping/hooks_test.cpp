// Values that a plugin's code computes.

#include <gmock/gmock.h>

#include "tests/core/mapping/small_flow.hpp"

namespace sluice::mapping {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Says what it was asked; "fail" fails.
std::expected<std::string, std::string> say(const std::string& name, const std::string& arguments) {
    if (name == "fail") return std::unexpected("it does not want to");
    if (name == "nothing") return "";
    if (name == "number") return "12.345";
    return name + arguments;
}

Mapped mapped(const std::string& rules, const std::string& document, const Hooks& hooks = say) {
    const auto parsed = json::Document::parse(document);
    EXPECT_TRUE(parsed);
    return map_record(flow_of(rules), parsed->root(), config(), hooks);
}

std::string hooked(const std::string& rule, const std::string& document = R"({"id": 1, "v": {"w": [2, "3"]}})") {
    const auto record = mapped("[flow.f.record.fields]\nx = " + rule + "\n", document);
    return record ? text_of(record->fields, "x") : to_string(record.error());
}

TEST(Hooks, GetTheBytesOfTheirArguments) {
    EXPECT_EQ(hooked(R"({ hook = "name", arguments = ["/v", "/none", "/v/w/1"] })"),
              R"(name[{"w": [2, "3"]},null,"3"])");
    EXPECT_EQ(hooked(R"({ hook = "name", arguments = "/id" })"), "name[1]");
    EXPECT_EQ(hooked(R"({ hook = "name" })", R"({"id": 1})"), R"(name[{"id": 1}])") << "the whole, where none is named";
}

TEST(Hooks, AnswerATextThatIsReadAsTheRuleSays) {
    EXPECT_EQ(hooked(R"({ hook = "number", as = "decimal", digits = 2, rounding = "half_up" })"), "12.35");
    EXPECT_EQ(hooked(R"({ hook = "number", as = "integer", arguments = "/id" })"),
              "1 rule broken: /id: `12.345` is no integer of 64 bits");
    EXPECT_EQ(hooked(R"({ hook = "number", map = { "12.345" = "dozen" } })"), "dozen");
    EXPECT_EQ(hooked(R"({ hook = "nothing" })"), "empty");
    EXPECT_EQ(hooked(R"({ hook = "nothing", default = "D" })"), "D");
    EXPECT_EQ(hooked(R"({ hook = "nothing", arguments = "/v", required = true })"),
              "1 rule broken: /v: required, and absent");
}

TEST(Hooks, AFailureIsABrokenRuleAtTheFirstArgument) {
    EXPECT_EQ(hooked(R"({ hook = "fail", arguments = ["/v/w", "/id"] })"),
              "1 rule broken: /v/w: hook `fail`: it does not want to");
    const auto without = mapped("[flow.f.record.fields]\nx = { hook = \"name\" }\n", R"({"id": 1})", {});
    ASSERT_FALSE(without);
    EXPECT_EQ(to_string(without.error()),
              "1 rule broken: hook `name`: computed by the plugin's code, and there is no plugin here");
}

TEST(Hooks, StandInLinesAndSearchKeys) {
    const auto record = mapped(R"(
[flow.f.record.fields]
who = { find = { model = "x.who", by = { code = { hook = "code", arguments = "/id" } } } }
[[flow.f.record.lines]]
field = "line_ids"
model = "x.line"
parent = "record_id"
each = "/items"
external_id = "r_{^/id}_{/id}"
fields.x = { hook = "line", arguments = ["/id", "^/id"] }
)",
                               R"({"id": 1, "items": [{"id": 5}]})");
    ASSERT_TRUE(record) << to_string(record.error());
    EXPECT_EQ(text_of(record->fields, "who"), "x.who code=code[1]");
    EXPECT_EQ(text_of(record->lines.at(0).lines.at(0).fields, "x"), "line[5,1]");
    EXPECT_EQ(record->lines[0].lines[0].fields[0].pointer, "/items/0/id");
}

TEST(Hooks, TheFlowKnowsThoseItsRulesName) {
    std::vector<std::string> names;
    for (const auto& hook : flow_of("[flow.f.record.fields]\nx = { hook = \"a\" }\ny = { hook = \"b\" }\nz = { hook = "
                                    "\"a\" }\n")
                                .hooks)
        names.push_back(hook.name);
    EXPECT_THAT(names, ElementsAre("a", "b"));
    EXPECT_THAT(flow_of("[flow.f.record.fields]\nx = { value = 1 }\n").hooks, IsEmpty());
}

}  // namespace
}  // namespace sluice::mapping
