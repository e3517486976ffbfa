#include "core/odoo/capture.hpp"

#include <gmock/gmock.h>

#include "core/base/random.hpp"
#include "tests/core/odoo/capture_fixture.hpp"

namespace sluice::odoo {
namespace {

using test::Comparison;
using test::TransactionalOdoo;
using test::Watcher;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t start_ms = 1'700'000'000'000;
constexpr std::int64_t start_us = start_ms * 1'000;

class Capture : public testing::TestWithParam<Comparison> {
protected:
    TransactionalOdoo odoo{GetParam()};
    Watcher watcher{odoo};
};

TEST_P(Capture, WhatWasThereBeforeIsNotTold) {
    odoo.commit(1, "old", start_us - 3'600 * second_us);
    odoo.commit(2, "last", start_us);
    EXPECT_THAT(watcher.poll(start_ms), IsEmpty());
    EXPECT_THAT(watcher.poll(start_ms + 1'000), IsEmpty());
    odoo.commit(3, "new", start_us + 2 * second_us);
    odoo.commit(1, "changed", start_us + 3 * second_us);
    EXPECT_THAT(watcher.poll(start_ms + 4'000), ElementsAre("1:changed#1", "3:new#1"));
    EXPECT_THAT(watcher.poll(start_ms + 5'000), IsEmpty()) << "once";
}

TEST_P(Capture, EverythingIsToldWhereAsked) {
    watcher.watch.from_the_beginning = true;
    odoo.commit(1, "old", start_us - 3'600 * second_us);
    EXPECT_THAT(watcher.poll(start_ms), ElementsAre("1:old#1"));
}

TEST_P(Capture, ATransactionThatCommitsBehindTheCursorIsFound) {
    watcher.poll(start_ms);
    odoo.commit(2, "quick", start_us + 30 * second_us);
    EXPECT_THAT(watcher.poll(start_ms + 31'000), ElementsAre("2:quick#1"));
    // Begun before the quick one, visible only now.
    odoo.commit(1, "slow", start_us + 5 * second_us);
    EXPECT_THAT(watcher.poll(start_ms + 40'000), ElementsAre("1:slow#1"));
}

TEST_P(Capture, AlsoAfterTheHostWasDownForAnHour) {
    watcher.poll(start_ms);
    odoo.commit(2, "quick", start_us + 30 * second_us);
    EXPECT_THAT(watcher.poll(start_ms + 31'000), ElementsAre("2:quick#1"));
    odoo.commit(1, "slow", start_us + 5 * second_us);
    EXPECT_THAT(watcher.poll(start_ms + 3'600'000), ElementsAre("1:slow#1"));
}

TEST_P(Capture, TwoWritesWithinOneSecondAreTwoChanges) {
    watcher.poll(start_ms);
    odoo.commit(1, "a", start_us + 200'000);
    EXPECT_THAT(watcher.poll(start_ms + 300), ElementsAre("1:a#1"));
    odoo.commit(1, "b", start_us + 700'000);
    EXPECT_THAT(watcher.poll(start_ms + 800), ElementsAre("1:b#2"));
    odoo.commit(1, "a", start_us + 900'000);
    EXPECT_THAT(watcher.poll(start_ms + 950), ElementsAre("1:a#3")) << "back to what it was, and still a change";
}

TEST_P(Capture, AWriteThatChangesNothingThatIsReadIsNone) {
    watcher.poll(start_ms);
    odoo.commit(1, "a", start_us + second_us);
    watcher.poll(start_ms + 2'000);
    odoo.commit(1, "a", start_us + 3 * second_us);
    EXPECT_THAT(watcher.poll(start_ms + 4'000), IsEmpty());
}

TEST_P(Capture, OnceSettledOnlyTheLastSecondIsReadAgain) {
    watcher.poll(start_ms);
    for (int id = 1; id <= 5; ++id) odoo.commit(id, "a", start_us + id * second_us);
    watcher.poll(start_ms + 6'000);
    EXPECT_EQ(watcher.cursor.bound, "2023-11-14 22:13:25");
    EXPECT_FALSE(watcher.cursor.settled);
    watcher.poll(start_ms + 65'000);
    EXPECT_FALSE(watcher.cursor.settled) << "an overlap has not passed";
    watcher.poll(start_ms + 66'000);
    EXPECT_TRUE(watcher.cursor.settled);
}

TEST_P(Capture, BigRoundsAreReadInPagesWhileRecordsComeAndChange) {
    watcher.poll(start_ms);
    for (int id = 1; id <= 450; ++id) odoo.commit(id, "a", start_us + second_us + id * 1'000);
    int reads = 0;
    odoo.before_call = [&](std::string_view method) {
        if (method != "search_read" || ++reads != 3) return;  // before the second page
        odoo.commit(7, "b", start_us + 2 * second_us);        // behind the page
        odoo.commit(300, "b", start_us + 2 * second_us);      // before it
        odoo.commit(500, "b", start_us + 2 * second_us);
    };
    const auto told = watcher.poll(start_ms + 3'000);
    EXPECT_EQ(told.size(), 451U);
    EXPECT_THAT(told, testing::Contains("300:b#1"));
    EXPECT_THAT(watcher.poll(start_ms + 4'000), ElementsAre("7:b#2"));
}

TEST_P(Capture, APageThatFailsIsReadAgain) {
    watcher.poll(start_ms);
    odoo.commit(1, "a", start_us + second_us);
    odoo.failing = true;
    EXPECT_THAT(watcher.poll(start_ms + 2'000), ElementsAre("failed"));
    odoo.failing = false;
    EXPECT_THAT(watcher.poll(start_ms + 3'000), ElementsAre("1:a#1"));
}

TEST_P(Capture, ASweepFindsWhatOutlivedTheOverlapAndWhatIsGone) {
    odoo.commit(9, "old", start_us - 3'600 * second_us);
    watcher.poll(start_ms);
    odoo.commit(1, "a", start_us + second_us);
    odoo.commit(2, "a", start_us + second_us);
    watcher.poll(start_ms + 2'000);
    watcher.poll(start_ms + 70'000);
    odoo.commit(3, "very slow", start_us + 2 * second_us - second_us);
    odoo.rows.at(3).write_us = start_us + second_us - 100;  // older than the bound, by a transaction of hours
    odoo.rows.erase(2);
    EXPECT_THAT(watcher.poll(start_ms + 7'200'000), IsEmpty());
    EXPECT_THAT(watcher.sweep(), ElementsAre("3:very slow#1", "2:gone#2"));
    EXPECT_THAT(watcher.sweep(), IsEmpty()) << "once, and what was there before we began is not told";
    odoo.commit(2, "a", start_us + 9'000 * second_us);
    EXPECT_THAT(watcher.poll(start_ms + 9'001'000), ElementsAre("2:a#3")) << "it came back, with a number of its own";
}

TEST_P(Capture, ASweepOfManyPagesTellsWhatIsGoneInEach) {
    watcher.watch.from_the_beginning = true;
    for (int id = 1; id <= 500; ++id) odoo.commit(id, "a", start_us);
    watcher.poll(start_ms);
    for (const int id : {1, 250, 500}) odoo.rows.erase(id);
    EXPECT_THAT(watcher.sweep(), ElementsAre("1:gone#2", "250:gone#2", "500:gone#2"));
}

TEST_P(Capture, ARecordWithoutALinkToOursIsPassedOverUntilItHasOne) {
    watcher.watch.links = {{"sale_id", "sale.order"}};
    watcher.watch.only_linked = true;
    odoo.order_names = {{7, full_external_id("shop", "order_820982911946154508")}, {8, "__import__.other"}};
    watcher.poll(start_ms);
    odoo.commit(1, "ours", start_us + second_us, 7);
    odoo.commit(2, "another's", start_us + second_us, 8);
    odoo.commit(3, "nobody's", start_us + second_us);
    EXPECT_THAT(watcher.poll(start_ms + 2'000), ElementsAre("1:ours#1"));
    odoo.order_names[8] = full_external_id("shop", "order_1");
    odoo.commit(2, "another's", start_us + 3 * second_us, 8);
    EXPECT_THAT(watcher.poll(start_ms + 4'000), ElementsAre("2:another's#1"));
}

std::string name_of(const testing::TestParamInfo<Comparison>& version) {
    return version.param == Comparison::seconds ? "WholeSecondsAs19" : "MicrosecondsAs16To18";
}
INSTANTIATE_TEST_SUITE_P(Versions, Capture, testing::Values(Comparison::microseconds, Comparison::seconds), name_of);

TEST(CaptureDocument, HoldsTheFieldsAsOdooAnswersThemAndTheLinks) {
    TransactionalOdoo odoo;
    odoo.order_names = {{7, full_external_id("shop", "order_1")}};
    test::MapMemoryOfCapture memory;
    CaptureCursor cursor;
    const Watch watch{.model = "stock.picking",
                      .domain = R"([["state","=","done"]])",
                      .fields = {"name"},
                      .optional_fields = {"extra", "carrier_tracking_ref"},
                      .links = {{"sale_id", "sale.order"}},
                      .connector = "shop",
                      .from_the_beginning = true};
    odoo.commit(1, "OUT/1", start_us, 7);
    const auto page = poll(odoo, watch, cursor, memory, start_ms);
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->changes.size(), 1U);
    EXPECT_EQ(
        page->changes[0].document,
        R"({"id":1,"model":"stock.picking","extra":"x","name":"OUT/1","sale_id":7,"external_ids":{"sale_id":"order_1"}})");
    EXPECT_THAT(odoo.last_kwargs, HasSubstr(R"("load":false)"));
    EXPECT_THAT(odoo.last_kwargs, Not(HasSubstr("carrier_tracking_ref"))) << "this database has no such field";
}

/// Whatever commits when, as long as no transaction outlives the overlap: the last told content of each record is the
/// one it has, and nothing is told twice in a row.
TEST(CaptureProperty, NothingIsMissedAndNothingToldTwice) {
    for (std::uint64_t seed = 1; seed <= 80; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Random random(seed);
        TransactionalOdoo odoo(seed % 2 == 0 ? Comparison::microseconds : Comparison::seconds);
        Watcher watcher(odoo);
        watcher.watch.overlap_ms = 20'000;
        struct Pending {
            std::int64_t id, begun_us, commits_us;
            std::string value;
        };
        std::vector<Pending> pending;
        std::map<std::int64_t, std::string> told;
        std::int64_t now_us = start_us;
        watcher.poll(start_ms);
        for (int turn = 0; turn < 300; ++turn) {
            now_us += random.up_to(turn % 50 == 49 ? 60 * second_us : second_us);
            if (turn < 250 && random.up_to(2) == 0) {
                // Rows are locked: no two transactions write one record at once.
                const auto id = 1 + random.up_to(4);
                const bool locked = std::ranges::any_of(pending, [&](const auto& one) { return one.id == id; });
                if (!locked)
                    pending.push_back(
                        {id, now_us, now_us + random.up_to(19 * second_us), std::to_string(random.up_to(3))});
            }
            std::erase_if(pending, [&](const auto& one) {
                if (one.commits_us > now_us) return false;
                odoo.commit(one.id, one.value, one.begun_us);
                return true;
            });
            if (random.up_to(3) != 0) continue;
            if (random.up_to(9) == 0) odoo.failing = true;
            for (const auto& change : watcher.poll(now_us / 1'000)) {
                if (change == "failed") continue;
                const auto colon = change.find(':'), hash = change.find('#');
                const auto id = std::stoll(change.substr(0, colon));
                const auto value = change.substr(colon + 1, hash - colon - 1);
                EXPECT_NE(told[id], value) << "told twice";
                told[id] = value;
            }
            odoo.failing = false;
        }
        for (const auto& change : watcher.poll(now_us / 1'000 + 1)) {
            told[std::stoll(change.substr(0, change.find(':')))] =
                change.substr(change.find(':') + 1, change.find('#') - change.find(':') - 1);
        }
        for (const auto& [id, row] : odoo.rows) ASSERT_EQ(told[id], row.value) << "record " << id;
    }
}

TEST(CaptureCursorText, ReadsWhatItWroteAndNothingElse) {
    EXPECT_FALSE(CaptureCursor::parse(""));
    EXPECT_FALSE(CaptureCursor::parse("[]"));
    const CaptureCursor cursor{.bound = "2026-01-01 00:00:00", .bound_seen_ms = 5, .settled = true, .after_id = 9};
    EXPECT_EQ(CaptureCursor::parse(cursor.to_text())->to_text(), cursor.to_text());
}

}  // namespace
}  // namespace sluice::odoo
