#include "core/review/explanation.hpp"

#include <gmock/gmock.h>

#include <map>

#include "tests/core/contract/contract_text.hpp"

namespace sluice::review {
namespace {

using testing::Contains;
using testing::Pair;

constexpr std::string_view everything = R"([contract]
name = "test"
version = "1.0.0"
[config.place]
default = "here"
[config.nothing]
default = ""
[flow.f]
ordering_key = "/id"
[flow.f.record]
model = "x.record"
external_id = "r_{/id}"
[flow.f.record.fields]
name = { from = ["/name", "/title"] }
empty = { from = "/none" }
kept = { from = "/none", default = "D" }
constant = { value = "C" }
place = { config = "place" }
unset = { config = "nothing", default = "N" }
text = { text = "No. {/id}" }
text_default = { text = "No. {/none}", default = "T" }
country = { find = { model = "x.country", by = { code = { from = "/land" } } } }
nowhere = { find = { model = "x.country", by = { code = { from = "/none" } }, on_none = "empty" } }
tags = { find_each = { each = "/tags", model = "x.tag", by = { name = { from = "" } } } }
customer = { record = "customer" }
delivery = { record = "delivery", or = "customer" }
sum = { from = "/items/*/price", as = "decimal" }
[[flow.f.record.lines]]
field = "line_ids"
model = "x.line"
parent = "record_id"
each = "/items"
external_id = "r_{^/id}_{/id}"
skip_when = { "/gift" = "true" }
fields.price = { from = "/price", as = "decimal" }
[[flow.f.record.lines]]
field = "line_ids"
model = "x.line"
parent = "record_id"
each = "/items"
external_id = "r_{^/id}_{/id}"
only_when = { "/gift" = "true" }
fields.price = { value = "0", as = "decimal" }
[flow.f.records.customer]
model = "x.partner"
external_id = "c_{/mail}"
fields.mail = { from = "/mail" }
[flow.f.records.delivery]
model = "x.partner"
external_id = "d_{/mail}"
when_present = "/street"
fields.street = { from = "/street" }
)";

constexpr std::string_view document = R"({"id":7,"title":"T","land":"NL","mail":"a@b","tags":["x"],
 "items":[{"id":1,"price":"2.50"},{"id":2,"price":"9","gift":true}]})";

/// PATH: "kind detail pointer line", of every value.
std::map<std::string, std::string> sources(std::string_view json = document) {
    const auto text = contract::read_contract(everything, "c.toml");
    EXPECT_TRUE(text) << text.error().front().to_string();
    const auto parsed = json::Document::parse(json);
    const auto config = default_config(text->contract);
    const auto& flow = text->contract.flows.at("f");
    const auto record = mapping::map_record(flow, parsed->root(), config);
    EXPECT_TRUE(record) << mapping::to_string(record.error());
    std::map<std::string, std::string> found;
    if (!record) return found;
    const auto made = json::Document::parse(mapping::to_json(*record));
    for (const auto& explained : explain(*text, flow, parsed->root(), config, *record))
        for (const auto& value : explained.values) {
            EXPECT_TRUE(made->root().at_pointer(value.path)) << value.path << " is nothing in the record's JSON";
            found[value.path] = std::string(to_string(value.source.kind)) + "|" + value.source.detail + "|" +
                                value.source.pointer + "|" + text->where(value.source.place);
        }
    return found;
}

TEST(Explanation, SaysWhereEveryFieldComesFrom) {
    const auto found = sources();
    EXPECT_THAT(found, Contains(Pair("/external_id", "template|r_{/id}||c.toml:12")));
    EXPECT_THAT(found, Contains(Pair("/fields/name", "document||/title|c.toml:14")));
    EXPECT_THAT(found, Contains(Pair("/fields/empty", "absent|/none|/none|c.toml:15")));
    EXPECT_THAT(found, Contains(Pair("/fields/kept", "default|/none|/none|c.toml:16")));
    EXPECT_THAT(found, Contains(Pair("/fields/constant", "constant|||c.toml:17")));
    EXPECT_THAT(found, Contains(Pair("/fields/place", "config|place||c.toml:18")));
    EXPECT_THAT(found, Contains(Pair("/fields/unset", "default|nothing||c.toml:19")));
    EXPECT_THAT(found, Contains(Pair("/fields/text", "template|No. {/id}|/id|c.toml:20")));
    EXPECT_THAT(found, Contains(Pair("/fields/text_default", "default|No. {/none}|/none|c.toml:21")));
    EXPECT_THAT(found, Contains(Pair("/fields/country", "lookup|x.country by code|/land|c.toml:22")));
    EXPECT_THAT(found, Contains(Pair("/fields/nowhere", "absent|x.country by code|/none|c.toml:23")));
    EXPECT_THAT(found, Contains(Pair("/fields/tags", "lookup|x.tag by name|/tags|c.toml:24")));
    EXPECT_THAT(found, Contains(Pair("/fields/customer", "record|customer||c.toml:25")));
    EXPECT_THAT(found, Contains(Pair("/fields/delivery", "record|customer||c.toml:26")))
        << "no street, so the other record is used";
    EXPECT_THAT(found, Contains(Pair("/fields/sum", "document||/items|c.toml:27")));
}

TEST(Explanation, ALineIsExplainedByTheRuleThatMadeIt) {
    const auto found = sources();
    EXPECT_THAT(found, Contains(Pair("/lines/0/lines/0/fields/price", "document||/items/0/price|c.toml:35")));
    EXPECT_THAT(found, Contains(Pair("/lines/0/lines/1/fields/price", "constant|||c.toml:43")))
        << "both rules give this line its external id; the second takes gifts";
    EXPECT_THAT(found, Contains(Pair("/lines/0/lines/1/external_id", "template|r_{^/id}_{/id}|/items/1|c.toml:41")));
}

TEST(Explanation, NamesTheHookThatComputedAValue) {
    const auto text = contract::read_contract(R"([contract]
name = "test"
version = "1.0.0"
[flow.f]
ordering_key = "/id"
[flow.f.record]
model = "x.record"
external_id = "r_{/id}"
fields.code = { hook = "code_of", arguments = ["/v", "/id"] }
)",
                                              "c.toml");
    ASSERT_TRUE(text) << text.error().front().to_string();
    const auto parsed = json::Document::parse(R"({"id":7,"v":1})");
    const auto& flow = text->contract.flows.at("f");
    const auto record = mapping::map_record(flow, parsed->root(), {}, [](const auto&, const auto&) { return "C"; });
    ASSERT_TRUE(record);
    const auto explained = explain(*text, flow, parsed->root(), {}, *record);
    const auto& source = explained.at(0).values.at(1).source;
    EXPECT_EQ(to_string(source.kind), "hook");
    EXPECT_EQ(source.detail, "code_of");
    EXPECT_EQ(source.pointer, "/v");
}

TEST(Explanation, OfADocumentForTheOtherSystem) {
    const auto text = contract::read_contract(R"([contract]
name = "test"
version = "1.0.0"
[flow.out]
ordering_key = "/id"
[flow.out.document.fields]
"/order/name" = { from = ["/none", "/name"] }
"/order/kind" = { value = "K" }
"/order/gone" = { from = "/none" }
"/order/usual" = { from = "/none", default = "U" }
[[flow.out.document.lines]]
target = "/order/lines"
each = "/items"
skip_when = { "/n" = "1" }
fields."/n" = { from = "/n" }
)",
                                              "c.toml");
    ASSERT_TRUE(text) << text.error().front().to_string();
    const auto change = json::Document::parse(R"({"id":1,"name":"A","items":[{"n":1},{"n":2}]})");
    const auto& flow = text->contract.flows.at("out");
    const auto sent = mapping::map_document(flow, change->root(), {});
    ASSERT_TRUE(sent);
    const auto made = json::Document::parse(*sent);
    std::vector<std::string> found;
    for (const auto& explained : explain_document(*text, flow, change->root(), {}, made->root()))
        for (const auto& value : explained.values)
            found.push_back(value.path + " " + std::string(to_string(value.source.kind)) + " " + value.source.pointer +
                            " " + text->where(value.source.place));
    EXPECT_THAT(found, testing::ElementsAre("/order/name document /name c.toml:7", "/order/kind constant  c.toml:8",
                                            "/order/usual default /none c.toml:10",
                                            "/order/lines/0/n document /items/1/n c.toml:15"));
}

TEST(Explanation, ARecordReferredToTwiceIsExplainedOnce) {
    const auto found = sources();
    EXPECT_THAT(found, Contains(Pair("/fields/customer/record/fields/mail", "document||/mail|c.toml:47")));
    EXPECT_FALSE(found.contains("/fields/delivery/record/fields/mail"));
}

}  // namespace
}  // namespace sluice::review
