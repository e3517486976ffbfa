#include "host/cli/shadow_report.hpp"

#include <gmock/gmock.h>

namespace sluice::host {
namespace {

using testing::HasSubstr;
using Kind = Shadowed::Kind;

TEST(ShadowReport, CountsByFlowAndDifferencesByField) {
    ShadowReport report;
    report.add("shop", "order", 1, to_outcome({.kind = Kind::same}));
    report.add("shop", "order", 2, "unchanged sale.order 12");
    for (int seq = 3; seq < 8; ++seq)
        report.add("shop", "order", seq,
                   to_outcome({.kind = Kind::different,
                               .differences = {{"sale.order 12 (S00012)", "note", "\"old\"", "\"new\""},
                                               {"sale.order.line 3", "price_unit", "1.0", "1.5"},
                                               {"sale.order.line 4", "price_unit", "2.0", "2.5"}}}));
    report.add("shop", "order", 9, to_outcome({.kind = Kind::fails, .why = "/name: required, and absent"}));
    const auto text = report.text();
    EXPECT_THAT(text, HasSubstr("shop order: 7 events\n"));
    EXPECT_THAT(text, HasSubstr("     1  same\n"));
    EXPECT_THAT(text, HasSubstr("     5  different\n"));
    EXPECT_THAT(text, HasSubstr("1 of them (fails), as event 9: /name: required, and absent"));
    const auto document = json::Document::parse(report.json());
    ASSERT_TRUE(document);
    const auto line = document->root().at_pointer("/flows/0/fields/1");
    ASSERT_TRUE(line);
    EXPECT_EQ(line->find("model")->text(), "sale.order.line");
    EXPECT_EQ(line->find("events")->text(), "5") << "an event counts once";
    EXPECT_EQ(line->find("examples")->size(), ShadowReport::max_examples);
}

TEST(ShadowReport, WithoutAShadowedEventSaysSo) {
    EXPECT_EQ(ShadowReport().text(), "no event was shadowed\n");
}

}  // namespace
}  // namespace sluice::host
