// What a document must keep before anything is submitted: every broken rule, each with its pointer.

#include <gmock/gmock.h>

#include "tests/core/mapping/small_flow.hpp"

namespace sluice::mapping {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> broken_by(const std::string& check, const std::string& document) {
    const auto flow = flow_of("[flow.f.record.fields]\nx = { from = \"/id\" }\n[[flow.f.record.checks]]\n" + check);
    return texts_of(map_text(flow, document, config()));
}

TEST(Constraints, OfOneValue) {
    EXPECT_EQ(v_of("min_length = 2, max_length = 4", "\"zür\""), "zür") << "characters, not bytes";
    EXPECT_EQ(v_of("min_length = 4", "\"zür\""), "1 rule broken: /v: is 3 characters long; at least 4 are needed");
    EXPECT_EQ(v_of("pattern = '[A-Z]{2}[0-9]+'", "\"BE0477\""), "BE0477");
    EXPECT_EQ(v_of("pattern = '[A-Z]{2}[0-9]+'", "\"BE0477 \""),
              "1 rule broken: /v: `BE0477 ` does not match the pattern `[A-Z]{2}[0-9]+`")
        << "the whole value";
    EXPECT_EQ(v_of("pattern = 'a+', min_length = 3", "\"ab\""),
              "2 rules broken: /v: is 2 characters long; at least 3 are needed; /v: `ab` does not match the pattern "
              "`a+`");
    EXPECT_EQ(v_of("as = \"decimal\", min = 0, max = \"99.5\"", "\"99.50\""), "99.50");
    EXPECT_EQ(v_of("as = \"decimal\", min = 0", "\"-0.01\""), "1 rule broken: /v: is -0.01; at least 0 is right");
    EXPECT_EQ(v_of("as = \"decimal\", max = \"99.5\", shift = 2", "1"),
              "1 rule broken: /v: is 100; at most 99.5 is right")
        << "the number as it is written";
    EXPECT_EQ(v_of("as = \"integer\", min = 1, max = 5", "6"), "1 rule broken: /v: is 6; at most 5 is right");
    EXPECT_EQ(v_of("as = \"integer\", min = 1, max = 5", "null"), "empty") << "absent is for `required`";
}

TEST(Constraints, APatternTakesNoLongerThanItsText) {
    const std::string text(200'000, 'a');
    EXPECT_EQ(v_of("pattern = '(a+)+b'", json::quote(text)).substr(0, 22), "1 rule broken: /v: `aa");
}

constexpr const char* lines_are_the_total = R"(rule = "the lines are the total"
sum = [{ each = "/lines", product = ["/price", "/quantity"] }, "/shipping/*/price", { product = "/discount", subtract = true }]
equals = "/total"
)";

TEST(Checks, LinesEqualTheTotal) {
    const auto of = [](const std::string& members) {
        return broken_by(lines_are_the_total, "{\"id\": 1, " + members + "}");
    };
    EXPECT_THAT(
        of(R"("lines": [{"price": "19.99", "quantity": 3}, {"price": 0.03, "quantity": "1"}], "total": "60.00")"),
        IsEmpty());
    EXPECT_THAT(of(R"("lines": [{"price": "10", "quantity": 1}], "shipping": [{"price": 2}], "discount": "1.5",
                       "total": 10.5)"),
                IsEmpty());
    EXPECT_THAT(of(R"("lines": [{"price": "10", "quantity": 1}], "total": "10.01")"),
                ElementsAre("/total: is 10.01, and the sum is 10: the lines are the total"));
    EXPECT_THAT(of(R"("lines": [], "total": "0.00")"), IsEmpty());
    EXPECT_THAT(of(R"("lines": [])"), ElementsAre("/total: required, and absent"));
    EXPECT_THAT(of(R"("lines": [{"price": "ten", "quantity": 1}, {"price": 1}], "total": "11")"),
                ElementsAre("/lines/0/price: `ten` is no decimal number (like 12.50)",
                            "/lines/1/quantity: required, and absent"));
}

TEST(Checks, ASumMayBeMoreWhereItIsALeastOne) {
    const auto of = [](const std::string& members) {
        return broken_by(
            "rule = \"all are there\"\nsum = [\"/lines/*/price\"]\nat_least = \"/total\"\ntolerance = \"0.01\"",
            "{\"id\": 1, " + members + "}");
    };
    EXPECT_THAT(of(R"("lines": [{"price": 3}, {"price": 4}], "total": 5)"), IsEmpty());
    EXPECT_THAT(of(R"("lines": [{"price": 3}, {"price": 4}], "total": "7.01")"), IsEmpty());
    EXPECT_THAT(of(R"("lines": [{"price": 3}, {"price": 4}], "total": "7.02")"),
                ElementsAre("/total: is 7.02, and the sum is 7: all are there"));
    EXPECT_THAT(of(R"("lines": [{"price": 3}])"), IsEmpty());
    EXPECT_THAT(broken_by("rule = \"not below\"\neach = \"/lines\"\nsum = [\"/price\"]\nat_least = \"2\"",
                          R"({"id": 1, "lines": [{"price": 2}, {"price": "1.99"}]})"),
                ElementsAre("/lines/1: the sum is 1.99, and 2 at least is right: not below"));
}

TEST(Checks, ASumMayBeOffByItsToleranceAndRoundEachTerm) {
    const std::string rule = R"(rule = "taxes"
sum = [{ each = "/lines", product = ["/amount", "/rate"], digits = 2 }]
equals = "/tax"
)";
    const std::string document =
        R"({"id": 1, "lines": [{"amount": "0.10", "rate": 0.05}, {"amount": "0.10", "rate": 0.05}], "tax": )";
    EXPECT_THAT(broken_by(rule, document + "\"0.02\"}"), IsEmpty()) << "half up, each by itself";
    EXPECT_THAT(broken_by(rule, document + "\"0.01\"}"), ElementsAre("/tax: is 0.01, and the sum is 0.02: taxes"));
    EXPECT_THAT(broken_by(rule + "tolerance = \"0.01\"\n", document + "\"0.01\"}"), IsEmpty());
}

TEST(Checks, Comparisons) {
    const std::string later =
        "rule = \"paid after it was ordered\"\ncompare = [\"/paid\", \">=\", \"/ordered\"]\nas = \"datetime\"\n";
    EXPECT_THAT(
        broken_by(later, R"({"id": 1, "paid": "2026-01-01T00:00:00Z", "ordered": "2026-01-01T00:59:00+01:00"})"),
        IsEmpty());
    EXPECT_THAT(
        broken_by(later, R"({"id": 1, "paid": "2026-01-01T00:00:00Z", "ordered": "2026-01-01T00:00:01Z"})"),
        ElementsAre("/paid: `2026-01-01T00:00:00Z` is not >= /ordered, `2026-01-01T00:00:01Z`: paid after it was "
                    "ordered"));
    EXPECT_THAT(broken_by(later, R"({"id": 1, "paid": "2026-01-01T00:00:00Z"})"), IsEmpty())
        << "nothing to compare with";
    EXPECT_THAT(broken_by(later, R"({"id": 1, "paid": "soon", "ordered": "now"})"),
                ElementsAre("/paid: `soon` is no date-time with a zone (RFC 3339, like 2022-01-01T00:00:00Z)",
                            "/ordered: `now` is no date-time with a zone (RFC 3339, like 2022-01-01T00:00:00Z)"));
    EXPECT_THAT(broken_by("rule = \"euros\"\ncompare = [\"/currency\", \"=\", \"EUR\"]\nas = \"text\"\n",
                          R"({"id": 1, "currency": "USD"})"),
                ElementsAre("/currency: `USD` is not = `EUR`: euros"));
    EXPECT_THAT(broken_by("rule = \"something\"\ncompare = [\"/lines/*/quantity\", \">\", \"0\"]\n",
                          R"({"id": 1, "lines": [{"quantity": "0.0"}]})"),
                ElementsAre("/lines: `0.0` is not > `0`: something"));
}

TEST(Checks, WhatMustBeThereTogether) {
    const std::string paid = "rule = \"what is paid says when\"\nwhen = { \"/status\" = \"paid\" }\n";
    EXPECT_THAT(broken_by(paid + "required = [\"/at\", \"/by\"]\n", R"({"id": 1, "status": "paid", "at": ""})"),
                ElementsAre("/at: absent: what is paid says when", "/by: absent: what is paid says when"));
    EXPECT_THAT(broken_by(paid + "required = [\"/at\", \"/by\"]\n", R"({"id": 1, "status": "open"})"), IsEmpty());
    EXPECT_THAT(broken_by("rule = \"a way to reach them\"\nany = [\"/email\", \"/phone\"]\n", R"({"id": 1})"),
                ElementsAre("/email: none of /email, /phone is here: a way to reach them"));
    EXPECT_THAT(
        broken_by("rule = \"a way to reach them\"\nany = [\"/email\", \"/phone\"]\n", R"({"id": 1, "phone": 1})"),
        IsEmpty());
    EXPECT_THAT(broken_by("rule = \"not cancelled\"\nnone = \"/cancelled\"\n", R"({"id": 1, "cancelled": "yes"})"),
                ElementsAre("/cancelled: must not be here: not cancelled"));
}

TEST(Checks, OfEachElement) {
    const std::string rule =
        "rule = \"no more than was ordered\"\neach = \"/lines\"\ncompare = [\"/sent\", \"<=\", \"/ordered\"]\n"
        "when = { \"^/kind\" = \"order\" }\n";
    const std::string lines =
        R"("lines": [{"sent": 2, "ordered": 1}, {"sent": 1, "ordered": 1}, {"sent": 9, "ordered": "8.5"}]})";
    EXPECT_THAT(broken_by(rule, R"({"id": 1, "kind": "order", )" + lines),
                ElementsAre("/lines/0/sent: `2` is not <= /lines/0/ordered, `1`: no more than was ordered",
                            "/lines/2/sent: `9` is not <= /lines/2/ordered, `8.5`: no more than was ordered"));
    EXPECT_THAT(broken_by(rule, R"({"id": 1, "kind": "return", )" + lines), IsEmpty());
}

TEST(Checks, EveryBrokenRuleAtOnce) {
    const auto flow = flow_of(R"([[flow.f.record.checks]]
rule = "the lines are the total"
sum = ["/lines/*/price"]
equals = "/total"
[[flow.f.record.checks]]
rule = "euros"
compare = ["/currency", "=", "EUR"]
as = "text"
[flow.f.record.fields]
name = { from = "/name", required = true, max_length = 3 }
code = { from = "/code", pattern = '[A-Z]+' }
[[flow.f.record.lines]]
field = "lines"
model = "x.line"
parent = "record_id"
each = "/lines"
external_id = "l_{/id}"
fields.price = { from = "/price", as = "decimal", min = 0 }
)");
    EXPECT_THAT(
        texts_of(map_text(flow, R"({"id": 1, "name": "long", "code": "a1", "currency": "USD", "total": 3,
                                           "lines": [{"id": 1, "price": -1}, {"id": 2, "price": "2"}, {"price": "x"}]})",
                          config())),
        ElementsAre("/lines/2/price: `x` is no decimal number (like 12.50)", "/currency: `USD` is not = `EUR`: euros",
                    "/name: is 4 characters long; at most 3 fit", "/code: `a1` does not match the pattern `[A-Z]+`",
                    "/lines/0/price: is -1; at least 0 is right", "/lines/2/id: required, and absent"));
}

}  // namespace
}  // namespace sluice::mapping
