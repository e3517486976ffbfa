// What commits together with a delivery's end.

#include <gmock/gmock.h>

#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::journal::testing {
namespace {

using FinishDone = JournalTest;

TEST_F(FinishDone, EmittedEventsAndStateCommitWithIt) {
    const Seq a = append(event("a", "7"));
    const Seq b = append(event("b", "7"));
    claim(a);
    auto end = done("created sale.order 12");
    end.emitted = {event("a/confirm", "7"), event("b", "7")};
    end.state = {{.name = "cursor", .value = std::string("1\0\xff", 3), .expected_version = 0}};
    finish(a, end);
    reopen();
    EXPECT_EQ(show(a).event.outcome, "created sale.order 12");
    const auto state_value = journal_->get_state("shop", "cursor").value();
    EXPECT_EQ(state_value.value, std::string("1\0\xff", 3));
    EXPECT_EQ(state_value.version, 1);
    const auto all = journal_->list({}).value();
    ASSERT_EQ(all.size(), 3U) << "the known event was dropped, the new one is there";
    EXPECT_EQ(state(b), EventState::ready);
    EXPECT_EQ(all[2].event_id, "a/confirm");
    EXPECT_EQ(all[2].state, EventState::waiting);
}

TEST_F(FinishDone, AStateConflictWritesNothingAndTheClaimStands) {
    const Seq a = append(event("a", "7"));
    const Seq b = append(event("b"));
    claim(a);
    claim(b);
    auto first = done();
    first.state = {{.name = "cursor", .value = "1", .expected_version = 0}};
    finish(b, first);

    auto second = done();
    second.state = {{.name = "other", .value = "x", .expected_version = 0},
                    {.name = "cursor", .value = "2", .expected_version = 0}};
    second.emitted = {event("c")};
    second.applied_revision = "9";
    const auto conflict = journal_->finish({.seq = a, .token = 1}, second, 0);
    ASSERT_FALSE(conflict);
    EXPECT_EQ(conflict.error().failure, Failure::retry);
    EXPECT_EQ(conflict.error().message, "state conflict: cursor");
    EXPECT_EQ(state(a), EventState::claimed);
    EXPECT_EQ(show(a).attempts.front().verdict, "");
    EXPECT_EQ(journal_->get_state("shop", "other")->version, 0);
    EXPECT_EQ(journal_->get_state("shop", "cursor")->value, "1");
    EXPECT_EQ(journal_->list({})->size(), 2U);
    EXPECT_EQ(journal_->applied_revision("shop", "order", "7").value(), "");

    second.state[1].expected_version = 1;
    finish(a, second);
    EXPECT_EQ(journal_->get_state("shop", "cursor")->value, "2");
    EXPECT_EQ(journal_->get_state("shop", "cursor")->version, 2);
}

TEST_F(FinishDone, AHintReplacesWhateverIsThere) {
    const Seq a = append(event("a"));
    const Seq b = append(event("b"));
    for (const Seq seq : {a, b}) {
        claim(seq);
        auto end = done();
        end.state = {{.name = "id/x", .value = std::to_string(to_int(seq)), .expected_version = StatePut::any_version}};
        finish(seq, end);
    }
    EXPECT_EQ(journal_->get_state("shop", "id/x")->value, std::to_string(to_int(b)));
}

TEST_F(FinishDone, TheNewestRevisionStays) {
    const auto apply = [&](const std::string& id, const std::string& revision) {
        const Seq seq = append(event(id, "7"));
        claim(seq);
        auto end = done();
        end.applied_revision = revision;
        finish(seq, end);
        return journal_->applied_revision("shop", "order", "7").value();
    };
    EXPECT_EQ(apply("a", "2026-01-01T10:00:00Z"), "2026-01-01T10:00:00Z");
    EXPECT_EQ(apply("b", "2026-01-01T05:00:00-04:00"), "2026-01-01T10:00:00Z") << "09:00 UTC is older";
    EXPECT_EQ(apply("c", ""), "2026-01-01T10:00:00Z");
    EXPECT_EQ(apply("d", "2026-01-01T11:00:00Z"), "2026-01-01T11:00:00Z");
    EXPECT_EQ(journal_->applied_revision("shop", "order", "8").value(), "");
}

TEST_F(FinishDone, AnEmittedEventThatIsRefusedUndoesTheWholeEnd) {
    const Seq a = append(event("a"));
    claim(a);
    auto end = done();
    end.state = {{.name = "cursor", .value = "1", .expected_version = 0}};
    end.emitted = {event("b"), event("")};
    ASSERT_FALSE(journal_->finish({.seq = a, .token = 1}, end, 0));
    EXPECT_EQ(state(a), EventState::claimed);
    EXPECT_EQ(journal_->get_state("shop", "cursor")->version, 0);
    EXPECT_EQ(journal_->list({})->size(), 1U);
}

}  // namespace
}  // namespace sluice::journal::testing
