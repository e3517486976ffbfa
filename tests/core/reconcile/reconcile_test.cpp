// What a reconciliation makes of what was seen on both sides.

#include <gmock/gmock.h>

#include "core/reconcile/counted.hpp"
#include "core/reconcile/identity.hpp"
#include "core/reconcile/judge.hpp"
#include "core/reconcile/run.hpp"

namespace sluice::reconcile {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr auto older = "2026-11-01T10:00:00Z", newer = "2026-11-01T06:00:00-05:00";  // an hour apart

TEST(Judge, WhatARecordIsFollowsFromBothSidesAndFromWhatWasWritten) {
    const auto of = [](bool there, bool differs, std::string applied) {
        return judge({.there = there, .differs = differs, .revision = newer, .applied = std::move(applied)});
    };
    EXPECT_EQ(of(false, false, ""), Verdict::missing);
    EXPECT_EQ(of(false, false, newer), Verdict::missing) << "somebody removed it in Odoo";
    EXPECT_EQ(of(true, false, older), Verdict::same);
    EXPECT_EQ(of(true, true, older), Verdict::stale);
    EXPECT_EQ(of(true, true, newer), Verdict::conflict);
    EXPECT_EQ(of(true, true, std::string(newer) + "|2026-11-01T11:00:00.5Z"), Verdict::conflict)
        << "what decides among equal revisions is not in a document that is listed";
    EXPECT_EQ(of(true, true, "2026-11-01T11:00:01Z"), Verdict::overtaken);
    EXPECT_EQ(of(false, false, "2026-11-01T11:00:01Z"), Verdict::overtaken);
    EXPECT_EQ(of(true, true, ""), Verdict::conflict) << "when it was written is forgotten: a person's may be the newer";
}

TEST(Judge, ARepairWritesWhatWasMissedAndOnlyWhenToldWhatSomebodyChanged) {
    const auto repaired = [](Kind kind, std::string applied, Repair repair, std::string guard = "") {
        return is_repaired({.kind = kind, .revision = newer, .applied = std::move(applied), .guard = std::move(guard)},
                           repair);
    };
    EXPECT_TRUE(repaired(Kind::missing, "", Repair::missed));
    EXPECT_TRUE(repaired(Kind::stale, older, Repair::missed));
    EXPECT_FALSE(repaired(Kind::missing, newer, Repair::missed)) << "it was there, and somebody removed it";
    EXPECT_TRUE(repaired(Kind::missing, newer, Repair::all));
    EXPECT_FALSE(repaired(Kind::conflict, newer, Repair::missed));
    EXPECT_FALSE(repaired(Kind::conflict, "", Repair::missed));
    EXPECT_TRUE(repaired(Kind::conflict, newer, Repair::all));
    EXPECT_FALSE(repaired(Kind::conflict, newer, Repair::all, "state is `sale`"));
    for (const auto kind : {Kind::extra, Kind::broken}) EXPECT_FALSE(repaired(kind, "", Repair::all));
    EXPECT_FALSE(repaired(Kind::missing, "", Repair::none));
}

TEST(Identity, TheVendorsIdIsReadOutOfAnExternalId) {
    using Part = contract::Template::Part;
    const contract::Template text{{{.kind = Part::Kind::literal, .text = "order_"},
                                   {.kind = Part::Kind::pointer, .text = "/id", .pointers = {"/id"}},
                                   {.kind = Part::Kind::literal, .text = "_eu"}}};
    EXPECT_EQ(value_in(text, "order_9007199254740993_eu"), "9007199254740993");
    EXPECT_EQ(value_in(text, "order__eu"), std::nullopt);
    EXPECT_EQ(value_in(text, "order_eu"), std::nullopt) << "the texts around it must not overlap";
    EXPECT_EQ(value_in(text, "customer_1_eu"), std::nullopt);
    auto twice = text;
    twice.parts.push_back(text.parts.at(1));
    EXPECT_EQ(value_in(twice, "order_1_eu2"), std::nullopt);
}

TEST(Counted, OnlyTheFieldsThatCountAreLeftAndTheRecordIsFoundAsEver) {
    mapping::MappedRecord record{.model = "sale.order", .external_id = "order_1"};
    record.candidates = {{{"client_order_ref", std::string("#1")}}};
    record.protection = mapping::Protection{.field = "state", .values = {"sale"}};
    record.transitions.emplace_back();
    record.fields = {{.name = "note", .value = std::string("a"), .pointer = ""},
                     {.name = "client_order_ref", .value = std::string("#1"), .pointer = ""}};
    record.lines = {{.field = "order_line", .model = "sale.order.line", .parent_field = "order_id"},
                    {.field = "tag_line", .model = "x.tag", .parent_field = "order_id"}};
    record.lines[0].lines = {{.external_id = "order_1_line_2",
                              .fields = {{.name = "name", .value = std::string("b"), .pointer = ""},
                                         {.name = "price_unit", .value = std::int64_t{1}, .pointer = ""}}}};
    const auto names = [](const std::vector<mapping::Field>& fields) {
        std::vector<std::string> found;
        for (const auto& field : fields) found.push_back(field.name);
        return found;
    };
    const auto all = counted(record, {});
    EXPECT_THAT(names(all.fields), ElementsAre("note", "client_order_ref"));
    EXPECT_FALSE(all.protection);
    EXPECT_THAT(all.transitions, IsEmpty());

    const auto some = counted(record, {"note", "order_line.price_unit"});
    EXPECT_THAT(names(some.fields), ElementsAre("note"));
    ASSERT_EQ(some.lines.size(), 1U);
    EXPECT_THAT(names(some.lines[0].lines.at(0).fields), ElementsAre("price_unit"));
    EXPECT_EQ(some.candidates, record.candidates);
    EXPECT_THAT(names(counted(record, {"order_line"}).lines.at(0).lines.at(0).fields),
                ElementsAre("name", "price_unit"));
    EXPECT_TRUE(record.protection) << "what was mapped stays as it was";
}

TEST(RunState, GoesThroughItsPhasesAndIsReadAsItWasWritten) {
    reconcile::Run run{
        .id = "reconcile:order:1", .from_ms = 1'000, .to_ms = 2'000, .repair = Repair::missed, .started_at_ms = 5};
    run.listed("cursor \"2\"");
    EXPECT_EQ(run.phase, Phase::listed);
    const auto middle = reconcile::Run::parse(run.to_json());
    ASSERT_TRUE(middle);
    EXPECT_EQ(middle->cursor, "cursor \"2\"");
    run.listed("");
    EXPECT_EQ(run.phase, Phase::odoo);
    run.looked_at(7, true);
    EXPECT_EQ(run.phase, Phase::odoo);
    run.counts.compared = 4;
    run.counts.same = 1;
    EXPECT_TRUE(run.found({.kind = Kind::stale, .repaired = true}, 2));
    EXPECT_TRUE(run.found({.kind = Kind::conflict, .guard = "state is `sale`"}, 2));
    EXPECT_FALSE(run.found({.kind = Kind::extra}, 2)) << "no room: it is only counted";
    run.looked_at(9, false);
    const auto read = reconcile::Run::parse(run.to_json());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->to_json(), run.to_json());
    EXPECT_EQ(read->phase, Phase::done);
    EXPECT_EQ(read->after, 9);
    EXPECT_EQ(read->pages, 4);
    EXPECT_EQ(read->kept, 2);
    EXPECT_EQ(read->counts.all_found(), 3);
    EXPECT_EQ(read->counts.guarded, 1);
    EXPECT_THAT(to_sentence(*read), HasSubstr("4 compared, 1 same, 1 stale, 1 conflict, 1 extra; 1 are written again"));
    for (const auto* text : {"", "{}", "[]", R"({"run":"a","phase":"late","repair":"none","counts":{}})"})
        EXPECT_FALSE(reconcile::Run::parse(text)) << text;
}

TEST(Finding, IsReadAsItWasWritten) {
    const Finding finding{.kind = Kind::conflict,
                          .record = "1",
                          .external_id = "order_1",
                          .model = "sale.order",
                          .odoo_id = 12,
                          .revision = newer,
                          .applied = newer,
                          .guard = "state is `sale`",
                          .why = "",
                          .differences = {{"sale.order 12", "note", "\"a\"", "\"b\""}},
                          .more = 3,
                          .repaired = true};
    json::Writer out;
    write_json(out, finding);
    const auto document = json::Document::parse(out.text());
    ASSERT_TRUE(document);
    const auto read = read_finding(document->root());
    ASSERT_TRUE(read);
    json::Writer again;
    write_json(again, *read);
    EXPECT_EQ(again.text(), out.text());
    EXPECT_EQ(read->differences, finding.differences);
    EXPECT_FALSE(read_finding(json::Document::parse(R"({"kind":"odd"})")->root()));
}

}  // namespace
}  // namespace sluice::reconcile
