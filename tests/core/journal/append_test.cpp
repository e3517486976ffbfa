#include <gmock/gmock.h>

#include <future>

#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::journal::testing {
namespace {

using Append = JournalTest;

TEST_F(Append, DropsARepeatAndNamesTheFirst) {
    const Seq first = append(event("a"));
    const auto repeated = journal_->append({event("a"), event("b")}).value();
    EXPECT_TRUE(repeated[0].duplicate);
    EXPECT_EQ(repeated[0].seq, first);
    EXPECT_FALSE(repeated[1].duplicate);
    EXPECT_EQ(journal_->counts("shop")->ready, 2);
}

TEST_F(Append, DropsARepeatWithinOneCall) {
    const auto appended = journal_->append({event("a", "", "first"), event("a", "", "second")}).value();
    EXPECT_FALSE(appended[0].duplicate);
    EXPECT_TRUE(appended[1].duplicate);
    EXPECT_EQ(appended[0].seq, appended[1].seq);
    EXPECT_EQ(show(appended[0].seq).payload, "first");
}

TEST_F(Append, KnowsARepeatOfAnEventThatWasFinishedBeforeTheRestart) {
    const Seq seq = append(event("a"));
    claim(seq);
    finish(seq, done());
    reopen();
    EXPECT_TRUE(journal_->append({event("a")})->front().duplicate);
}

TEST_F(Append, TheSameIdOfAnotherConnectorIsAnotherEvent) {
    append(event("a"));
    auto other = event("a");
    other.connector = "other";
    EXPECT_FALSE(journal_->append({other})->front().duplicate);
    EXPECT_EQ(journal_->counts("")->ready, 2);
    EXPECT_EQ(journal_->counts("other")->ready, 1);
}

TEST_F(Append, KeepsEveryByte) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
    bytes += "\xff\xfe\xc3(";
    auto strange = event(std::string("id\0x", 4), std::string("key\0\xff", 5), bytes);
    strange.headers = std::string("\0{}", 3);
    const Seq seq = append(strange);
    reopen();
    const auto claimed = claim(seq);
    EXPECT_EQ(claimed.payload, bytes);
    EXPECT_EQ(claimed.headers, strange.headers);
    EXPECT_EQ(claimed.event.event_id, strange.event_id);
    EXPECT_EQ(claimed.event.ordering_key, strange.ordering_key);
    EXPECT_EQ(show(seq).payload, bytes);
    EXPECT_TRUE(journal_->append({strange})->front().duplicate);
    EXPECT_FALSE(journal_->append({event("id")})->front().duplicate);
}

TEST_F(Append, TakesAllOrNone) {
    auto nameless = event("");
    const auto refused = journal_->append({event("a"), nameless});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, Failure::invalid);
    EXPECT_THAT(refused.error().message, ::testing::HasSubstr("without an event_id"));
    EXPECT_EQ(journal_->counts("shop")->ready, 0);
    EXPECT_FALSE(journal_->append({event("a")})->front().duplicate);
}

TEST_F(Append, RefusesTextBeyondItsLimit) {
    const auto refused = journal_->append({event(std::string(max_event_text_bytes, 'x'))});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().failure, Failure::invalid);
}

TEST_F(Append, WhatCannotBeDeliveredIsADeadLetterThatHoldsNothing) {
    auto broken = event("a", "7");
    broken.dead_letter_reason = "the body is no JSON (byte 3)";
    const Seq seq = append(broken);
    const auto detail = show(seq);
    EXPECT_EQ(detail.event.state, EventState::dead);
    EXPECT_FALSE(detail.event.holds_key);
    EXPECT_EQ(detail.event.outcome, "invalid: the body is no JSON (byte 3)");
    EXPECT_EQ(state(append(event("b", "7"))), EventState::ready);
}

TEST_F(Append, AsynchronousAppendIsDurableWhenItSaysSo) {
    std::promise<Result<std::vector<Appended>>> promise;
    journal_->append_async({event("a")}, [&](auto appended) { promise.set_value(std::move(appended)); });
    const auto appended = promise.get_future().get();
    ASSERT_TRUE(appended);
    EXPECT_EQ(show(appended->front().seq).event.event_id, "a");
    EXPECT_GE(journal_->statistics().commits, 1);
}

TEST_F(Append, WhatIsQueuedIsCommittedBeforeTheJournalGoes) {
    int told = 0;
    for (int i = 0; i < 100; ++i) {
        journal_->append_async({event("e" + std::to_string(i))}, [&](auto appended) { told += appended ? 1 : 0; });
    }
    journal_.reset();
    EXPECT_EQ(told, 100);
    reopen();
    EXPECT_EQ(journal_->counts("shop")->ready, 100);
}

TEST_F(Append, RemembersConnectorsThatAreConfiguredNoMore) {
    append(event("a"));
    auto other = event("b");
    other.connector = "outlet";
    append(other);
    reopen();
    EXPECT_EQ(journal_->connectors().value(), (std::vector<std::string>{"outlet", "shop"}));
}

TEST_F(Append, ListsByConnectorAndStateInPages) {
    std::vector<Seq> all;
    for (int i = 0; i < 5; ++i) all.push_back(append(event("e" + std::to_string(i), "k")));
    EXPECT_EQ(journal_->list({.connector = "shop", .state = EventState::waiting, .limit = 2})->size(), 2U);
    const auto rest = journal_->list({.state = EventState::waiting, .after_seq = to_int(all[2])}).value();
    ASSERT_EQ(rest.size(), 2U);
    EXPECT_EQ(rest[0].seq, all[3]);
    EXPECT_TRUE(journal_->list({.connector = "other"})->empty());
    EXPECT_EQ(journal_->list({})->size(), 5U);
    EXPECT_TRUE(journal_->list({.state = EventState::done})->empty());
    EXPECT_FALSE(journal_->show(Seq{999})->has_value());
}

}  // namespace
}  // namespace sluice::journal::testing
