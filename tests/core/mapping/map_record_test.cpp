// The executor, rule by rule, with contracts of a few lines.

#include <gmock/gmock.h>

#include "tests/core/mapping/small_flow.hpp"

namespace sluice::mapping {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

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

TEST(MapRecord, ShiftMovesThePointExactly) {
    EXPECT_EQ(v_of("as = \"decimal\", shift = 2", "0.0725"), "7.25");
    EXPECT_EQ(v_of("as = \"decimal\", shift = 2", "\"0.2\""), "20");
    EXPECT_EQ(v_of("as = \"decimal\", shift = 2", "1e-1"), "10");
    EXPECT_EQ(v_of("as = \"decimal\", shift = 2", "12345678901234567.890123456789"), "1234567890123456789.0123456789");
    EXPECT_EQ(v_of("as = \"decimal\", shift = -2", "\"725\""), "7.25");
    EXPECT_EQ(v_of("as = \"decimal\", shift = 2, digits = 1, negate = true", "0.0725"), "-7.2") << "then cut";
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

TEST(MapRecord, ADiscountLeavesTheTaxesOnTopWhatTheyAre) {
    const auto of = [](const std::string& document) {
        return x_of(
            R"({ percent = { part = "/off", whole = ["/price"], taxes = { each = "/taxes", rate = "/rate", included = "/included", none_when = { "/taxable" = "false" } } } })",
            R"({"id": 1, "off": "100.07", "price": "1234.57")" + document + "}");
    };
    // 8.11 % leaves 1134.45 and 0.05, of which 21 % is 238.23 and 0.01; of 1134.50 it is 238.25.
    EXPECT_EQ(of(""), "8.11");
    EXPECT_NE(of(R"(, "taxes": [{"rate": 0.21}])"), "8.11");
    EXPECT_EQ(of(R"(, "taxes": [{"rate": 0.21}], "included": true)"), "8.11");
    EXPECT_EQ(of(R"(, "taxes": [{"rate": 0.21}], "taxable": false)"), "8.11");
    EXPECT_EQ(of(R"(, "taxes": [{}])"), "1 rule broken: /taxes/0/rate: required, and absent");
    EXPECT_EQ(of(R"(, "taxes": 1)"), "1 rule broken: /taxes: an array is expected; found a number");
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

TEST(MapRecord, ATransitionIsAskedForByTheDocument) {
    const auto flow = flow_of(R"(fields.x = { from = "/a" }
[[flow.f.record.transitions]]
when_present = "/cancelled_at"
field = "state"
done = ["cancel"]
calls = { draft = "action_cancel", sent = "action_draft" }
otherwise = "{config:policy}"
)");
    for (const char* document : {R"({"id": 1})", R"({"id": 1, "cancelled_at": null})"})
        EXPECT_THAT(map_text(flow, document, config())->transitions, IsEmpty());
    const auto mapped = map_text(flow, R"({"id": 1, "cancelled_at": "2026-11-01T00:00:00Z"})", config());
    ASSERT_TRUE(mapped) << to_string(mapped.error());
    ASSERT_EQ(mapped->transitions.size(), 1U);
    const auto& asked = mapped->transitions[0];
    EXPECT_EQ(asked.pointer, "/cancelled_at");
    EXPECT_THAT(asked.done, ElementsAre("cancel"));
    EXPECT_THAT(asked.calls, ElementsAre(std::pair("draft", "action_cancel"), std::pair("sent", "action_draft")));
    EXPECT_EQ(asked.otherwise, Protection::Action::skip);
    EXPECT_THAT(
        to_json(*mapped),
        testing::HasSubstr(R"("transitions":[{"field":"state","done":["cancel"],"calls":{"draft":"action_cancel",)"
                           R"("sent":"action_draft"},"otherwise":"skip"}])"));
    EXPECT_THAT(texts_of(map_text(flow, R"({"id": 1, "cancelled_at": "x"})", {{"policy", "no"}})),
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

TEST(MapRecord, WhatARecordRequires) {
    const auto flow =
        flow_of("requires = [\"/lines\", \"/lines/*/tax\"]\n[flow.f.record.fields]\nx = { from = \"/v\" }\n");
    const auto broken = [&](const std::string& document) {
        const auto mapped = map_text(flow, document, config());
        return mapped ? "fine" : to_string(mapped.error());
    };
    EXPECT_EQ(broken(R"({"id": 1, "v": "x", "lines": []})"), "fine");
    EXPECT_EQ(broken(R"({"id": 1, "v": "x", "lines": [{"tax": []}, {"tax": [1]}]})"), "fine");
    EXPECT_EQ(broken(R"({"id": 1, "v": "x", "lines": [{"tax": []}, {}, {"tax": null}]})"),
              "2 rules broken: /lines/1/tax: required, and absent; /lines/2/tax: required, and absent");
    EXPECT_THAT(broken(R"({"id": 1, "v": "x"})"), testing::HasSubstr("/lines: required, and absent"));
}

}  // namespace
}  // namespace sluice::mapping
