// What a lane makes of events: statuses to verdicts, staleness, outages, cancel.

#include <gmock/gmock.h>

#include "tests/host/plugins/lane_fixture.hpp"

namespace sluice::host {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ScenarioLane : public LaneFixture {
protected:
    void SetUp() override {
        connector.config = {{"mode", "work"}, {"count", "3"}};
        connector.secrets.emplace("token", Secret("s3cret"));
        const auto started = start("scenario");
        ASSERT_TRUE(started) << started.error().message;
    }
};

const Error lost{.failure = Failure::unknown, .message = "odoo:8069 closed the connection", .disconnected = true};
const Error refused{.failure = Failure::retry, .message = "odoo:8069 refused the connection", .disconnected = true};

TEST_F(ScenarioLane, GivesTheConstructorTheKeysThatAreNoSecretsWithTheirTypes) {
    EXPECT_EQ(outcome(run("configuration")), R"({"count":3,"mode":"work"})");
}

TEST_F(ScenarioLane, LogsThroughTheHostsOwnLog) {
    ASSERT_EQ(log_lines.size(), 1U);
    EXPECT_THAT(log_lines[0], HasSubstr("level=debug message=made connector=shop plugin=scenario"));
}

TEST_F(ScenarioLane, HandsTheEventOver) {
    auto given = claim("event");
    given.event.revision = "2026-01-02T00:00:00Z";
    given.event.attempt_unknown = true;
    given.attempt = 3;
    EXPECT_EQ(outcome(handler->handle(given)),
              "evt-1|partner|9007199254740993|2026-01-02T00:00:00Z|9007199254740993|{\"X-A\":\"b\"}|3|unknown|5000");
}

TEST_F(ScenarioLane, AnEventOlderThanWhatIsAppliedIsDoneWithoutACall) {
    journal.applied["shop/partner/9007199254740993"] = "2026-01-02T00:00:00Z";
    auto late = claim("write");
    late.event.revision = "2026-01-01T00:00:00Z";
    const auto verdict = handler->handle(late);
    EXPECT_EQ(outcome(verdict),
              "stale: revision 2026-01-01T00:00:00Z is older than 2026-01-02T00:00:00Z, which is applied");
    EXPECT_EQ(verdict.applied_revision, "");
    EXPECT_TRUE(odoo.calls.empty());
}

TEST_F(ScenarioLane, TheSameRevisionAsAppliedIsHandledAgain) {
    journal.applied["shop/partner/9007199254740993"] = "2026-01-02T00:00:00Z";
    auto same = claim("write");
    same.event.revision = "2026-01-02T01:00:00+01:00";
    const auto verdict = handler->handle(same);
    EXPECT_EQ(outcome(verdict), "created res.partner 12");
    EXPECT_EQ(verdict.applied_revision, "2026-01-02T01:00:00+01:00");
}

TEST_F(ScenarioLane, AJournalThatCannotBeReadIsARetryAndNoCall) {
    journal.broken = true;
    auto given = claim("write");
    given.event.revision = "2026-01-02T00:00:00Z";
    EXPECT_EQ(error(handler->handle(given)).failure, Failure::retry);
    EXPECT_TRUE(odoo.calls.empty());
}

TEST_F(ScenarioLane, WhatTheConnectorThrowsBecomesTheVerdict) {
    const auto standard = error(run("throw-std"));
    EXPECT_EQ(standard.failure, Failure::retry);
    EXPECT_EQ(standard.message, "boom");
    EXPECT_EQ(error(run("throw-int")).failure, Failure::retry);
    EXPECT_THAT(error(run("throw-int")).message, HasSubstr("no std::exception"));
    const auto rate = error(run("throw-rate"));
    EXPECT_EQ(rate.failure, Failure::rate_limited);
    EXPECT_EQ(rate.retry_after_ms, 5'000);
    EXPECT_EQ(error(run("throw-auth")).failure, Failure::auth);
    EXPECT_EQ(error(run("throw-unheard-of")).failure, Failure::rejected) << "an unknown code is handled as its class";
}

TEST_F(ScenarioLane, ALostConnectionWithADeadOdooIsAnOutage) {
    odoo.answer(refused);
    odoo.probe_answers = false;
    const auto verdict = run("write");
    EXPECT_EQ(error(verdict).failure, Failure::retry);
    EXPECT_TRUE(error(verdict).disconnected);
    EXPECT_TRUE(verdict.outage);
    EXPECT_EQ(odoo.probes, 1);
}

TEST_F(ScenarioLane, ALostConnectionWithALivingOdooCountsAgainstTheEvent) {
    odoo.answer(lost);
    const auto verdict = run("write");
    EXPECT_EQ(error(verdict).failure, Failure::unknown);
    EXPECT_FALSE(verdict.outage);
    EXPECT_EQ(odoo.probes, 1);
}

TEST_F(ScenarioLane, AFailureThatIsNoLostConnectionAsksNobody) {
    odoo.answer(Error{.failure = Failure::retry, .message = "could not serialize access"});
    odoo.probe_answers = false;
    EXPECT_FALSE(run("write").outage);
    web.answer = fail(Failure::retry, "no");
    web.answer.error().disconnected = true;
    EXPECT_FALSE(run("http").outage) << "the shop's outage is not Odoo's";
    EXPECT_EQ(odoo.probes, 0);
}

TEST_F(ScenarioLane, TheVerdictSaysWhetherTheExternalSystemWasThere) {
    EXPECT_FALSE(run("write").external_answered) << "it was not called";
    EXPECT_TRUE(run("http-get").external_answered);
    web.answer = http::Response{.status = 404, .headers = {}, .body = "{}"};
    EXPECT_TRUE(run("http-get").external_answered) << "whatever it says";
    web.answer = fail(Failure::rate_limited, "no turn");
    EXPECT_FALSE(run("http-get").external_answered) << "nothing was sent";
    web.answer = fail(Failure::retry, "no answer");
    web.answer.error().disconnected = true;
    auto verdict = run("http-get");
    EXPECT_TRUE(verdict.external_answered) << "it answers the probe";
    EXPECT_FALSE(verdict.external_outage);
    web.probe_answers = false;
    verdict = run("http-get");
    EXPECT_FALSE(verdict.external_answered);
    EXPECT_TRUE(verdict.external_outage);
    web.answer = http::Response{.status = 503, .headers = {}, .body = "{}"};
    verdict = run("http-get");
    EXPECT_FALSE(verdict.external_answered) << "a proxy whose system is gone";
    EXPECT_TRUE(verdict.external_outage);
}

TEST_F(ScenarioLane, OneAddressThatDoesNotAnswerIsNoOutageOfAnAccountThatDoes) {
    connector.secrets.emplace("token", Secret("k"));
    Error gone{.failure = Failure::unknown, .message = "no answer"};
    gone.disconnected = true;
    web.probe_answers = false;
    web.answers_of.emplace("pictures.example.com", std::unexpected(gone));
    auto verdict = run("http-picture");
    EXPECT_EQ(error(verdict).failure, Failure::unknown) << "it counts";
    EXPECT_FALSE(verdict.external_outage) << "the account has just answered";
    EXPECT_TRUE(verdict.external_answered);
    EXPECT_EQ(web.probes, 0);

    web.answers_of.clear();
    web.answers_of.emplace("api.example.com", std::unexpected(gone));
    verdict = run("http-after-picture");
    EXPECT_TRUE(verdict.external_outage) << "another address that answers says nothing of the account";
}

TEST_F(ScenarioLane, ARefusedRecordIsADeadLetterWithOdoosWords) {
    odoo.answer(Error{.failure = Failure::rejected, .message = "Tag name already exists!"});
    const auto verdict = error(run("write"));
    EXPECT_EQ(verdict.failure, Failure::rejected);
    EXPECT_EQ(verdict.message, "Tag name already exists!");
}

TEST_F(ScenarioLane, CancelStopsCallsAndLaterEvents) {
    odoo.answers.emplace_back([this]() -> Result<std::string> {
        handler->cancel();  // while the first call is under way
        return "true";
    });
    const auto verdict = error(run("stopping"));
    EXPECT_EQ(verdict.failure, Failure::unknown) << "the first call was sent";
    EXPECT_EQ(odoo.calls.size(), 1U) << "the second is not sent";
    EXPECT_TRUE(odoo.cancelled);
    EXPECT_TRUE(web.cancelled);
    EXPECT_EQ(error(run("write")).failure, Failure::cancelled);
}

TEST_F(ScenarioLane, CancelledBeforeAnythingWasSentDecidesNothing) {
    odoo.answers.emplace_back([this]() -> Result<std::string> {
        handler->cancel();
        return fail(Failure::cancelled, "cancelled");
    });
    EXPECT_EQ(error(run("odoo")).failure, Failure::cancelled);
}

TEST_F(ScenarioLane, CancelledAfterAnEffectIsUnknown) {
    odoo.answer("true");
    odoo.answers.emplace_back([this]() -> Result<std::string> {
        handler->cancel();
        return fail(Failure::cancelled, "cancelled");
    });
    EXPECT_EQ(error(run("odoo-twice")).failure, Failure::unknown);
}

TEST_F(ScenarioLane, APluginThatSaysCancelledThoughNobodyStopsItHasFailed) {
    const auto verdict = error(run("throw-cancelled"));
    EXPECT_EQ(verdict.failure, Failure::retry) << "which counts";
    EXPECT_THAT(verdict.message, HasSubstr("answered CANCELLED, and nobody stops it: "));
    odoo.answer("true");
    odoo.answer(Error{.failure = Failure::cancelled, .message = "cancelled"});
    EXPECT_EQ(error(run("odoo-twice")).failure, Failure::unknown) << "something was sent";
}

TEST_F(ScenarioLane, CallsAfterTheDeadlineAreNotSent) {
    odoo.answers.emplace_back([this]() -> Result<std::string> {
        clock.advance(5 * odoo_total_ms);
        return "true";
    });
    const auto verdict = error(run("odoo-twice"));
    EXPECT_EQ(verdict.failure, Failure::retry);
    EXPECT_THAT(verdict.message, HasSubstr("deadline"));
    EXPECT_EQ(odoo.calls.size(), 1U);
}

TEST_F(ScenarioLane, AClockThatIsSetNeitherEndsADeliveryNorProlongsIt) {
    for (const std::int64_t step_ms : {7 * 86'400'000LL, -7 * 86'400'000LL}) {
        odoo.answers.emplace_back([this, step_ms]() -> Result<std::string> {
            clock.set_wall_by(step_ms);
            return "true";
        });
        odoo.answer("true");
        outcome(run("odoo-twice"));
    }
    odoo.answers.emplace_back([this]() -> Result<std::string> {
        clock.set_wall_by(-7 * 86'400'000LL);
        clock.advance(5 * odoo_total_ms);
        return "true";
    });
    EXPECT_THAT(error(run("odoo-twice")).message, HasSubstr("deadline"));
}

TEST_F(LaneFixture, AConstructorThatRefusesIsAnErrorThatNamesTheConnector) {
    connector.config = {{"mode", "refuse"}};
    const auto made = start("scenario");
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().failure, Failure::auth);
    EXPECT_THAT(made.error().message, StartsWith("plugin scenario refuses connector shop: mode is refuse"));
    connector.config = {{"mode", "throw"}};
    const auto thrown = start("scenario");
    ASSERT_FALSE(thrown);
    EXPECT_EQ(thrown.error().failure, Failure::retry);
    EXPECT_THAT(thrown.error().message, HasSubstr("mode is throw"));
}

TEST_F(LaneFixture, APluginInCWritesARecordAndItsStatusIsTheVerdict) {
    ASSERT_TRUE(start("pure_c"));
    auto good = claim("write");
    good.event.flow = "note";
    EXPECT_EQ(outcome(handler->handle(good)), "created res.partner 12");
    auto bad = claim("write", R"({"id":1})");
    const auto broken = error(handler->handle(bad));
    EXPECT_EQ(broken.failure, Failure::invalid);
    EXPECT_THAT(broken.message, HasSubstr("/name")) << "the host's message stands where the plugin explains nothing";
}

TEST_F(LaneFixture, StatusesAreReadByTheirClass) {
    ASSERT_TRUE(start("pure_c"));
    const std::pair<const char*, Failure> statuses[] = {
        {"100", Failure::retry},    {"101", Failure::unknown},  {"102", Failure::rate_limited},
        {"150", Failure::retry},    {"200", Failure::rejected}, {"201", Failure::invalid},
        {"299", Failure::rejected}, {"300", Failure::auth},     {"399", Failure::auth},
        {"400", Failure::retry},    {"7", Failure::rejected},   {"500", Failure::rejected},
        {"-3", Failure::rejected}};
    for (const auto& [status, failure] : statuses) EXPECT_EQ(error(run("status", status)).failure, failure) << status;
    EXPECT_THAT(error(run("status", "7")).message, HasSubstr("of no class"));
}

TEST_F(LaneFixture, ConfusedCallsAreAnsweredAndNotServed) {
    ASSERT_TRUE(start("pure_c"));
    EXPECT_EQ(outcome(run("abuse")), "200 200 200 200 200 201 200 201 200 200 200 200 200 200");
    EXPECT_TRUE(odoo.calls.empty());
}

TEST_F(LaneFixture, AForeignThreadMayAskToStopAndLogAndNothingElse) {
    ASSERT_TRUE(start("pure_c"));
    EXPECT_EQ(outcome(run("thread")), "200 0");
}

TEST_F(LaneFixture, ABatchGoesToThePluginInOneCallAndEachHasItsVerdict) {
    ASSERT_TRUE(start("pure_c"));
    const auto verdicts =
        handler->handle_batch({claim("status", "0"), claim("status", "200"), claim("forgotten"), claim("status", "0")});
    ASSERT_EQ(verdicts.size(), 4U);
    EXPECT_EQ(outcome(verdicts[0]), "1 of 4");
    EXPECT_EQ(error(verdicts[1]).failure, Failure::rejected);
    EXPECT_EQ(error(verdicts[1]).message, "2 of 4");
    EXPECT_EQ(error(verdicts[2]).failure, Failure::unknown) << "nobody knows what was done";
    EXPECT_EQ(outcome(verdicts[3]), "4 of 4");
}

TEST_F(LaneFixture, WhatIsStaleInABatchIsNotHandedOver) {
    ASSERT_TRUE(start("pure_c"));
    journal.applied["shop/partner/9007199254740993"] = "2026-01-02T00:00:00Z";
    auto late = claim("status", "0"), newer = claim("status", "0");
    late.event.revision = "2026-01-01T00:00:00Z";
    newer.event.revision = "2026-01-03T00:00:00Z";
    const auto verdicts = handler->handle_batch({late, newer});
    EXPECT_THAT(outcome(verdicts.at(0)), StartsWith("stale: "));
    EXPECT_EQ(outcome(verdicts.at(1)), "1 of 1");
    EXPECT_EQ(verdicts.at(1).applied_revision, "2026-01-03T00:00:00Z");
}

TEST_F(ScenarioLane, APluginWithoutBatchesGetsItsEventsOneByOne) {
    const auto verdicts = handler->handle_batch({claim("write"), claim("throw-std"), claim("configuration")});
    ASSERT_EQ(verdicts.size(), 3U);
    EXPECT_EQ(outcome(verdicts[0]), "created res.partner 12");
    EXPECT_EQ(error(verdicts[1]).message, "boom");
    EXPECT_THAT(outcome(verdicts[2]), HasSubstr("\"mode\""));
}

TEST_F(LaneFixture, AConnectorOfTheWrapperEndsEachOfABatchByItself) {
    ASSERT_TRUE(start("batches"));
    const auto verdicts = handler->handle_batch(
        {claim("write"), claim("boom"), claim("refused"), claim("refused-then-fine"), claim("fine")});
    ASSERT_EQ(verdicts.size(), 5U);
    EXPECT_EQ(outcome(verdicts[0]), "created res.partner 12");
    EXPECT_EQ(error(verdicts[1]).failure, Failure::retry);
    EXPECT_EQ(error(verdicts[1]).message, "boom");
    for (const auto at : {2U, 3U}) {
        EXPECT_EQ(error(verdicts[at]).failure, Failure::rejected);
        EXPECT_EQ(error(verdicts[at]).message, "the vendor does not want it");
    }
    EXPECT_EQ(outcome(verdicts[4]), "handled");
}

TEST_F(LaneFixture, AFailureThatLeavesABatchIsTheVerdictOfThoseThatHaveNone) {
    ASSERT_TRUE(start("batches"));
    const auto verdicts = handler->handle_batch({claim("refused"), claim("throttled"), claim("fine")});
    EXPECT_EQ(error(verdicts.at(0)).failure, Failure::rejected);
    for (const auto at : {1U, 2U}) {
        EXPECT_EQ(error(verdicts.at(at)).failure, Failure::rate_limited);
        EXPECT_EQ(error(verdicts.at(at)).retry_after_ms, 5'000);
    }
    EXPECT_EQ(error(handler->handle_batch({claim("odd")}).at(0)).failure, Failure::retry);
}

TEST_F(LaneFixture, ABatchIsWrittenTogetherAndEachRecordIsItsDeliverysOwn) {
    ASSERT_TRUE(start("batches"));
    const auto verdicts = handler->handle_batch(
        {claim("together"), claim("together", R"({"id":2})"), claim("together", R"({"id":3,"name":"Bo"})")});
    EXPECT_EQ(outcome(verdicts.at(0)), "created res.partner 12");
    EXPECT_EQ(error(verdicts.at(1)).failure, Failure::invalid);
    EXPECT_THAT(error(verdicts.at(1)).message, HasSubstr("/name"));
    EXPECT_EQ(outcome(verdicts.at(2)), "created res.partner 12");
    EXPECT_EQ(odoo.written, (std::vector<std::string>{"partner_9007199254740993", "partner_3"}));
    for (const auto at : {0U, 2U})
        ASSERT_EQ(verdicts.at(at).state.size(), 1U) << "the id is remembered with its own end";
    EXPECT_THAT(verdicts.at(2).state.front().name, HasSubstr("partner_3"));
}

TEST_F(LaneFixture, AConnectionLostInABatchIsLostForEachOfIt) {
    ASSERT_TRUE(start("batches"));
    odoo.answer(Error{.failure = Failure::retry, .message = "gone", .disconnected = true});
    odoo.probe_answers = false;
    const auto verdicts = handler->handle_batch({claim("together"), claim("together", R"({"id":3,"name":"Bo"})")});
    for (const auto& verdict : verdicts) {
        EXPECT_EQ(error(verdict).failure, Failure::retry);
        EXPECT_TRUE(verdict.outage) << "Odoo is away, which counts no attempt of any of them";
    }
    EXPECT_EQ(odoo.calls.size(), 1U);
}

TEST_F(LaneFixture, AReasonThatIsNoTextIsMadePrintable) {
    ASSERT_TRUE(start("pure_c"));
    EXPECT_EQ(error(run("bad-text")).message, "ok ?? \n");
}

TEST_F(LaneFixture, AnExceptionOutOfThePluginIsAnUnknownOutcome) {
    ASSERT_TRUE(start("throws_across"));
    for (const auto* topic : {"standard", "int"}) {
        const auto verdict = error(run(topic));
        EXPECT_EQ(verdict.failure, Failure::unknown) << topic;
        EXPECT_THAT(verdict.message, HasSubstr("UNWIND"));
    }
}

}  // namespace
}  // namespace sluice::host
