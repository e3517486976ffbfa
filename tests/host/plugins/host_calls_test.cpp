// What each host call of the ABI does, seen through the C++ wrapper.

#include <gmock/gmock.h>

#include <set>

#include "tests/host/plugins/lane_fixture.hpp"

namespace sluice::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

class HostCalls : public LaneFixture {
protected:
    void SetUp() override {
        connector.config = {{"mode", "work"}, {"count", "3"}};
        connector.secrets.emplace("token", Secret("s3cret"));
        const auto started = start("scenario");
        ASSERT_TRUE(started) << started.error().message;
    }
};

TEST_F(HostCalls, WriteRecordMapsAndWritesByIdentityAndRemembersTheId) {
    const auto verdict = run("write");
    EXPECT_EQ(outcome(verdict), "created res.partner 12");
    EXPECT_THAT(odoo.written, ElementsAre("partner_9007199254740993"));
    ASSERT_EQ(verdict.state.size(), 1U);
    EXPECT_EQ(verdict.state[0].name, "id/partner_9007199254740993");
    EXPECT_EQ(verdict.state[0].value, "12");
    EXPECT_EQ(verdict.state[0].expected_version, journal::StatePut::any_version);
}

TEST_F(HostCalls, WhatIsRememberedIsNotPutAgain) {
    journal.state["id/partner_9007199254740993"] = {.value = "12", .version = 4};
    const auto verdict = run("write");
    EXPECT_EQ(outcome(verdict), "unchanged res.partner 12");
    EXPECT_TRUE(verdict.state.empty());
}

TEST_F(HostCalls, ABrokenDocumentIsInvalidWithEveryRuleAndNothingIsSent) {
    const auto broken = error(run("write", R"({"id":1})"));
    EXPECT_EQ(broken.failure, Failure::invalid);
    EXPECT_THAT(broken.message, HasSubstr("/name"));
    EXPECT_THAT(broken.message, HasSubstr("/email"));
    EXPECT_TRUE(odoo.calls.empty());
    EXPECT_EQ(error(run("write", "{\"id\":")).failure, Failure::invalid);
}

TEST_F(HostCalls, OfSeveralDocumentsABadOneDoesNotStopTheOthers) {
    const auto said = outcome(run("write-three"));
    EXPECT_THAT(
        said,
        HasSubstr(
            R"([{"code":0,"what":"created","model":"res.partner","id":12,"detail":"created res.partner 12"},{"code":201,"message":)"));
    EXPECT_THAT(said, HasSubstr(R"(},{"code":0,"what":"unchanged")"));
    EXPECT_THAT(said, HasSubstr("document 2 of 3: "));
    EXPECT_EQ(odoo.written.size(), 2U);
}

TEST_F(HostCalls, OfSeveralDocumentsALostConnectionStopsTheOthers) {
    odoo.answer(Error{.failure = Failure::unknown, .message = "gone", .disconnected = true});
    EXPECT_EQ(error(run("write-three")).failure, Failure::unknown);
    EXPECT_EQ(odoo.calls.size(), 1U);
}

TEST_F(HostCalls, MapGivesTheRecordAndSendsNothing) {
    const auto record = outcome(run("map"));
    EXPECT_THAT(record, HasSubstr("partner_9007199254740993"));
    EXPECT_THAT(record, HasSubstr("ada@example.com"));
    EXPECT_TRUE(odoo.calls.empty());
    EXPECT_THAT(error(run("map-unmapped")).message, HasSubstr("[flow.note.record]"));
    EXPECT_THAT(error(run("map-unknown")).message, HasSubstr("did you mean `partner`?"));
}

TEST_F(HostCalls, MapGivesTheDocumentOfAFlowThatHasOne) {
    EXPECT_THAT(outcome(run("map-outward")), testing::StartsWith(R"({"person":{"email":"ada@example.com","id":)"));
    EXPECT_THAT(error(run("map-outward", R"({"id":1})")).message, HasSubstr("/email: required, and absent"));
    EXPECT_TRUE(odoo.calls.empty());
}

TEST_F(HostCalls, OdooTakesNamedArguments) {
    odoo.answer("[9007199254740993, 1.10]");
    EXPECT_EQ(outcome(run("odoo", R"({"ids":[9007199254740993],"vals":{"amount":1.10}})")), "[9007199254740993, 1.10]");
    ASSERT_EQ(odoo.calls.size(), 1U);
    EXPECT_EQ(odoo.calls[0].model, "res.partner");
    EXPECT_EQ(odoo.calls[0].method, "write");
    EXPECT_EQ(odoo.calls[0].args, "[[9007199254740993]]");
    EXPECT_EQ(odoo.calls[0].kwargs, R"({"vals":{"amount":1.10}})");
    EXPECT_EQ(error(run("odoo", "[1]")).failure, Failure::invalid);
}

TEST_F(HostCalls, HttpAppliesTheCredentialTheConnectorOnlyNames) {
    web.answer = http::Response{.status = 201, .headers = {{"X-Id", "7"}, {"x-id", "8"}}, .body = R"({"id":1})"};
    EXPECT_EQ(outcome(run("http", "{}")), R"(201 {"x-id":"7, 8"} {"id":1})");
    ASSERT_EQ(web.requests.size(), 1U);
    const auto& [endpoint, request] = web.requests[0];
    EXPECT_TRUE(endpoint.tls);
    EXPECT_EQ(endpoint.host, "api.example.com");
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/parcels?key=hidden");
    EXPECT_EQ(request.body, "{}");
    EXPECT_THAT(request.headers, ElementsAre(Pair("Content-Type", "application/json"), Pair("X-Step", "book \"1\""),
                                             Pair("X-Token", "Token s3cret")));
    EXPECT_EQ(request.timeouts.total_ms, 700);
    EXPECT_FALSE(request.idempotent);
}

TEST_F(HostCalls, AnHttpCallEndsWithTheDeadline) {
    ASSERT_FALSE(run("http-get").error);
    ASSERT_EQ(web.requests.size(), 1U);
    EXPECT_EQ(web.requests[0].second.timeouts.total_ms, 5 * odoo_total_ms) << "less than the default of 30 s";
    EXPECT_EQ(web.requests[0].second.target, "/");
    EXPECT_TRUE(web.requests[0].second.idempotent);
}

TEST_F(HostCalls, ACredentialNeverLeavesInTheClearNorUnderAWrongName) {
    EXPECT_EQ(error(run("http-plain")).failure, Failure::rejected);
    EXPECT_THAT(error(run("http-credential")).message, HasSubstr("did you mean `courier`?"));
    connector.secrets.clear();
    EXPECT_EQ(error(run("http")).failure, Failure::auth);
    EXPECT_TRUE(web.requests.empty());
}

TEST_F(HostCalls, AnswersBecomeFailuresThatHideTheQuery) {
    web.answer = http::Response{.status = 429, .headers = {{"retry-after", "7"}}, .body = "slow"};
    const auto limited = error(run("http"));
    EXPECT_EQ(limited.failure, Failure::rate_limited);
    EXPECT_EQ(limited.retry_after_ms, 7'000);
    EXPECT_EQ(limited.message, "POST https://api.example.com/parcels answered 429");
    web.answer = http::Response{.status = 503, .headers = {}, .body = ""};
    EXPECT_EQ(error(run("http")).failure, Failure::unknown);
    EXPECT_EQ(error(run("http-get")).failure, Failure::retry);
    web.answer = http::Response{.status = 422, .headers = {}, .body = "no such street"};
    EXPECT_EQ(outcome(run("http-caught")), "200 422 no such street");
}

TEST_F(HostCalls, AnEffectKeyIsTheSameOnEveryAttemptAndAnotherForEveryRevision) {
    auto first = claim("effect-key"), again = claim("effect-key"), newer = claim("effect-key");
    first.event.revision = again.event.revision = "1";
    newer.event.revision = "2";
    again.attempt = 5;
    again.event.event_id = "evt-2";  // another delivery of the same revision of the same record
    const auto key = outcome(handler->handle(first));
    EXPECT_EQ(key.size(), 64U + 1 + 20);
    EXPECT_EQ(outcome(handler->handle(again)), key);
    EXPECT_NE(outcome(handler->handle(newer)), key);
    EXPECT_NE(key.substr(0, 20), key.substr(65)) << "another step, another key";
    EXPECT_EQ(error(run("effect-key-short")).failure, Failure::rejected);
}

TEST_F(HostCalls, WithoutARevisionAnEffectKeyBelongsToTheEvent) {
    auto other = claim("effect-key");
    other.event.event_id = "evt-2";
    const auto key = outcome(run("effect-key"));
    EXPECT_EQ(outcome(run("effect-key")), key);
    EXPECT_NE(outcome(handler->handle(other)), key);
}

TEST_F(HostCalls, StateSeesItsOwnPutsAndCommitsWithTheVersionRead) {
    journal.state["cursor"] = {.value = "a", .version = 6};
    const auto verdict = run("state", "b");
    EXPECT_EQ(outcome(verdict), "a -> b");
    ASSERT_EQ(verdict.state.size(), 1U);
    EXPECT_EQ(verdict.state[0].name, "cursor");
    EXPECT_EQ(verdict.state[0].value, "b");
    EXPECT_EQ(verdict.state[0].expected_version, 6);
}

TEST_F(HostCalls, AFailedDeliveryPutsAndEmitsNothing) {
    const auto verdict = run("state-then-fail", "b");
    EXPECT_EQ(error(verdict).message, "not yet");
    EXPECT_TRUE(verdict.state.empty());
}

TEST_F(HostCalls, TheHostsOwnStateIsNotThePlugins) {
    const auto refused = error(run("state-reserved"));
    EXPECT_EQ(refused.failure, Failure::rejected);
    EXPECT_THAT(refused.message, HasSubstr("\"id/\"")) << "the host's reason, not the wrapper's";
}

TEST_F(HostCalls, AnEmittedEventHasAnIdDerivedFromThisOne) {
    const auto verdict = run("emit", R"({"id":1})");
    ASSERT_FALSE(verdict.error);
    ASSERT_EQ(verdict.emitted.size(), 1U);
    const auto& event = verdict.emitted[0];
    EXPECT_EQ(event.connector, "shop");
    EXPECT_EQ(event.event_id, "evt-1/note");
    EXPECT_EQ(event.flow, "note");
    EXPECT_EQ(event.order, "notes") << "the contract's, not the flow's name";
    EXPECT_EQ(event.ordering_key, "k1");
    EXPECT_EQ(event.topic, "made");
    EXPECT_EQ(event.payload, R"({"id":1})");
    EXPECT_EQ(event.headers, "{}");
    EXPECT_EQ(event.occurred_at_ms, clock.now_ms());
    EXPECT_THAT(error(run("emit-twice")).message, HasSubstr("already"));
    EXPECT_EQ(error(run("emit-no-json")).failure, Failure::invalid);
}

TEST_F(HostCalls, APageIsHandedOverOnlyWhereOneIsAskedForAndIsAnArray) {
    EXPECT_FALSE(run(SLUICE_RECONCILE, R"({"documents":[{"id":1},{"id":1.50}]})").error);
    EXPECT_THAT(error(run(SLUICE_RECONCILE, R"({"documents":{}})")).message, HasSubstr("no array at `/documents`"));
    EXPECT_EQ(error(run(SLUICE_RECONCILE, "{")).failure, Failure::invalid);
    std::string many = R"({"documents":[0)";
    for (int i = 0; i < 1'000; ++i) many += ",0";
    EXPECT_THAT(error(run(SLUICE_RECONCILE, many + "]}")).message,
                HasSubstr("at most 1000 documents, and this one 1001"));
    const auto unasked = error(run("list-unasked"));
    EXPECT_EQ(unasked.failure, Failure::rejected);
    EXPECT_THAT(unasked.message, HasSubstr("asks for no page"));
}

TEST_F(HostCalls, AnEmittedEventThatTheJournalWouldRefuseIsRefusedAtOnce) {
    const auto verdict = run("emit-keyed", "\"" + std::string(journal::max_event_text_bytes, 'k') + "\"");
    EXPECT_EQ(error(verdict).failure, Failure::rejected);
    EXPECT_THAT(error(verdict).message, HasSubstr("more than 65536"));
    EXPECT_TRUE(verdict.emitted.empty());
}

TEST_F(HostCalls, TheIdsOfAChainOfEventsDoNotGrowForEver) {
    auto given = claim("emit", R"({"id":1})");
    std::set<std::string> ids;
    for (int hop = 0; hop < 1'000; ++hop) {
        const auto verdict = handler->handle(given);
        ASSERT_EQ(verdict.emitted.size(), 1U);
        given.event.event_id = verdict.emitted[0].event_id;
        EXPECT_TRUE(ids.insert(given.event.event_id).second);
        ASSERT_LE(given.event.event_id.size(), 1'200U);
        EXPECT_EQ(handler->handle(given).emitted.at(0).event_id, handler->handle(given).emitted.at(0).event_id)
            << "the same on every attempt";
    }
}

TEST_F(HostCalls, AnEmittedEventIsCoalescedWhereItsFlowSaysSo) {
    EXPECT_FALSE(run("emit", R"({"id":1})").emitted.at(0).coalesce);
    auto plugin = std::make_shared<Plugin>(*connector.plugin);
    plugin->contract.flows.at("note").coalesce_latest = true;
    connector.plugin = plugin;
    EXPECT_TRUE(run("emit", R"({"id":1})").emitted.at(0).coalesce);
}

TEST_F(HostCalls, NoMessageHoldsASecret) {
    web.answer = fail(Failure::retry, "api.example.com:443: refused");
    for (const auto* topic : {"http", "http-plain", "http-credential", "configuration"}) {
        const auto verdict = run(topic);
        EXPECT_THAT(verdict.error ? verdict.error->message : verdict.outcome, Not(HasSubstr("s3cret"))) << topic;
    }
}

}  // namespace
}  // namespace sluice::host
