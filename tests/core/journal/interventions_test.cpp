// What people do to many dead letters at once, to one of them, and to flows.

#include <gmock/gmock.h>

#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::journal::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Interventions : public JournalTest {
protected:
    /// A dead letter of a key of its own unless `event` says otherwise.
    Seq dead_letter(NewEvent event, const std::string& message = "no product with SKU 'A-1'", bool holds_key = true) {
        const Seq seq = append(std::move(event));
        claim(seq);
        auto end = dead(holds_key);
        end.message = message;
        finish(seq, end);
        return seq;
    }
    Seq dead_letter(const std::string& id, const std::string& message = "no product with SKU 'A-1'") {
        return dead_letter(event(id, id), message);
    }
    static NewEvent of_flow(NewEvent event, std::string flow) {
        event.flow = std::move(flow);
        return event;
    }
    std::string fingerprint(Seq seq) { return show(seq).event.fingerprint; }
};

TEST_F(Interventions, TenThousandOfOneCauseAreOneLineAndTheLargestIsFirst) {
    const Seq lonely = dead_letter("lonely", "the currency is unknown");
    clock_.advance(1'000);
    const auto first_at_ms = clock_.now_ms();
    const Seq first = dead_letter("a", "no product with SKU 'A-1' in order 1001");
    dead_letter(event("b", "b"), "no product with SKU 'B-2' in order 1002", false);
    clock_.advance(1'000);
    const Seq last = dead_letter("c", "no product with SKU 'C-3' in order 1003");
    const auto groups = journal_->dead_letter_groups({}).value();
    ASSERT_THAT(groups, SizeIs(2));
    EXPECT_EQ(groups[0].count, 3);
    EXPECT_EQ(groups[0].holding, 2) << "b holds nothing";
    EXPECT_EQ(groups[0].first, first);
    EXPECT_EQ(groups[0].last, last);
    EXPECT_EQ(groups[0].first_at_ms, first_at_ms);
    EXPECT_EQ(groups[0].last_at_ms, first_at_ms + 1'000);
    EXPECT_THAT(groups[0].outcome, HasSubstr("order 1001")) << "the oldest one's words stand for all";
    EXPECT_EQ(groups[0].fingerprint, fingerprint(last));
    EXPECT_EQ(groups[1].first, lonely);
}

TEST_F(Interventions, GroupsAreOfOneConnectorAndFlowAndCanBeAskedForAlone) {
    auto elsewhere = event("a", "a");
    elsewhere.connector = "other shop";
    dead_letter(elsewhere);
    const Seq here = dead_letter("a");
    dead_letter(of_flow(event("b", "b"), "stock"));
    EXPECT_THAT(journal_->dead_letter_groups({}).value(), SizeIs(3));
    const auto alone = journal_->dead_letter_groups({.connector = "shop", .flow = "order"}).value();
    ASSERT_THAT(alone, SizeIs(1));
    EXPECT_EQ(alone[0].first, here);
    EXPECT_THAT(journal_->dead_letter_groups({.limit = 2}).value(), SizeIs(2));
    EXPECT_THAT(journal_->dead_letter_groups({.fingerprint = "not one"}).value(), IsEmpty());
    ASSERT_TRUE(journal_->discard(here, "admin", "a test", clock_.now_ms()));
    EXPECT_THAT(journal_->dead_letter_groups({.connector = "shop", .flow = "order"}).value(), IsEmpty());
}

TEST_F(Interventions, OneCauseIsReplayedInStepsTheOldestFirst) {
    const Seq a = dead_letter("a"), other = dead_letter("other", "the currency is unknown"), b = dead_letter("b"),
              c = dead_letter("c");
    EventFilter filter{.connector = "shop", .fingerprint = fingerprint(a), .limit = 2};
    const auto before = journal_->statistics().commits;
    EXPECT_THAT(journal_->replay_all(filter, "admin", clock_.now_ms()).value(), ElementsAre(a, b));
    EXPECT_EQ(journal_->statistics().commits, before + 1);
    filter.after_seq = to_int(b);
    EXPECT_THAT(journal_->replay_all(filter, "admin", clock_.now_ms()).value(), ElementsAre(c));
    filter.after_seq = to_int(c);
    EXPECT_THAT(journal_->replay_all(filter, "admin", clock_.now_ms()).value(), IsEmpty());
    for (const Seq seq : {a, b, c}) {
        EXPECT_EQ(state(seq), EventState::ready);
        EXPECT_EQ(show(seq).event.counted_failures, 0);
        EXPECT_THAT(to_string(show(seq).notes.at(0)), HasSubstr("replayed by admin: it was rejected: no product"));
    }
    EXPECT_EQ(state(other), EventState::dead);
    EXPECT_EQ(journal_->counts("shop")->dead, 1);
    EXPECT_TRUE(journal_->check());
}

TEST_F(Interventions, WhatFailsAgainOfThoseReplayedIsNotMetTwiceByTheNextStep) {
    const Seq a = dead_letter("a"), b = dead_letter("b");
    EventFilter filter{.fingerprint = fingerprint(a), .limit = 1};
    ASSERT_THAT(journal_->replay_all(filter, "admin", clock_.now_ms()).value(), ElementsAre(a));
    claim(a);
    finish(a, dead(true));
    filter.after_seq = to_int(a);
    filter.fingerprint = fingerprint(b);
    EXPECT_THAT(journal_->replay_all(filter, "admin", clock_.now_ms()).value(), ElementsAre(b));
    EXPECT_EQ(state(a), EventState::dead);
}

TEST_F(Interventions, ReplayPassesOverWhatWasNeverDeliverable) {
    auto unreadable = event("unreadable", "unreadable");
    unreadable.dead_letter_reason = "the body is no JSON";
    const Seq never = append(unreadable), a = dead_letter("a");
    EXPECT_THAT(journal_->replay_all({.connector = "shop"}, "admin", clock_.now_ms()).value(), ElementsAre(a));
    EXPECT_EQ(state(never), EventState::dead);
    EXPECT_THAT(journal_->discard_all({.connector = "shop"}, "admin", "junk", clock_.now_ms()).value(),
                ElementsAre(never));
}

TEST_F(Interventions, ReplayedSkippedOnesOfOneKeyKeepTheirOrder) {
    const Seq a = dead_letter(event("a", "7"), "no", false), b = dead_letter(event("b", "7"), "no", false);
    EXPECT_THAT(journal_->replay_all({}, "admin", clock_.now_ms()).value(), ElementsAre(a, b));
    EXPECT_EQ(state(a), EventState::ready);
    EXPECT_EQ(state(b), EventState::waiting);
    claim(a);
    finish(a, done());
    EXPECT_EQ(state(b), EventState::ready);
}

TEST_F(Interventions, DiscardingManyFreesEachKeyAndKeepsTheReasonWithEach) {
    const Seq a = dead_letter("a"), b = dead_letter("b"), stays = dead_letter(of_flow(event("c", "c"), "stock"));
    const Seq behind_a = append(event("a2", "a"));
    EXPECT_EQ(state(behind_a), EventState::waiting);
    const auto no_reason = journal_->discard_all({.flow = "order"}, "admin", "", clock_.now_ms());
    ASSERT_FALSE(no_reason);
    EXPECT_EQ(no_reason.error().failure, Failure::invalid);
    EXPECT_THAT(journal_->discard_all({.flow = "order"}, "admin", "test orders", clock_.now_ms()).value(),
                ElementsAre(a, b));
    EXPECT_EQ(state(behind_a), EventState::ready);
    EXPECT_EQ(state(stays), EventState::dead);
    for (const Seq seq : {a, b}) {
        EXPECT_EQ(state(seq), EventState::discarded);
        EXPECT_THAT(to_string(show(seq).notes.at(0)), HasSubstr("discarded by admin: test orders"));
    }
    EXPECT_EQ(journal_->counts("shop")->discarded, 2);
    EXPECT_TRUE(journal_->check());
}

TEST_F(Interventions, AnEditIsWhatIsDeliveredAndWhatCameIsKept) {
    auto original = event("a", "7", R"({"sku": "A-l"})");
    original.revision = "2026-01-02T00:00:00Z";
    const Seq a = dead_letter(original);
    const auto came = show(a);
    ASSERT_TRUE(journal_->edit(a, R"({"sku": "A-2"})", "ann", "a typo", clock_.now_ms()));
    clock_.advance(5);
    ASSERT_TRUE(journal_->edit(a, R"({"sku": "A-1"})", "bob", "the other typo", clock_.now_ms()));
    auto edited = show(a);
    EXPECT_EQ(edited.payload, original.payload);
    EXPECT_EQ(edited.delivered_payload(), R"({"sku": "A-1"})");
    ASSERT_THAT(edited.edits, SizeIs(2));
    EXPECT_EQ(edited.edits[0].who, "ann");
    EXPECT_EQ(edited.edits[1].reason, "the other typo");
    EXPECT_EQ(edited.edits[1].at_ms, edited.edits[0].at_ms + 5);
    EXPECT_THAT(to_string(edited.notes.at(1)), HasSubstr("edited by bob: the other typo"));
    EXPECT_EQ(state(a), EventState::dead) << "an edit delivers nothing by itself";
    ASSERT_TRUE(journal_->replay(a, "bob", clock_.now_ms()));
    const auto delivered = claim(a);
    EXPECT_EQ(delivered.payload, R"({"sku": "A-1"})");
    EXPECT_EQ(delivered.event.event_id, came.event.event_id);
    EXPECT_EQ(delivered.event.ordering_key, "7");
    EXPECT_EQ(delivered.event.revision, "2026-01-02T00:00:00Z");
    finish(a, done());
    EXPECT_EQ(show(a).payload, original.payload);
    EXPECT_TRUE(journal_->append({original}).value().at(0).duplicate) << "the event is still the one that came";
}

TEST_F(Interventions, OnlyADeadLetterThatCanBeDeliveredIsEditedAndOnlyWithAReason) {
    const Seq ready = append(event("ready"));
    EXPECT_THAT(journal_->edit(ready, "{}", "admin", "because", clock_.now_ms()).error().message,
                HasSubstr("it is no dead letter but ready"));
    auto unreadable = event("unreadable", "unreadable");
    unreadable.dead_letter_reason = "the body is no JSON";
    const Seq never = append(unreadable);
    EXPECT_THAT(journal_->edit(never, "{}", "admin", "because", clock_.now_ms()).error().message,
                HasSubstr("cannot be delivered: the body is no JSON"));
    const Seq a = dead_letter("a");
    EXPECT_EQ(journal_->edit(a, "{}", "admin", "", clock_.now_ms()).error().failure, Failure::invalid);
    EXPECT_EQ(journal_->edit(Seq{99}, "{}", "admin", "because", clock_.now_ms()).error().failure, Failure::invalid);
    EXPECT_THAT(show(a).edits, IsEmpty());
}

TEST_F(Interventions, PausesOutliveTheHostAndAreReplacedByTheLastWord) {
    ASSERT_TRUE(
        journal_->pause({.connector = "shop", .flow = "order", .who = "ann", .reason = "stock take", .at_ms = 5}));
    ASSERT_TRUE(journal_->pause({.connector = "shop", .flow = "", .who = "ann", .reason = "all of it", .at_ms = 6}));
    ASSERT_TRUE(journal_->pause({.connector = "shop", .flow = "order", .who = "bob", .reason = "longer", .at_ms = 7}));
    reopen();
    const auto pauses = journal_->pauses().value();
    ASSERT_THAT(pauses, SizeIs(2));
    EXPECT_EQ(pauses[0].flow, "");
    EXPECT_EQ(pauses[1].flow, "order");
    EXPECT_EQ(pauses[1].who, "bob");
    EXPECT_EQ(pauses[1].reason, "longer");
    EXPECT_EQ(pauses[1].at_ms, 7);
    EXPECT_TRUE(journal_->resume("shop", "order").value());
    EXPECT_FALSE(journal_->resume("shop", "order").value()) << "it was resumed already";
    EXPECT_FALSE(journal_->resume("other", "").value());
    EXPECT_THAT(journal_->pauses().value(), SizeIs(1));
}

}  // namespace
}  // namespace sluice::journal::testing
