// Of what waits for a key only the newest is delivered, and what became of the others is recorded.

#include <gmock/gmock.h>

#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::journal::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Coalesce : public JournalTest {
protected:
    static NewEvent level(std::string id, std::string revision = "", std::string key = "7") {
        auto level = event(std::move(id), std::move(key));
        level.flow = "stock";
        level.topic = "inventory";
        level.revision = std::move(revision);
        level.coalesce = true;
        return level;
    }
    std::vector<Seq> ready() {
        std::vector<Seq> seqs;
        const auto events = journal_->ready("shop", "stock", clock_.now_ms(), 10).value();
        for (const auto& one : events) seqs.push_back(one.seq);
        return seqs;
    }
};

TEST_F(Coalesce, TheNewestTakesThePlaceOfThoseNobodyHasBegun) {
    const Seq a = append(level("a")), b = append(level("b"));
    const auto appended = journal_->append({level("c")}).value().at(0);
    EXPECT_EQ(appended.superseded, 1) << "b; a was gone already";
    EXPECT_EQ(state(a), EventState::superseded);
    EXPECT_EQ(state(b), EventState::superseded);
    EXPECT_THAT(ready(), ElementsAre(appended.seq));
    EXPECT_EQ(show(b).event.outcome, "superseded by event 3");
    EXPECT_THAT(to_string(show(b).notes.at(0)), HasSubstr("superseded by host: by event 3; it was not attempted"));
    EXPECT_EQ(show(b).payload, "{}") << "it is kept";
    EXPECT_EQ(journal_->counts("shop")->superseded, 2);
    EXPECT_TRUE(journal_->append({level("a")}).value().at(0).duplicate) << "a repeat of one that was superseded";
}

TEST_F(Coalesce, WhatIsBeingHandledIsLeftAlone) {
    const Seq a = append(level("a"));
    claim(a);
    const Seq b = append(level("b")), c = append(level("c"));
    EXPECT_EQ(state(a), EventState::claimed);
    EXPECT_EQ(state(b), EventState::superseded);
    EXPECT_EQ(state(c), EventState::waiting);
    finish(a, done());
    EXPECT_THAT(ready(), ElementsAre(c));
}

TEST_F(Coalesce, OneThatFailsGivesWayToANewerThatWaits) {
    const Seq a = append(level("a"));
    claim(a);
    const Seq other = append(event("other", "7")), b = append(level("b"));
    auto unsure = dead(true);
    unsure.unknown = true;
    finish(a, unsure);
    EXPECT_EQ(state(a), EventState::superseded) << "had b come later, it would have been";
    EXPECT_EQ(show(a).event.outcome, "superseded by event 3");
    EXPECT_THAT(to_string(show(a).notes.at(0)), HasSubstr("it was rejected: no such product"));
    EXPECT_EQ(show(a).attempts.at(0).message, "no such product");
    EXPECT_TRUE(show(b).event.attempt_unknown) << "an attempt of a may have had its effect";
    EXPECT_EQ(state(other), EventState::ready) << "it waited before b";
    EXPECT_EQ(journal_->dead_letter_groups({}).value().size(), 0U);

    const Seq c = append(level("c", "2026-01-02T00:00:00Z", "8"));
    claim(c);
    const Seq d = append(level("d", "2026-01-03T00:00:00Z", "8"));
    finish(c, again(clock_.now_ms() + 60'000));
    EXPECT_EQ(state(c), EventState::superseded) << "nor is the old level tried again";
    EXPECT_THAT(ready(), ElementsAre(d));
    EXPECT_FALSE(show(d).event.attempt_unknown);
}

TEST_F(Coalesce, OneThatFailsGivesWayToNothingElse) {
    const Seq a = append(level("a", "2026-01-02T00:00:00Z"));
    claim(a);
    auto plain = level("plain", "2026-01-04T00:00:00Z");
    plain.coalesce = false;
    auto topic = level("topic", "2026-01-04T00:00:00Z");
    topic.topic = "deleted";
    append(plain);
    append(topic);
    append(level("older", "2026-01-01T00:00:00Z"));
    finish(a, again(clock_.now_ms()));
    EXPECT_EQ(state(a), EventState::ready);
    claim(a);
    finish(a, dead(true));
    EXPECT_EQ(state(a), EventState::dead);
}

TEST_F(Coalesce, OtherFlowsTopicsAndKeysAreOthers) {
    const Seq a = append(level("a"));
    auto flow = level("b"), topic = level("c");
    flow.flow = "order";
    topic.topic = "deleted";
    const Seq b = append(flow), c = append(topic), d = append(level("d", "", "8")), e = append(level("e"));
    EXPECT_EQ(state(a), EventState::superseded);
    // They came before e: the first of them is the key's head now.
    EXPECT_EQ(state(b), EventState::ready);
    EXPECT_EQ(state(c), EventState::waiting);
    EXPECT_EQ(state(d), EventState::ready);
    EXPECT_EQ(state(e), EventState::waiting);
    const Seq f = append(event("f", "")), g = append(level("g", "", ""));
    EXPECT_EQ(state(f), EventState::ready) << "an empty key orders nothing";
    EXPECT_EQ(state(g), EventState::ready);
}

TEST_F(Coalesce, ALateOlderRevisionIsItselfTheNeedlessOne) {
    const Seq a = append(level("a", "2026-01-02T00:00:00Z"));
    const Seq b = append(level("b", "2026-01-01T00:00:00Z"));
    EXPECT_EQ(state(a), EventState::ready);
    EXPECT_EQ(state(b), EventState::superseded);
    EXPECT_EQ(show(b).event.outcome, "superseded by event 1, whose revision is newer");
    EXPECT_GT(show(b).event.ended_at_ms, 0);
}

TEST_F(Coalesce, ANewerOneSupersedesADeadLetterAndFreesItsKey) {
    const Seq a = append(level("a", "2026-01-02T00:00:00Z"));
    claim(a);
    auto end = dead(true);
    end.unknown = true;
    finish(a, end);
    const Seq older = append(level("older", "2026-01-01T00:00:00Z"));
    EXPECT_EQ(state(a), EventState::dead);
    EXPECT_EQ(state(older), EventState::waiting) << "nobody knows that the dead letter will ever be applied";
    const Seq b = append(level("b", "2026-01-03T00:00:00Z"));
    EXPECT_EQ(state(a), EventState::superseded);
    EXPECT_EQ(state(older), EventState::superseded);
    EXPECT_THAT(ready(), ElementsAre(b));
    EXPECT_TRUE(show(b).event.attempt_unknown) << "an attempt of a may have had its effect";
    EXPECT_THAT(show(a).event.outcome, StartsWith("superseded by event"));
    EXPECT_THAT(to_string(show(a).notes.at(0)), HasSubstr("it was rejected: no such product"));
    EXPECT_EQ(journal_->dead_letter_groups({}).value().size(), 0U);
}

TEST_F(Coalesce, WhatIsNotDeclaredIsNotCoalesced) {
    append(event("a", "7"));
    append(event("b", "7"));
    EXPECT_EQ(journal_->counts("shop")->waiting, 1);
}

}  // namespace
}  // namespace sluice::journal::testing
