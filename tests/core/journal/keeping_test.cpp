// How the file is kept: older schemas, encryption, copies, checks, and what retention lets go.

#include <gmock/gmock.h>
#include <sqlite3.h>

#include <fstream>

#include "core/base/crypto.hpp"
#include "core/journal/fingerprint.hpp"
#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::journal::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Keeping : public JournalTest {
protected:
    static std::string read(const std::filesystem::path& path) {
        std::ifstream stream(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(stream), {}};
    }
    static void sql(const std::filesystem::path& file, const std::string& script) {
        sqlite3* handle = nullptr;
        ASSERT_EQ(sqlite3_open(file.c_str(), &handle), SQLITE_OK);
        ASSERT_EQ(sqlite3_exec(handle, script.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
        sqlite3_close(handle);
    }
    /// All the bytes of the file and its log.
    std::string bytes() const {
        auto log = file();
        log += "-wal";
        return read(file()) + read(log);
    }
    static SqliteOptions sealed(std::initializer_list<char> keys) {
        SqliteOptions options;
        for (const char key : keys) options.keys.emplace_back(std::string(crypto::aes_256_key_size, key));
        return options;
    }
    Seq ended(const std::string& id, std::int64_t at_ms) {
        const Seq seq = append(event(id));
        claim(seq);
        clock_.advance(at_ms - clock_.now_ms());
        finish(seq, done());
        return seq;
    }
};

class OfAnOlderSchema : public Keeping, public ::testing::WithParamInterface<const char*> {};

TEST_P(OfAnOlderSchema, AFileBecomesOneOfThisWithAllItHeld) {
    journal_.reset();
    std::filesystem::remove(file());
    sql(file(), read(std::string(SLUICE_SOURCE_DIR "/tests/data/journal/") + GetParam()));
    reopen();
    ASSERT_TRUE(journal_->check()) << journal_->check().error().message;
    const auto counts = journal_->counts("shop").value();
    EXPECT_EQ(counts.ready, 4) << "2, 3, 9, and 7, which was claimed when its process died";
    EXPECT_EQ(counts.waiting, 1);
    EXPECT_EQ(counts.done, 1);
    EXPECT_EQ(counts.dead, 2);
    EXPECT_EQ(counts.discarded, 1);
    const auto first = show(Seq{1});
    EXPECT_EQ(first.event.outcome, "created sale.order 12");
    EXPECT_EQ(first.event.ended_at_ms, 1764000001050);
    EXPECT_EQ(first.payload, R"({"id":1})");
    EXPECT_EQ(first.headers, R"({"X-Shopify-Topic":"orders/create"})");
    EXPECT_EQ(first.attempts.size(), 1U);
    EXPECT_LE(show(Seq{2}).event.available_at_ms, clock_.now_ms()) << "the clock is behind its last commit";
    EXPECT_GE(journal_->clock_trust()->trusted_ms, first.event.ended_at_ms);
    EXPECT_TRUE(show(Seq{3}).event.attempt_unknown);
    EXPECT_TRUE(show(Seq{4}).event.holds_key);
    EXPECT_EQ(state(Seq{5}), EventState::waiting);
    EXPECT_EQ(show(Seq{4}).event.fingerprint, fingerprint(show(Seq{4}).event.outcome));
    EXPECT_EQ(journal_->dead_letter_groups({})->size(), 2U) << "two causes are two lines";
    const auto note = show(Seq{6}).notes.at(0);
    EXPECT_EQ(to_string(note), "2025-11-24T16:00:05.200Z note: discarded by admin: a test order");
    EXPECT_EQ(journal_->get_state("shop", "cursor")->value, R"({"at":1})");
    EXPECT_EQ(journal_->applied_revision("shop", "order", "1").value(), "2026-01-02T03:04:05Z");
    // The key goes on where it was, and no number is given twice.
    ASSERT_TRUE(journal_->discard(Seq{4}, "admin", "gone", clock_.now_ms()));
    EXPECT_EQ(state(Seq{5}), EventState::ready);
    EXPECT_EQ(append(event("new")), Seq{10});
    EXPECT_TRUE(journal_->append({event("1")}).value().at(0).duplicate);
}

INSTANTIATE_TEST_SUITE_P(Files, OfAnOlderSchema, ::testing::Values("schema_1.sql", "schema_2.sql", "schema_3.sql"));

TEST_F(Keeping, WithAKeyNothingThatCameIsReadableInTheFile) {
    const std::string secret = "Jane Doe, 5 Rue de la Paix";
    append(event("plain", "1", secret));
    EXPECT_THAT(bytes(), HasSubstr(secret));
    journal_.reset();
    std::filesystem::remove(file());
    reopen(sealed({'k'}));
    auto personal = event("a", "7", secret);
    personal.headers = "{\"X-Name\":\"" + secret + "\"}";
    const Seq a = append(personal);
    claim(a);
    finish(a, dead(true));
    ASSERT_TRUE(journal_->edit(a, secret + " again", "admin", "a typo", clock_.now_ms()));
    EXPECT_THAT(bytes(), Not(HasSubstr("Rue de la Paix")));
    reopen(sealed({'k'}));
    EXPECT_EQ(show(a).payload, secret);
    EXPECT_EQ(show(a).headers, personal.headers);
    EXPECT_EQ(show(a).delivered_payload(), secret + " again");
    ASSERT_TRUE(journal_->replay(a, "admin", clock_.now_ms()));
    EXPECT_EQ(claim(a).payload, secret + " again");
}

TEST_F(Keeping, AKeyIsReplacedByPuttingANewOneBeforeIt) {
    reopen(sealed({'1'}));
    const Seq a = append(event("a", "", "old"));
    reopen(sealed({'2', '1'}));
    const Seq b = append(event("b", "", "new"));
    EXPECT_EQ(show(a).payload, "old");
    reopen(sealed({'2'}));
    EXPECT_EQ(show(b).payload, "new");
    const auto locked = show(a);
    EXPECT_THAT(locked.contents_problem, HasSubstr("the contents of event 1 are encrypted with a key"));
    EXPECT_FALSE(locked.contents_erased);
    const auto claimed = journal_->claim({a, b}, {}, clock_.now_ms());
    ASSERT_FALSE(claimed) << "it is not delivered empty";
    EXPECT_EQ(claimed.error().failure, Failure::auth) << "an operator must act";
    EXPECT_EQ(state(a), EventState::ready) << "and nothing is lost";
    EXPECT_EQ(state(b), EventState::ready);
    EXPECT_THAT(journal_->check().error().message, HasSubstr("2 of what is encrypted cannot be read"));
}

TEST_F(Keeping, WhatAKeySealedThatIsLostCanBeDiscarded) {
    reopen(sealed({'1'}));
    const Seq a = append(event("a", "7", "old"));
    reopen(sealed({'2'}));
    const Seq b = append(event("b", "7", "new"));
    ASSERT_TRUE(journal_->discard(a, "admin", "the key is lost", clock_.now_ms()));
    EXPECT_EQ(state(a), EventState::discarded);
    EXPECT_EQ(claim(b).payload, "new") << "its key goes on";
    const Seq c = append(event("c"));
    EXPECT_FALSE(journal_->discard(c, "admin", "a mistake", clock_.now_ms())) << "what can be read is delivered";
}

TEST_F(Keeping, WithAKeyWhatConnectorsRememberIsNotReadableInTheFileEither) {
    const auto remember = [&](const std::string& id, const std::string& name, const std::string& value) {
        const Seq seq = append(event(id));
        claim(seq);
        auto end = done();
        end.state = {{.name = name, .value = value, .expected_version = StatePut::any_version}};
        finish(seq, end);
    };
    remember("a", "before", "Jane in the clear");
    reopen(sealed({'k'}));
    remember("b", "customer", "Jane Doe, 5 Rue de la Paix");
    remember("c", "other", "x");
    EXPECT_THAT(bytes(), Not(HasSubstr("Rue de la Paix")));
    EXPECT_EQ(journal_->get_state("shop", "before")->value, "Jane in the clear");
    EXPECT_EQ(journal_->get_state("shop", "customer")->value, "Jane Doe, 5 Rue de la Paix");
    EXPECT_EQ(journal_->states("shop", "", "d", 10)->at(1).value, "Jane Doe, 5 Rue de la Paix");
    EXPECT_TRUE(journal_->check());
    reopen(sealed({'2'}));
    EXPECT_EQ(journal_->get_state("shop", "customer").error().failure, Failure::auth);
    EXPECT_EQ(journal_->states("shop", "", "d", 10).error().failure, Failure::auth);
    journal_.reset();
    sql(file(), "UPDATE state SET value = (SELECT value FROM state WHERE name = 'customer') WHERE name = 'other'");
    reopen(sealed({'k'}));
    EXPECT_EQ(journal_->get_state("shop", "other").error().failure, Failure::rejected) << "one is not another's";
    EXPECT_THAT(journal_->check().error().message, HasSubstr("the contents of state other of shop were changed"));
}

TEST_F(Keeping, SealedContentsCannotBePassedOffAsAnothers) {
    reopen(sealed({'k'}));
    const Seq a = append(event("a", "", "one")), b = append(event("b", "", "two"));
    journal_.reset();
    sql(file(), "UPDATE contents SET payload = (SELECT payload FROM contents WHERE seq = 1) WHERE seq = 2");
    reopen(sealed({'k'}));
    EXPECT_EQ(show(a).payload, "one");
    EXPECT_EQ(show(b).payload, "");
    EXPECT_THAT(show(b).contents_problem, HasSubstr("were changed since they were encrypted"));
}

TEST_F(Keeping, WhatCannotBeDecryptedIsADeadLetterAndHoldsUpNobody) {
    reopen(sealed({'k'}));
    const Seq a = append(event("a", "7", "one")), b = append(event("b", "8", "two")), c = append(event("c", "7"));
    EXPECT_TRUE(journal_->check());
    journal_.reset();
    sql(file(), "UPDATE contents SET payload = zeroblob(40) WHERE seq = 1");
    reopen(sealed({'k'}));
    EXPECT_THAT(journal_->check().error().message, HasSubstr("1 of what is encrypted cannot be read; the first: the "
                                                             "contents of event 1 were changed"));
    const auto claimed = journal_->claim({a, b}, {}, clock_.now_ms());
    ASSERT_TRUE(claimed) << claimed.error().message;
    ASSERT_EQ(claimed->size(), 1U);
    EXPECT_EQ(claimed->front().event.seq, b);
    const auto letter = show(a);
    EXPECT_EQ(letter.event.state, EventState::dead);
    EXPECT_TRUE(letter.event.holds_key);
    EXPECT_EQ(letter.event.outcome, "unreadable: the contents of event 1 were changed since they were encrypted");
    EXPECT_EQ(letter.attempts.at(0).verdict, "unreadable");
    // A person who has the payload from elsewhere can give it, and one who has not puts it aside.
    ASSERT_TRUE(journal_->edit(a, "one", "admin", "from the shop", clock_.now_ms()));
    ASSERT_TRUE(journal_->replay(a, "admin", clock_.now_ms()));
    EXPECT_EQ(claim(a).payload, "one");
    finish(a, dead(true));
    ASSERT_TRUE(journal_->discard(a, "admin", "gone", clock_.now_ms()));
    EXPECT_EQ(state(c), EventState::ready);
}

TEST_F(Keeping, ABackupIsAJournalAsOfOneMomentAndTakesNoFilesPlace) {
    const Seq a = append(event("a", "7", "payload"));
    claim(a);
    const auto copy = folder_.path() / "copy.db";
    ASSERT_TRUE(journal_->backup(copy)) << journal_->backup(copy).error().message;
    append(event("later"));
    const auto again = journal_->backup(copy);
    ASSERT_FALSE(again);
    EXPECT_THAT(again.error().message, HasSubstr("there is such a file already"));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path()), {}), 5)
        << "the journal with its log, index and lock, and the copy: nothing half made is left";
    const auto opened = open_sqlite_journal(copy, clock_);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ((*opened)->counts("").value().ready, 1);
    EXPECT_EQ((*opened)->show(a).value()->payload, "payload");
    EXPECT_TRUE((*opened)->show(a).value()->event.attempt_unknown) << "it was claimed when the copy was made";
    EXPECT_TRUE((*opened)->check());
    EXPECT_FALSE(journal_->backup(folder_.path() / "no such folder" / "copy.db"));
}

TEST_F(Keeping, ACheckFindsWhatTheTablesDoNotAgreeOn) {
    append(event("a", "7"));
    EXPECT_TRUE(journal_->check());
    journal_.reset();
    sql(file(), "UPDATE counts SET number = number + 1");
    reopen();
    EXPECT_THAT(journal_->check().error().message, HasSubstr("events are not those that were counted"));
}

TEST_F(Keeping, ACheckReadsThePayloadsThatOpeningPassesOver) {
    for (int i = 0; i < 50; ++i) append(event("e" + std::to_string(i), "", std::string(4'000, 'p')));
    journal_.reset();
    // A page of the payloads alone is damaged.
    auto bytes = read(file());
    const auto at = bytes.rfind(std::string(2'000, 'p'));
    ASSERT_NE(at, std::string::npos);
    const auto page = at / 4'096 * 4'096;
    bytes.replace(page, 16, std::string(16, '\xff'));
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << bytes;
    reopen();
    const auto checked = journal_->check();
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().failure, Failure::invalid);
    EXPECT_THAT(checked.error().message, HasSubstr("the file is damaged"));
}

TEST_F(Keeping, ACheckCanBeStopped) {
    std::vector<NewEvent> many;
    for (int i = 0; i < 2'000; ++i) many.push_back(event("e" + std::to_string(i)));
    ASSERT_TRUE(journal_->append(std::move(many)));
    std::stop_source stop;
    stop.request_stop();
    const auto checked = journal_->check(stop.get_token());
    ASSERT_FALSE(checked);
    EXPECT_EQ(checked.error().failure, Failure::cancelled);
    EXPECT_TRUE(journal_->check());
}

TEST_F(Keeping, OfWhatWasSaidOfAnEventTheFirstLineOutlivesItsContents) {
    const auto start_ms = clock_.now_ms();
    const Seq a = append(event("a"));
    claim(a);
    auto end = done();
    end.message = "shadow: would create 1 record\nname: Jane Doe";
    finish(a, end);
    clock_.advance(1'000);
    const Retention retention{.connector = "shop", .flow = "order", .contents_before_ms = start_ms + 1};
    ASSERT_EQ(journal_->erase(retention)->contents, 1);
    EXPECT_EQ(show(a).event.outcome, "shadow: would create 1 record");
    EXPECT_EQ(show(a).attempts.at(0).message, "shadow: would create 1 record");
}

TEST_F(Keeping, RetentionErasesContentsFirstAndEventsLater) {
    const auto start_ms = clock_.now_ms();
    const Seq a = ended("a", start_ms + 1'000), b = ended("b", start_ms + 2'000), c = ended("c", start_ms + 3'000);
    const Seq open = append(event("open"));
    const Seq letter = append(event("letter", "9"));
    claim(letter);
    finish(letter, dead(true));
    auto other = event("other");
    other.flow = "another";
    const Seq spared = append(other);
    claim(spared);
    finish(spared, done());

    Retention retention{.connector = "shop", .flow = "order", .limit = 1};
    retention.contents_before_ms = start_ms + 3'000;
    retention.events_before_ms = start_ms + 2'000;
    Erased total;
    for (bool more = true; more;) {
        const auto erased = journal_->erase(retention).value();
        total.contents += erased.contents;
        total.events += erased.events;
        retention.looked_up_to_ms = erased.looked_up_to_ms;
        retention.looked_up_to = erased.looked_up_to;
        more = erased.more;
    }
    EXPECT_EQ(total.events, 1);
    EXPECT_EQ(total.contents, 1);
    EXPECT_FALSE(journal_->show(a).value().has_value());
    EXPECT_TRUE(show(b).contents_erased);
    EXPECT_EQ(show(b).payload, "");
    EXPECT_FALSE(show(c).contents_erased);
    for (const Seq kept : {open, letter, spared}) EXPECT_EQ(show(kept).payload, "{}");
    EXPECT_FALSE(journal_->append({event("a")}).value().at(0).duplicate) << "its id is new again";
    EXPECT_TRUE(journal_->append({event("b")}).value().at(0).duplicate) << "the id is kept longer than the payload";
    EXPECT_TRUE(journal_->check()) << "counts go with it";
}

TEST_F(Keeping, ARevisionGoesWithTheEventThatAppliedIt) {
    const auto revision = [&] { return journal_->applied_revision("shop", "order", "7").value(); };
    const auto erase = [&] {
        ASSERT_TRUE(journal_->erase({.connector = "shop", .flow = "order", .events_before_ms = clock_.now_ms() + 1}));
    };
    const auto apply = [&](const std::string& id, const std::string& what) {
        const Seq seq = append(event(id, "7"));
        claim(seq);
        auto end = done();
        end.applied_revision = what;
        finish(seq, end);
    };
    apply("a", "5");
    const Seq old = append(event("old", "7"));
    erase();
    EXPECT_EQ(revision(), "5") << "one that waits may be older";
    claim(old);
    finish(old, dead(false));
    apply("b", "4");
    erase();
    EXPECT_EQ(revision(), "5") << "so may one that is replayed";
    ASSERT_TRUE(journal_->discard(old, "admin", "gone", clock_.now_ms()));
    erase();
    EXPECT_EQ(revision(), "");
    apply("c", "6");
    clock_.advance(1'000);
    const Seq later = append(event("later", "7"));
    claim(later);
    finish(later, done());
    ASSERT_TRUE(journal_->erase({.connector = "shop", .flow = "order", .events_before_ms = clock_.now_ms()}));
    EXPECT_EQ(revision(), "") << "it is kept as long as the event that applied it, not as the key";
}

}  // namespace
}  // namespace sluice::journal::testing
