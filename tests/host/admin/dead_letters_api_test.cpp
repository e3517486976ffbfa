// What people decide about dead letters through the admin API.

#include "host/admin/dead_letters_api.hpp"
#include "core/journal/sqlite/database.hpp"
#include "tests/core/journal/forwarding_journal.hpp"
#include "tests/host/admin/admin_fixture.hpp"

namespace sluice::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class DeadLetters : public AdminFixture {
protected:
    http::Response post(std::int64_t seq, const std::string& action, const std::string& body = "") {
        return ask("POST", "/v0/dead-letters/" + std::to_string(seq) + "/" + action, body);
    }
    std::string error(const http::Response& response) {
        EXPECT_NE(response.status, 200) << response.body;
        const auto document = parsed(response);
        const auto message = document.root().find("error");
        return message ? std::string(message->text()) : "";
    }
};

TEST_F(DeadLetters, ReplayMakesADeadLetterReadyAndWakesItsConnector) {
    const auto number = journal::Seq{append("a", "{}")};
    ASSERT_EQ(journal->claim({number}, {}, 0)->size(), 1U);
    journal::Finish rejected;
    rejected.kind = journal::Finish::Kind::dead_letter;
    rejected.verdict = "rejected";
    ASSERT_TRUE(journal->finish({.seq = number, .token = 1}, rejected, 0));
    const auto seq = std::to_string(journal::to_int(number));
    EXPECT_EQ(ask("POST", "/v0/dead-letters/" + seq + "/replay").status, 200);
    EXPECT_THAT(notified, ElementsAre("shop"));
    const auto document = parsed(ask("GET", "/v0/events/" + seq));
    EXPECT_EQ(document.root().find("state")->text(), "ready");
    EXPECT_THAT(std::string(document.root().find("notes")->raw()), HasSubstr("by admin"));
    EXPECT_EQ(ask("POST", "/v0/dead-letters/" + seq + "/replay").status, 409);
}

TEST_F(DeadLetters, WhatCannotBeReadIsNotReplayedAndSaysWhatToDo) {
    const auto seq = std::to_string(append("a", "{}", "no JSON"));
    const auto refused = ask("POST", "/v0/dead-letters/" + seq + "/replay");
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, HasSubstr("cannot be delivered: no JSON; discard it"));
    EXPECT_TRUE(notified.empty());
}

TEST_F(DeadLetters, WhatCannotBeDecryptedIsShownWithoutItsContentsAndCanBeDiscarded) {
    const auto letter = dead_letter("a", "secret"), waiting = append("b", "secret"), readable = append("c", "{}");
    auto database = journal::sqlite::Database::open(folder / "journal.db");
    ASSERT_TRUE(database && database->run("UPDATE contents SET sealed = 12345 WHERE seq < ?1", readable));
    for (const auto seq : {letter, waiting}) {
        const auto shown = ask("GET", "/v0/events/" + std::to_string(seq));
        EXPECT_EQ(shown.status, 200) << shown.body;
        EXPECT_THAT(shown.body, HasSubstr("are encrypted with a key (id 3039) that is not given"));
        EXPECT_THAT(shown.body, Not(HasSubstr("secret")));
        EXPECT_EQ(post(seq, "discard", R"({"reason":"the key is lost"})").status, 200);
        EXPECT_EQ(event(seq).event.state, journal::EventState::discarded);
    }
    EXPECT_EQ(post(readable, "discard", R"({"reason":"a mistake"})").status, 409);
}

TEST_F(DeadLetters, DiscardNeedsAReasonAndKeepsIt) {
    const auto seq = std::to_string(append("a", "{}", "no JSON"));
    for (const auto* body : {"", "{}", R"({"reason":""})", R"({"reason":5})"}) {
        EXPECT_EQ(ask("POST", "/v0/dead-letters/" + seq + "/discard", body).status, 400) << body;
    }
    EXPECT_EQ(ask("POST", "/v0/dead-letters/" + seq + "/discard", R"({"reason":"a test order"})").status, 200);
    const auto document = parsed(ask("GET", "/v0/events/" + seq));
    EXPECT_EQ(document.root().find("state")->text(), "discarded");
    EXPECT_THAT(std::string(document.root().find("notes")->raw()), HasSubstr("a test order"));
    EXPECT_THAT(seqs(ask("GET", "/v0/dead-letters")), ElementsAre());
    EXPECT_THAT(seqs(ask("GET", "/v0/dead-letters?state=discarded")), ElementsAre(seq));
}

TEST_F(DeadLetters, ManyOfOneCauseAreOneLine) {
    const auto first = dead_letter("a", "{}", "no product with SKU 'A-1'");
    clock.advance(1'000);
    dead_letter("b", "{}", "no product with SKU 'B-2'");
    dead_letter("c", "{}", "the currency is unknown");
    const auto document = parsed(ask("GET", "/v0/dead-letters/groups"));
    const auto groups = *document.root().find("groups");
    ASSERT_EQ(groups.size(), 2U);
    const auto group = groups.at(0);
    EXPECT_EQ(group.find("count")->text(), "2");
    EXPECT_EQ(group.find("holding")->text(), "2");
    EXPECT_EQ(group.find("class")->text(), "rejected");
    EXPECT_EQ(group.find("message")->text(), "no product with SKU 'A-1'");
    EXPECT_EQ(group.find("first")->text(), std::to_string(first));
    EXPECT_EQ(group.find("flow")->text(), "order");
    EXPECT_EQ(*group.find("last_at_ms")->as_int64() - *group.find("first_at_ms")->as_int64(), 1'000);
    const auto fingerprint = std::string(group.find("fingerprint")->text());
    EXPECT_EQ(parsed(ask("GET", "/v0/dead-letters?fingerprint=" + fingerprint)).root().find("events")->size(), 2U);
    EXPECT_EQ(parsed(ask("GET", "/v0/dead-letters/groups?flow=stock")).root().find("groups")->size(), 0U);
}

TEST_F(DeadLetters, OneCauseIsReplayedInSteps) {
    const auto a = dead_letter("a"), b = dead_letter("b"), c = dead_letter("c");
    const auto other = dead_letter("other", "{}", "the currency is unknown");
    const auto cause = R"("fingerprint":")" + event(a).event.fingerprint + R"(")";
    EXPECT_EQ(ask("POST", "/v0/dead-letters/replay", "{" + cause + R"(,"limit":2})").body,
              fmt::format(R"({{"replayed":[{},{}],"passed_over":0,"next":{}}})", a, b, b));
    EXPECT_THAT(notified, ElementsAre("shop"));
    EXPECT_EQ(ask("POST", "/v0/dead-letters/replay", "{" + cause + fmt::format(R"(,"limit":2,"after":{}}})", b)).body,
              fmt::format(R"({{"replayed":[{}],"passed_over":0,"next":null}})", c));
    EXPECT_EQ(event(other).event.state, journal::EventState::dead);
    EXPECT_THAT(journal::to_string(event(a).notes.at(0)), HasSubstr("replayed by admin"));
}

TEST_F(DeadLetters, ACauseThatIsSeveralGroupsIsNotTouchedUntilItIsSaidWhich) {
    const std::string sku = "no product with SKU 'A-1'";
    const auto order = dead_letter("a"), another = dead_letter("b"), refund = dead_letter("c", "{}", sku, "refund");
    EXPECT_EQ(event(order).event.fingerprint, event(refund).event.fingerprint);
    const auto cause = R"("reason":"x","fingerprint":")" + event(order).event.fingerprint + R"(")";
    for (const auto& which : {cause, cause + R"(,"connector":"shop")", cause + R"(,"all":true)"}) {
        const auto refused = ask("POST", "/v0/dead-letters/discard", "{" + which + "}");
        EXPECT_EQ(refused.status, 409);
        EXPECT_THAT(error(refused), HasSubstr("2 groups (2 of connector `shop`, flow `order`; 1 of connector `shop`, "
                                              "flow `refund`): say which by `connector` and `flow`"));
    }
    EXPECT_EQ(ask("POST", "/v0/dead-letters/replay", "{" + cause.substr(cause.find(',') + 1) + "}").status, 409);
    EXPECT_EQ(journal->counts("shop")->dead, 3);
    EXPECT_EQ(ask("POST", "/v0/dead-letters/discard", "{" + cause + R"(,"flow":"order"})").body,
              fmt::format(R"({{"discarded":[{},{}],"passed_over":0,"next":null}})", order, another));
    EXPECT_EQ(event(refund).event.state, journal::EventState::dead);
}

TEST_F(DeadLetters, AStepPassesOverWhatCannotBeDelivered) {
    const auto never = append("never", "{}", "no JSON");
    const auto a = dead_letter("a");
    EXPECT_EQ(ask("POST", "/v0/dead-letters/replay", R"({"all":true,"limit":1})").body,
              fmt::format(R"({{"replayed":[],"passed_over":1,"next":{}}})", never));
    EXPECT_EQ(ask("POST", "/v0/dead-letters/replay", R"({"connector":"shop","flow":"order"})").body,
              fmt::format(R"({{"replayed":[{}],"passed_over":1,"next":null}})", a));
}

TEST_F(DeadLetters, WhatIsPassedOverIsCountedOnceOverAllSteps) {
    const auto a = dead_letter("a");
    append("never", "{}", "no JSON");
    append("nor this", "{}", "no JSON");
    const auto b = dead_letter("b");
    EXPECT_EQ(ask("POST", "/v0/dead-letters/replay", R"({"all":true,"limit":3})").body,
              fmt::format(R"({{"replayed":[{}],"passed_over":0,"next":{}}})", a, a));
    EXPECT_EQ(ask("POST", "/v0/dead-letters/replay", fmt::format(R"({{"all":true,"limit":3,"after":{}}})", a)).body,
              fmt::format(R"({{"replayed":[{}],"passed_over":2,"next":{}}})", b, b));
}

TEST_F(DeadLetters, WhichOnesAreMeantMustBeSaid) {
    dead_letter("a");
    for (const std::string path : {"/v0/dead-letters/replay", "/v0/dead-letters/discard"}) {
        EXPECT_THAT(error(ask("POST", path, "{}")), HasSubstr("say which"));
        EXPECT_THAT(error(ask("POST", path, R"({"all":true,"limit":1001})")), HasSubstr("from 1 to 1000"));
        EXPECT_EQ(ask("GET", path).status, 405);
    }
    EXPECT_THAT(error(ask("POST", "/v0/dead-letters/replay", R"({"all":true,"flows":"order"})")),
                HasSubstr("unknown member `flows`; did you mean `flow`?"));
    EXPECT_EQ(journal->counts("shop")->dead, 1);
}

TEST_F(DeadLetters, ManyAreDiscardedWithOneReason) {
    const auto a = dead_letter("a"), b = dead_letter("b");
    EXPECT_EQ(error(ask("POST", "/v0/dead-letters/discard", R"({"all":true})")),
              "a discard needs a reason; send {\"reason\":\"TEXT\"}");
    EXPECT_EQ(ask("POST", "/v0/dead-letters/discard", R"({"all":true,"reason":"test orders"})").body,
              fmt::format(R"({{"discarded":[{},{}],"passed_over":0,"next":null}})", a, b));
    EXPECT_THAT(journal::to_string(event(b).notes.at(0)), HasSubstr("discarded by admin: test orders"));
}

TEST_F(DeadLetters, AnEditChangesOneValueAndNoOtherByte) {
    const std::string came =
        "{ \"id\":820982911946154508 ,\"lines\":[{\"sku\":\"A-l\", \"price\":1.50}],\"\\u00e9\":null}";
    const auto seq = dead_letter("a", came);
    const auto answer = post(seq, "edit", R"({"reason":"a typo","set":[{"pointer":"/lines/0/sku","value":"A-1"}]})");
    EXPECT_EQ(answer.body, fmt::format(R"({{"seq":{},"done":"edited"}})", seq));
    auto right = came;
    right.replace(right.find("A-l"), 3, "A-1");
    EXPECT_EQ(event(seq).delivered_payload(), right);
    EXPECT_EQ(event(seq).payload, came);
    EXPECT_EQ(event(seq).event.state, journal::EventState::dead);

    const auto again = post(seq, "edit", R"({"reason":"more","set":[{"pointer":"/id","value":820982911946154509},
        {"pointer":"/lines/0/price","value":1.5e1}],"remove":["/\u00e9"],"replay":true})");
    EXPECT_EQ(again.body, fmt::format(R"({{"seq":{},"done":"edited and replayed"}})", seq));
    EXPECT_EQ(event(seq).delivered_payload(),
              "{ \"id\":820982911946154509 ,\"lines\":[{\"sku\":\"A-1\", \"price\":1.5e1}]}");
    EXPECT_EQ(event(seq).event.state, journal::EventState::ready);
    EXPECT_THAT(notified, ElementsAre("shop"));
    const auto shown = parsed(ask("GET", "/v0/events/" + std::to_string(seq)));
    EXPECT_EQ(shown.root().find("payload")->text(), came) << "what came";
    EXPECT_EQ(shown.root().at_pointer("/edits/0/payload")->text(), right);
    EXPECT_EQ(shown.root().at_pointer("/edits/1/reason")->text(), "more");
}

/// A disk that is full by the time of the replay.
class NoReplay final : public journal::testing::ForwardingJournal {
public:
    using ForwardingJournal::ForwardingJournal;
    Result<void> replay(journal::Seq, const std::string&, std::int64_t) override {
        return fail(Failure::retry, "the disk is full");
    }
};

TEST_F(DeadLetters, AnEditWhoseReplayFailsStandsAndSaysSo) {
    const auto seq = dead_letter("a", R"({"a":1})");
    NoReplay full(*journal);
    const AdminHooks hooks;
    DeadLettersApi dead_letters(full, clock, hooks);
    http::ServerRequest request;
    request.body = R"({"reason":"x","set":[{"pointer":"/a","value":2}],"replay":true})";
    const auto answer = dead_letters.edit(seq, request);
    EXPECT_EQ(answer.status, 503);
    EXPECT_THAT(error(answer), "the edit stands, and it is not replayed: the disk is full");
    EXPECT_EQ(event(seq).delivered_payload(), R"({"a":2})");
}

TEST_F(DeadLetters, AnEditMayGiveAWholePayload) {
    const auto seq = dead_letter("a", "{\"a\":1}");
    EXPECT_EQ(post(seq, "edit", R"({"reason":"x","payload":" {\"a\" : 2.0}\n"})").status, 200);
    EXPECT_EQ(event(seq).delivered_payload(), " {\"a\" : 2.0}\n");
    EXPECT_THAT(error(post(seq, "edit", R"({"reason":"x","payload":"{"})")), HasSubstr("not valid JSON"));
}

TEST_F(DeadLetters, AnEditThatCannotBeIsRefusedWithWhatWouldBeRight) {
    const auto seq = dead_letter("a", R"({"lines":[{"sku":"A-l"}]})");
    for (const auto& [body, message] : std::initializer_list<std::pair<std::string, std::string>>{
             {R"({"set":[{"pointer":"/a","value":1}]})", "an edit needs a reason"},
             {R"({"reason":"x"})", "say what to change"},
             {R"({"reason":"x","set":[{"pointer":"/lines/1/sku","value":1}]})",
              "there is nothing at /lines/1/sku: /lines is an array of 1"},
             {R"({"reason":"x","set":[{"pointer":"/lines"}]})", "each of `set` is"},
             {R"({"reason":"x","set":[],"payload":"{}","remove":["/lines"]})", "`payload` goes with neither"},
             {R"({"reason":"x","set":[{"pointer":"/lines/0/sku","value":"A-l"}]})", "this changes nothing"}}) {
        EXPECT_THAT(error(post(seq, "edit", body)), HasSubstr(message)) << body;
    }
    EXPECT_THAT(event(seq).edits, IsEmpty());
    const auto live = append("live", "{}");
    EXPECT_EQ(post(live, "edit", R"({"reason":"x","set":[{"pointer":"/a","value":1}]})").status, 409);
}

}  // namespace
}  // namespace sluice::host
