// Lines: which elements become one.

#include <gmock/gmock.h>

#include "tests/core/mapping/small_flow.hpp"

namespace sluice::mapping {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(MapLines, LinesSeeTheirElementAndTheDocument) {
    const std::string lines = R"([flow.f.record.fields]
n = { from = "/n" }
[[flow.f.record.lines]]
field = "line_ids"
model = "x.line"
parent = "record_id"
each = "/tags"
external_id = "r_{^/id}_{}"
fields.name = { from = "" }
fields.note = { from = "^/n" }
)";
    const auto flow = flow_of(replaced(lines, "_{}", "_{/code}"));
    const auto mapped = map_text(flow, R"({"id": 5, "n": "N", "tags": [{"code": "a"}]})", config());
    EXPECT_THAT(texts_of(mapped), ElementsAre("/tags/0: a single value is expected; found an object"));
    EXPECT_THAT(texts_of(map_text(flow, R"({"id": 5, "tags": "a"})", config())),
                ElementsAre("/tags: an array is expected; found a string"));
    const auto none = map_text(flow, R"({"id": 5, "tags": null})", config());
    ASSERT_TRUE(none);
    ASSERT_EQ(none->lines.size(), 1U) << "no lines is a statement about the field too";
    EXPECT_THAT(none->lines[0].lines, IsEmpty());
}

TEST(MapLines, ElementsThatAreLeftOut) {
    const auto flow = flow_of(R"([flow.f.record.fields]
n = { from = "/n" }
[[flow.f.record.lines]]
field = "line_ids"
model = "x.line"
parent = "record_id"
each = "/items"
external_id = "l_{/id}"
skip_when = { "/left" = "0", "/gone" = "true", "/kind" = "tip" }
fields.name = { from = "/name", required = true }
)");
    const auto ids = [&](const std::string& items) {
        const auto mapped = map_text(flow, "{\"id\": 1, \"items\": [" + items + "]}", config());
        std::vector<std::string> found;
        if (!mapped) return texts_of(mapped);
        for (const auto& line : mapped->lines.at(0).lines) found.push_back(line.external_id);
        return found;
    };
    EXPECT_THAT(ids(R"({"id": 1, "left": 0}, {"id": 2, "left": "0"}, {"id": 3, "left": 0.0})"), IsEmpty())
        << "and breaks no rule";
    EXPECT_THAT(ids(R"({"id": 1, "gone": true}, {"id": 2, "kind": "tip"}, {"id": 3, "gone": false, "name": "N"})"),
                ElementsAre("l_3"));
    EXPECT_THAT(
        ids(R"({"id": 1, "left": 1, "name": "N"}, {"id": 2, "name": "N"}, {"id": 3, "left": null, "name": "N"})"),
        ElementsAre("l_1", "l_2", "l_3"))
        << "absent is no zero";
}

TEST(MapLines, OnlyElementsForWhichAllHoldAreLines) {
    const auto flow = flow_of(R"([flow.f.record.fields]
n = { from = "/n" }
[[flow.f.record.lines]]
field = "line_ids"
model = "x.line"
parent = "record_id"
each = "/items"
external_id = "l_{/id}"
only_when = { "/gift" = "true", "^/kind" = "sale" }
fields.name = { from = "/name" }
)");
    const auto count = [&](const std::string& kind) {
        const auto mapped = map_text(
            flow, "{\"id\": 1" + kind + R"(, "items": [{"id": 1, "gift": true}, {"id": 2, "gift": false}, {"id": 3}]})",
            config());
        return mapped ? mapped->lines.at(0).lines.size() : 99;
    };
    EXPECT_EQ(count(R"(, "kind": "sale")"), 1U);
    EXPECT_EQ(count(R"(, "kind": "return")"), 0U);
    EXPECT_EQ(count(""), 0U) << "absent is not what it should be";
}

TEST(MapLines, LinesOfArraysWithinArrays) {
    const auto flow = flow_of(R"([flow.f.record.fields]
n = { from = "/n" }
[[flow.f.record.lines]]
field = "line_ids"
model = "x.line"
parent = "record_id"
each = "/refunds/*/adjustments"
external_id = "l_{/id}"
fields.amount = { from = "/amount", as = "decimal", required = true }
)");
    const auto mapped = map_text(
        flow, R"({"id": 1, "refunds": [{"adjustments": [{"id": 1, "amount": "-5.00"}]}, {}, {"adjustments": null},
                 {"adjustments": [{"id": 2, "amount": 1}, {"id": 3, "amount": 2}]}]})",
        config());
    ASSERT_TRUE(mapped) << to_string(mapped.error());
    std::vector<std::string> found;
    for (const auto& line : mapped->lines.at(0).lines)
        found.push_back(line.external_id + " " + text_of(line.fields, "amount"));
    EXPECT_THAT(found, ElementsAre("l_1 -5.00", "l_2 1", "l_3 2"));
    EXPECT_THAT(map_text(flow, R"({"id": 1})", config())->lines.at(0).lines, IsEmpty());
    EXPECT_THAT(texts_of(map_text(flow, R"({"id": 1, "refunds": [{}, {"adjustments": [{"id": 2}]}]})", config())),
                ElementsAre("/refunds/1/adjustments/0/amount: required, and absent"));
    EXPECT_THAT(texts_of(map_text(flow, R"({"id": 1, "refunds": [{"adjustments": 7}]})", config())),
                ElementsAre("/refunds/0/adjustments: an array is expected; found a number"));
}

}  // namespace
}  // namespace sluice::mapping
