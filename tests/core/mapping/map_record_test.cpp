// The executor, rule by rule, with contracts of a few lines.

#include <gmock/gmock.h>

#include "tests/core/mapping/shopify_order.hpp"

namespace sluice::mapping {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view head = R"([contract]
name = "test"
version = "1.0.0"
[config.place]
default = "here"
[config.policy]
default = "skip"
choices = ["reject", "skip"]
[flow.f]
ordering_key = "/id"
[flow.f.record]
model = "x.record"
external_id = "r_{/id}"
)";

contract::Flow flow_of(const std::string& rest) {
    auto contract = contract::parse_contract(std::string(head) + rest, "test.contract.toml");
    if (!contract) {
        for (const auto& problem : contract.error()) ADD_FAILURE() << problem.to_string();
        return {};
    }
    return contract->flows.at("f");
}

const Config& config() {
    static const Config values{{"place", "here"}, {"policy", "skip"}};
    return values;
}

/// The field `x` that a rule makes of a document, as text; or what it breaks.
std::string x_of(const std::string& rule, const std::string& document) {
    const auto mapped = map_text(flow_of("[flow.f.record.fields]\nx = " + rule + "\n"), document, config());
    if (!mapped) return to_string(mapped.error());
    return text_of(mapped->fields, "x");
}

/// The same over {"id": 1, "v": VALUE} and a rule that takes /v.
std::string v_of(const std::string& options, const std::string& value) {
    return x_of("{ from = \"/v\"" + (options.empty() ? "" : ", " + options) + " }",
                "{\"id\": 1, \"v\": " + value + "}");
}

TEST(MapRecord, Text) {
    EXPECT_EQ(v_of("", "\" kept as is \""), " kept as is ");
    EXPECT_EQ(v_of("", "1.50"), "1.50") << "a number's own token";
    EXPECT_EQ(v_of("", "9223372036854775808123"), "9223372036854775808123");
    EXPECT_EQ(v_of("", "true"), "true");
    EXPECT_EQ(v_of("", "null"), "empty");
    EXPECT_EQ(v_of("", "\"\""), "empty");
    EXPECT_EQ(v_of("", "{}"), "1 rule broken: /v: a single value is expected; found an object");
    EXPECT_EQ(v_of("", "\"a\\u0000b\""), "1 rule broken: /v: holds a NUL character, which Odoo cannot store");
    EXPECT_EQ(v_of("max_length = 3", "\"z\\u00fcr\""), "zür") << "characters, not bytes";
    EXPECT_EQ(v_of("max_length = 3", "\"z\\u00fcri\""), "1 rule broken: /v: is 4 characters long; at most 3 fit");
}

TEST(MapRecord, Integer) {
    EXPECT_EQ(v_of("as = \"integer\"", "9007199254740993"), "9007199254740993");
    EXPECT_EQ(v_of("as = \"integer\"", "\"-12\""), "-12");
    EXPECT_EQ(v_of("as = \"integer\", negate = true", "12"), "-12");
    EXPECT_EQ(v_of("as = \"integer\"", "9223372036854775808"),
              "1 rule broken: /v: `9223372036854775808` is no integer of 64 bits");
    EXPECT_EQ(v_of("as = \"integer\"", "1.0"), "1 rule broken: /v: `1.0` is no integer of 64 bits");
    EXPECT_EQ(v_of("as = \"integer\", negate = true", "-9223372036854775808"),
              "1 rule broken: /v: its negative has more than 64 bits");
}

TEST(MapRecord, DecimalKeepsItsDigits) {
    EXPECT_EQ(v_of("as = \"decimal\"", "\"0.10\""), "0.10");
    EXPECT_EQ(v_of("as = \"decimal\"", "12345678901234567890.123456789"), "12345678901234567890.123456789");
    EXPECT_EQ(v_of("as = \"decimal\", digits = 2", "\"2.345\""), "2.34");
    EXPECT_EQ(v_of("as = \"decimal\", digits = 2, rounding = \"half_up\"", "\"2.345\""), "2.35");
    EXPECT_EQ(v_of("as = \"decimal\", digits = 2, rounding = \"down\", negate = true", "\"2.349\""), "-2.34");
    EXPECT_EQ(v_of("as = \"decimal\"", "\"1,5\""), "1 rule broken: /v: `1,5` is no decimal number (like 12.50)");
    EXPECT_EQ(v_of("as = \"decimal\"", "true"), "1 rule broken: /v: `true` is no decimal number (like 12.50)");
}

TEST(MapRecord, DateTimeIsUtc) {
    EXPECT_EQ(v_of("as = \"datetime\"", "\"2024-02-29T23:30:00-00:45\""), "2024-03-01 00:15:00");
    EXPECT_EQ(v_of("as = \"datetime\"", "\"2024-02-29T23:30:00Z\""), "2024-02-29 23:30:00");
    EXPECT_EQ(
        v_of("as = \"datetime\"", "\"2024-02-29T23:30:00\""),
        "1 rule broken: /v: `2024-02-29T23:30:00` is no date-time with a zone (RFC 3339, like 2022-01-01T00:00:00Z)");
    EXPECT_EQ(v_of("as = \"datetime\"", "\"2023-02-29T23:30:00Z\"").substr(0, 13), "1 rule broken");
}

TEST(MapRecord, Email) {
    EXPECT_EQ(v_of("as = \"email\"", "\" Ann@Example.COM \\n\""), "ann@example.com");
    for (const char* wrong : {"ann", "ann@", "@example.com", "a@b@c", "ann smith@example.com"})
        EXPECT_EQ(v_of("as = \"email\"", json::quote(wrong)),
                  std::string("1 rule broken: /v: `") + wrong + "` is no e-mail address");
}

TEST(MapRecord, Boolean) {
    EXPECT_EQ(v_of("as = \"boolean\"", "false"), "false");
    EXPECT_EQ(v_of("as = \"boolean\"", "\"true\""), "true");
    EXPECT_EQ(v_of("as = \"boolean\"", "1"), "1 rule broken: /v: `1` is no boolean (true or false)");
}

TEST(MapRecord, DefaultsAndEnumerations) {
    EXPECT_EQ(v_of("default = \"none\"", "null"), "none");
    EXPECT_EQ(v_of("as = \"decimal\", default = \"0.5\"", "\"\""), "0.5");
    EXPECT_EQ(v_of("map = { paid = \"posted\" }", "\"paid\""), "posted");
    EXPECT_EQ(v_of("map = { paid = \"posted\", voided = \"cancel\" }", "\"pending\""),
              "1 rule broken: /v: `pending` is not known here; expected `paid` or `voided`");
    EXPECT_EQ(v_of("map = { paid = \"posted\" }", "null"), "empty") << "absent is not a value of the enumeration";
    EXPECT_EQ(v_of("required = true", "\"\""), "1 rule broken: /v: required, and absent");
}

TEST(MapRecord, SourcesOtherThanTheDocument) {
    EXPECT_EQ(x_of("{ value = \"7.50\", as = \"decimal\" }", "{\"id\": 1}"), "7.50");
    EXPECT_EQ(x_of("{ config = \"place\" }", "{\"id\": 1}"), "here");
    EXPECT_EQ(x_of("{ text = \"{/a}-{config:place}\" }", "{\"id\": 1, \"a\": 2}"), "2-here");
    EXPECT_EQ(x_of("{ text = \"{/a}\" }", "{\"id\": 1}"), "empty");
    EXPECT_EQ(x_of("{ text = \"{/a}\", required = true }", "{\"id\": 1}"), "1 rule broken: /a: required, and absent");
    EXPECT_EQ(x_of("{ text = \"{/a}\" }", "{\"id\": 1, \"a\": []}"),
              "1 rule broken: /a: a single value is expected; found an array");
}

TEST(MapRecord, PointersAreTriedInOrder) {
    EXPECT_EQ(x_of("{ from = [\"/a\", \"/b/0\", \"/c\"] }",
                   "{\"id\": 1, \"a\": \"\", \"b\": [\"second\"], \"c\": \"third\"}"),
              "second");
    EXPECT_EQ(x_of("{ from = [\"/a\", \"/b\"], required = true }", "{\"id\": 1}"),
              "1 rule broken: /a: required, and absent");
    EXPECT_EQ(x_of("{ from = \"/a~1b/c~0d\" }", "{\"id\": 1, \"a/b\": {\"c~d\": \"escaped\"}}"), "escaped");
}

TEST(MapRecord, WildcardSumsLosePrecisionNowhere) {
    const std::string rule = "{ from = \"/v/*/amount\", as = \"decimal\" }";
    std::string many = R"({"id": 1, "v": [{"amount": 90071992547409930.01})";
    for (int i = 0; i < 1'000; ++i) many += R"(, {"amount": "0.10"}, {"amount": 1e-9})";
    EXPECT_EQ(x_of(rule, many + "]}"), "90071992547410030.010001000");
    EXPECT_EQ(x_of(rule, R"({"id": 1})"), "0") << "an absent array is nothing";
    EXPECT_EQ(x_of(rule, R"({"id": 1, "v": []})"), "0");
    EXPECT_EQ(x_of(rule, R"({"id": 1, "v": {}})"), "1 rule broken: /v: an array is expected; found an object");
    EXPECT_EQ(x_of(rule, R"({"id": 1, "v": [{"amount": 1}, {}]})"), "1 rule broken: /v/1/amount: required, and absent");
    EXPECT_EQ(
        x_of("{ from = \"/v/*/w/*\", as = \"decimal\" }", R"({"id": 1, "v": [{"w": [1, 2.5]}, {}, {"w": ["4"]}]})"),
        "7.5");
}

TEST(MapRecord, FindsCarryTheirKeysAndPlace) {
    const auto flow = flow_of(
        "[flow.f.record.fields]\nx = { find = { model = \"m.m\", by = { code = { from = \"/c\" }, \"a.b\" = "
        "{ value = true } }, on_none = \"empty\", on_many = \"first\" } }\n");
    const auto mapped = map_text(flow, R"({"id": 1, "c": "K"})", config());
    ASSERT_TRUE(mapped);
    const auto find = std::get<Find>(value_of(mapped->fields, "x"));
    EXPECT_THAT(find.by, ElementsAre(std::pair("code", "K"), std::pair("a.b", "true")));
    EXPECT_EQ(find.pointer, "/c");
    EXPECT_EQ(find.on_none, Find::OnNone::empty);
    EXPECT_EQ(find.on_many, Find::OnMany::first);
    const auto without = map_text(flow, R"({"id": 1})", config());
    ASSERT_TRUE(without);
    EXPECT_EQ(text_of(without->fields, "x"), "empty");
    EXPECT_EQ(x_of("{ find = { model = \"m.m\", by = { code = { from = \"/c\" } } } }", "{\"id\": 1}"),
              "1 rule broken: /c: required, and absent");
}

TEST(MapRecord, ACandidateWithoutItsValueIsNoCandidate) {
    const auto flow =
        flow_of("candidates = [{ a = { from = \"/a\" } }, { b = { from = \"/b\" } }]\nfields.x = { from = \"/b\" }\n");
    const auto mapped = map_text(flow, R"({"id": 1, "b": "B"})", config());
    ASSERT_TRUE(mapped);
    EXPECT_THAT(mapped->candidates, ElementsAre(ElementsAre(std::pair("b", "B"))));
}

TEST(MapRecord, LinesSeeTheirElementAndTheDocument) {
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

TEST(MapRecord, ElementsThatAreLeftOut) {
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

TEST(MapRecord, ADiscountOnWhatIsLeftOfALine) {
    const auto of = [](const std::string& source, const std::string& document) {
        return x_of("{ " + source +
                        " = { part = \"/off\", whole = [\"/price\", \"/quantity\"], share = [\"/left\", "
                        "\"/quantity\"] } }",
                    "{\"id\": 1, " + document + "}");
    };
    const auto rest = [](const std::string& document) {
        return x_of(
            "{ rest = { part = \"/off\", whole = [\"/price\", \"/quantity\"], share = [\"/left\", \"/quantity\"] } "
            "}\npercent_of_it = { percent = { part = \"/off\", whole = [\"/price\", \"/quantity\"], share = "
            "[\"/left\", \"/quantity\"] } }",
            "{\"id\": 1, " + document + "}");
    };
    EXPECT_EQ(of("percent", R"("off": "6.00", "price": "20.00", "quantity": 3, "left": 2)"), "10.00");
    EXPECT_EQ(of("percent", R"("off": "6.00", "price": "20.00", "quantity": 3)"), "10.00") << "all is left";
    // 3 x 19.99 less 1.00; two are left: 39.98 less 0.67 is 39.31, and 1.68 % make it 39.31.
    EXPECT_EQ(of("percent", R"("off": "1.00", "price": "19.99", "quantity": 3, "left": 2)"), "1.68");
    EXPECT_EQ(rest(R"("off": "1.00", "price": "19.99", "quantity": 3, "left": 2)"), "0.00");
    EXPECT_EQ(of("percent", R"("off": "1.00", "price": "19.99", "quantity": 3, "left": "two")"),
              "1 rule broken: /left: `two` is no decimal number (like 12.50)");
}

TEST(MapRecord, AnEmptyReferenceCarriesItsCondition) {
    const auto mapped = map_text(flow_of(R"([flow.f.record.fields]
x = { find = { model = "x.list", by = { code = { from = "/code", required = true } }, on_none = "empty", empty_if = { model = "x.home", by = { code = { from = "/code" } } } } }
)"),
                                 R"({"id": 1, "code": "EUR"})", config());
    ASSERT_TRUE(mapped);
    const auto& find = std::get<Find>(mapped->fields.at(0).value);
    EXPECT_EQ(find.on_none, Find::OnNone::empty);
    ASSERT_EQ(find.empty_if.size(), 1U);
    EXPECT_EQ(find.empty_if[0].model, "x.home");
    EXPECT_THAT(find.empty_if[0].by, ElementsAre(std::pair<std::string, std::string>("code", "EUR")));
}

TEST(MapRecord, ADocumentThatIsNoObjectIsBroken) {
    EXPECT_THAT(texts_of(map_text(flow_of("fields.x = { from = \"/a\" }\n"), "[1]", config())),
                ElementsAre(": the document must be an object; found an array"));
    EXPECT_THAT(texts_of(map_text(contract::Flow{.name = "bare"}, "{}", config())),
                ElementsAre(": the flow `bare` declares no record"));
}

TEST(MapRecord, RecordsThatMayNotExist) {
    const std::string rules = R"([flow.f.record.fields]
x = { record = "other" }
[flow.f.records.other]
model = "x.other"
external_id = "o_{/id}"
when_differs = ["/a", "/b"]
fields.name = { from = "/name", required = true }
)";
    const auto mapped = [&](const std::string& document) { return map_text(flow_of(rules), document, config()); };
    EXPECT_EQ(text_of(mapped(R"({"id": 1, "a": {"p": 1.0, "q": [null]}, "b": {"q": [null], "p": 1}})")->fields, "x"),
              "empty")
        << "equal whatever the order of members and the notation of numbers";
    EXPECT_EQ(text_of(mapped(R"({"id": 1, "a": null})")->fields, "x"), "empty") << "both are absent";
    EXPECT_EQ(text_of(mapped(R"({"id": 1, "a": {"p": 1}, "b": {"p": 1, "q": 2}, "name": "N"})")->fields, "x"), "o_1");
    EXPECT_EQ(text_of(mapped(R"({"id": 1, "b": [1, 2], "name": "N"})")->fields, "x"), "o_1");
    EXPECT_THAT(texts_of(mapped(R"({"id": 1, "b": "1", "a": 1})")), ElementsAre("/name: required, and absent"));
    const auto strict = flow_of(replaced(rules, "record = \"other\"", "record = \"other\", required = true"));
    EXPECT_THAT(texts_of(map_text(strict, R"({"id": 1})", config())),
                ElementsAre("/a: there is no other here, and `x` requires one"));
}

TEST(MapRecord, ProtectionTakesItsActionFromTheConfiguration) {
    const auto flow = flow_of(
        "protect = { field = \"state\", values = [\"done\"], action = \"{config:policy}\" }\nfields.x = { from = "
        "\"/a\" }\n");
    EXPECT_EQ(map_text(flow, R"({"id": 1})", {{"policy", "skip"}})->protection->action, Protection::Action::skip);
    EXPECT_EQ(map_text(flow, R"({"id": 1})", {{"policy", "reject"}})->protection->action, Protection::Action::reject);
    EXPECT_THAT(texts_of(map_text(flow, R"({"id": 1})", {{"policy", "no"}})),
                ElementsAre(": the configuration key `policy` must be `reject` or `skip`; found `no`"));
}

TEST(MapRecord, AnExternalIdNeedsItsPlaces) {
    EXPECT_THAT(texts_of(map_text(flow_of("fields.x = { from = \"/a\" }\n"), R"({"id": null})", config())),
                ElementsAre("/id: required, and absent"));
}

TEST(FillTemplate, HeadersAndTheirAbsence) {
    const auto contract = contract::parse_contract(
        std::string(head) +
            "fields.x = { from = \"/a\" }\n[flow.f.webhook]\ntopics = [\"t\"]\ntopic = \"{header:X-Topic}\"\n"
            "event_id = \"{{{header:X-Id}}}:{/id}:{hash:/a,/b}\"\nrecord = \"/id\"\n",
        "test.contract.toml");
    ASSERT_TRUE(contract) << contract.error().front().to_string();
    const auto document = json::Document::parse(R"({"id": 9007199254740993, "a": " Ab "})");
    ASSERT_TRUE(document);
    const auto& event_id = contract->flows.at("f").webhook->event_id;
    const auto filled = fill_template(event_id, document->root(), document->root(), {{"x-id", "h"}}, config());
    ASSERT_TRUE(filled) << filled.error().message;
    // printf 'ab\n\n' | sha256sum | cut -c1-32
    EXPECT_EQ(*filled, "{h}:9007199254740993:5c8dbd97984adca895e0b44f2a3d18a9");
    const auto missing = fill_template(event_id, document->root(), document->root(), {}, config());
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().failure, Failure::invalid);
    EXPECT_EQ(missing.error().message, "the header `X-Id` is missing");
    const auto empty = json::Document::parse(R"({"id": {}})");
    EXPECT_EQ(fill_template(event_id, empty->root(), empty->root(), {{"x-id", "h"}}, config()).error().message,
              "/id: a single value is expected; found an object");
}

}  // namespace
}  // namespace sluice::mapping
