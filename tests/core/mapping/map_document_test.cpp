// A change in Odoo becomes a document of the other system.

#include <gmock/gmock.h>

#include "tests/core/mapping/small_flow.hpp"

namespace sluice::mapping {
namespace {

using testing::ElementsAre;

const contract::Flow& document_flow(const std::string& document) {
    static std::deque<contract::Flow> kept;
    auto contract = contract::parse_contract(R"([contract]
name = "test"
version = "1.0.0"
[config.place]
default = "here"
[flow.f]
ordering_key = "/id"
[flow.f.odoo_change]
model = "stock.picking"
fields = ["name"]
[flow.f.document]
)" + document,
                                             "test.contract.toml");
    if (!contract) {
        for (const auto& problem : contract.error()) ADD_FAILURE() << problem.to_string();
        return kept.emplace_back();
    }
    return kept.emplace_back(contract->flows.at("f"));
}

/// The document, or what is broken.
std::string document_of(const std::string& rules, const std::string& change) {
    const auto document = json::Document::parse(change);
    EXPECT_TRUE(document);
    const auto mapped = map_document(document_flow(rules), document->root(), config());
    return mapped ? *mapped : to_string(mapped.error());
}

TEST(MapDocument, ValuesStandWhereTheirTargetsSay) {
    EXPECT_EQ(
        document_of(R"([flow.f.document.fields]
"/fulfillment/tracking/number" = { from = "/ref", required = true }
"/fulfillment/tracking/company" = { config = "place" }
"/fulfillment/notify" = { value = true }
"/id" = { from = "/id", as = "integer" }
"/a~1b" = { text = "picking {/name}" }
)",
                    R"({"id": 9007199254740993, "name": "WH/OUT/1", "ref": "T\"1"})"),
        R"({"fulfillment":{"tracking":{"number":"T\"1","company":"here"},"notify":true},"id":9007199254740993,"a/b":"picking WH/OUT/1"})");
}

TEST(MapDocument, WhatOdooHasNotIsLeftOutOrNull) {
    const std::string rules = R"([flow.f.document.fields]
"/a/ref" = { from = "/ref" }
"/b" = { from = "/ref", absent = "null" }
"/done" = { from = "/done", as = "boolean" }
"/code" = { from = "/ref", default = "none" }
)";
    EXPECT_EQ(document_of(rules, R"({"id": 1, "ref": false, "done": false})"),
              R"({"b":null,"done":false,"code":"none"})");
    EXPECT_EQ(document_of("fields.\"/a\" = { from = \"/ref\", required = true }\n", R"({"ref": false})"),
              "1 rule broken: /ref: required, and absent");
    EXPECT_EQ(document_of("fields.\"/a\" = { from = \"/ref\" }\n", R"({"ref": null})"), "{}");
}

TEST(MapDocument, NumbersKeepTheirDigitsAndMayBeTexts) {
    EXPECT_EQ(document_of(R"([flow.f.document.fields]
"/price" = { from = "/price", as = "decimal", digits = 2, rounding = "half_up" }
"/amount" = { from = "/price", as = "decimal", digits = 0, rounding = "up", quoted = true }
"/cents" = { from = "/price", as = "decimal", shift = 2, digits = 0, rounding = "down" }
"/state" = { from = "/state", map = { done = "fulfilled" } }
)",
                          R"({"price": 12.345, "state": "done"})"),
              R"({"price":12.35,"amount":"13","cents":1234,"state":"fulfilled"})");
}

TEST(MapDocument, MomentsAreWrittenAsTheOtherSystemHasThem) {
    EXPECT_EQ(
        document_of(R"([flow.f.document.fields]
"/utc" = { from = "/at", as = "datetime" }
"/local" = { from = "/at", as = "datetime", zone = "Europe/Brussels" }
"/unix" = { from = "/at", as = "datetime", format = "unix" }
"/text" = { from = "/at", as = "datetime", format = "%d.%m.%Y %H:%M", zone = "Europe/Brussels" }
"/day" = { from = "/day", as = "date", format = "%d/%m/%Y" }
"/plain" = { from = "/day", as = "date" }
)",
                    R"({"at": "2026-06-30 22:30:00", "day": "2026-07-01"})"),
        R"({"utc":"2026-06-30T22:30:00Z","local":"2026-07-01T00:30:00+02:00","unix":1782858600,"text":"01.07.2026 00:30","day":"01/07/2026","plain":"2026-07-01"})");
}

TEST(MapDocument, LinesAndLinesInLines) {
    const std::string rules = R"([flow.f.document.fields]
"/order" = { from = "/name" }
[[flow.f.document.lines]]
target = "/parcels"
each = "/moves"
skip_when = { "/quantity" = "0" }
fields."/sku" = { from = "/code", required = true }
fields."/of" = { from = "^/name" }
[[flow.f.document.lines.lines]]
target = "/serials"
each = "/lots"
fields."/serial" = { from = "/name" }
)";
    EXPECT_EQ(
        document_of(rules,
                    R"({"name": "S1", "moves": [{"code": "A", "quantity": 1, "lots": [{"name": "L1"}, {"name": "L2"}]},
                                     {"code": "B", "quantity": 0}, {"code": "C", "quantity": 2}]})"),
        R"({"order":"S1","parcels":[{"sku":"A","of":"S1","serials":[{"serial":"L1"},{"serial":"L2"}]},{"sku":"C","of":"S1","serials":[]}]})");
    EXPECT_EQ(
        document_of(rules, R"({"name": "S1", "moves": [{"lots": {}}, {"code": {}}]})"),
        "3 rules broken: /moves/0/code: required, and absent; /moves/0/lots: an array is expected; found an object; "
        "/moves/1/code: a single value is expected; found an object");
}

TEST(MapDocument, ChecksHoldInThisDirectionToo) {
    EXPECT_EQ(document_of(R"(requires = ["/moves"]
fields."/order" = { from = "/name", max_length = 2 }
[[flow.f.document.checks]]
rule = "something was delivered"
compare = ["/moves/*/quantity", ">", "0"]
)",
                          R"({"name": "S12", "moves": [{"quantity": 0}]})"),
              "2 rules broken: /moves: `0` is not > `0`: something was delivered; /name: is 3 characters long; at most "
              "2 fit");
}

TEST(Conditions, OfFields) {
    const std::string paid =
        "{ from = \"/v\", when = { \"/state\" = \"paid\" } }\ny = { from = \"/v\", unless = { \"/state\" = \"paid\" } "
        "}";
    const auto names = [&](const std::string& document) {
        std::vector<std::string> all;
        const auto mapped = map_text(flow_of("[flow.f.record.fields]\nx = " + paid + "\n"), document, config());
        if (mapped)
            for (const Field& field : mapped->fields) all.push_back(field.name);
        return all;
    };
    EXPECT_THAT(names(R"({"id": 1, "state": "paid"})"), ElementsAre("x")) << "the other is not even emptied";
    EXPECT_THAT(names(R"({"id": 1})"), ElementsAre("y"));
}

TEST(Find, CreatesWhatIsMissing) {
    const auto& flow = flow_of(R"([flow.f.record.fields]
x = { find = { model = "product.product", by = { default_code = { from = "/sku" } }, on_none = "create", create = { external_id = "product_{/sku}", fields = { name = { from = "/title", required = true } } } } }
)");
    const auto mapped = map_text(flow, R"({"id": 1, "sku": "A1", "title": "Mug"})", config());
    ASSERT_TRUE(mapped) << to_string(mapped.error());
    const auto product = std::get<std::shared_ptr<const MappedRecord>>(value_of(mapped->fields, "x"));
    EXPECT_EQ(
        to_json(*product),
        R"({"model":"product.product","external_id":"product_A1","candidates":[{"default_code":"A1"}],"adopt":true,"create_only":true,"fields":{"name":"Mug","default_code":"A1"},"lines":[]})");
    EXPECT_THAT(texts_of(map_text(flow, R"({"id": 1, "sku": "A1"})", config())),
                ElementsAre("/title: required, and absent"));
    EXPECT_THAT(texts_of(map_text(flow, R"({"id": 1, "title": "Mug"})", config())),
                ElementsAre("/sku: required, and absent"));
}

}  // namespace
}  // namespace sluice::mapping
