// The real plugin's delivery of an event, without a consequence.

#include "host/plugins/dry_run.hpp"

#include <gmock/gmock.h>

#include "core/odoo/external_id.hpp"
#include "tests/host/plugins/answering_odoo.hpp"
#include "tests/host/plugins/lane_fixture.hpp"

namespace sluice::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class DryRunTest : public LaneFixture {
protected:
    void SetUp() override {
        connector.config = {{"mode", "work"}, {"count", "3"}};
        connector.secrets.emplace("token", Secret("s3cret"));
        auto loaded = load_plugin(std::string(SLUICE_TEST_PLUGINS) + "/scenario.so");
        ASSERT_TRUE(loaded) << loaded.error().message;
        connector.name = "shop";
        connector.plugin = *loaded;
    }
    Result<DryRunReport> try_run(const journal::Claim& claim) {
        DryRun run(connector, admission, journal, clock, std::make_unique<AnsweringOdoo>(answering),
                   std::make_unique<FakeWeb>(web), odoo_total_ms);
        return run.run(claim);
    }
    DryRunReport dry_run(const journal::Claim& claim) {
        auto report = try_run(claim);
        EXPECT_TRUE(report) << report.error().message;
        return report ? std::move(*report) : DryRunReport();
    }
    /// What was asked of Odoo that is no read.
    std::vector<std::string> writes() const {
        std::vector<std::string> found;
        for (const auto& call : answering.calls) {
            for (const auto* word : {".write ", ".load ", ".create ", ".unlink "}) {
                if (call.find(word) != std::string::npos) found.push_back(call);
            }
        }
        return found;
    }

    OdooAnswers answering;
};

const std::string external_id = odoo::full_external_id("shop", "partner_9007199254740993");

TEST_F(DryRunTest, OfANewRecordShowsTheCallAndSendsNothing) {
    answering.answers["res.partner.search"] = "[5]";
    const auto report = dry_run(claim("write"));
    EXPECT_EQ(report.end, DryRunReport::End::done);
    EXPECT_EQ(report.outcome, "created res.partner 9000000001");
    ASSERT_THAT(report.plan.calls, SizeIs(1));
    EXPECT_EQ(report.plan.calls[0].method, "load");
    EXPECT_EQ(report.plan.calls[0].differences.at(0),
              (Difference{"new res.partner " + external_id, "name", "", "\"Ada\""}));
    EXPECT_THAT(report.plan.made_up, SizeIs(1));
    EXPECT_THAT(writes(), IsEmpty());
    EXPECT_TRUE(journal.state.empty());
}

TEST_F(DryRunTest, OfARecordThatIsThereShowsWhatWouldChange) {
    journal.state["id/" + external_id] = {.value = "7", .version = 1};
    answering.answers["res.partner.get_external_id"] = R"({"7":")" + external_id + R"("})";
    answering.answers["res.partner.read"] = R"([{"id":7,"display_name":"Ada","name":"Ada","email":"old@example.com"}])";
    answering.answers["res.partner.search_read"] = answering.answers["res.partner.read"];
    const auto report = dry_run(claim("write"));
    EXPECT_EQ(report.end, DryRunReport::End::done) << report.plan.stopped_because;
    EXPECT_THAT(report.outcome, HasSubstr("updated res.partner 7"));
    ASSERT_THAT(report.plan.calls, SizeIs(1));
    EXPECT_THAT(report.plan.calls[0].differences,
                ElementsAre(Difference{"res.partner 7 (Ada)", "email", "\"old@example.com\"", "\"ada@example.com\""}));
    EXPECT_THAT(writes(), IsEmpty());
}

TEST_F(DryRunTest, ABrokenRuleIsHowItWouldFail) {
    const auto report = dry_run(claim("write", R"({"id":1})"));
    EXPECT_EQ(report.end, DryRunReport::End::failed);
    EXPECT_EQ(report.error->failure, Failure::invalid);
    EXPECT_THAT(report.error->message, HasSubstr("/name"));
    EXPECT_THAT(report.plan.calls, IsEmpty());
}

TEST_F(DryRunTest, APostIsWrittenDownAndStops) {
    const auto report = dry_run(claim("http", R"({"weight":1.50})"));
    EXPECT_EQ(report.end, DryRunReport::End::stopped);
    EXPECT_THAT(web.requests, IsEmpty());
    ASSERT_THAT(report.plan.calls, SizeIs(1));
    EXPECT_EQ(report.plan.calls[0].method, "POST");
    EXPECT_EQ(report.plan.calls[0].url, "https://api.example.com:443/parcels");
    EXPECT_EQ(report.plan.calls[0].body, R"({"weight":1.50})");
    const auto json = to_json(report, journal::Seq{4});
    EXPECT_THAT(json, HasSubstr(R"("ends":"stopped")"));
    EXPECT_THAT(json, Not(HasSubstr("s3cret")));
    EXPECT_THAT(json, Not(HasSubstr("hidden")));
}

TEST_F(DryRunTest, AGetGoesThrough) {
    EXPECT_EQ(dry_run(claim("http-get")).end, DryRunReport::End::done);
    EXPECT_THAT(web.requests, SizeIs(1));
}

TEST_F(DryRunTest, FollowUpsAndStatesAreShownAndNotKept) {
    const auto emitted = dry_run(claim("emit", R"({"id":1})"));
    ASSERT_THAT(emitted.emitted, SizeIs(1));
    EXPECT_EQ(emitted.emitted[0].event_id, "evt-1/note");
    EXPECT_THAT(to_json(emitted, journal::Seq{4}), HasSubstr(R"("emitted":[{"flow":"note")"));
    const auto put = dry_run(claim("state", "{}"));
    EXPECT_THAT(put.states, ElementsAre("cursor"));
    EXPECT_TRUE(journal.state.empty());
}

TEST_F(DryRunTest, WhatIsStaleWouldBeDoneWithoutACall) {
    journal.applied["shop/partner/9007199254740993"] = "2026-01-02T00:00:00Z";
    auto late = claim("write");
    late.event.revision = "2026-01-01T00:00:00Z";
    const auto report = dry_run(late);
    EXPECT_EQ(report.end, DryRunReport::End::done);
    EXPECT_THAT(report.outcome, HasSubstr("stale"));
    EXPECT_THAT(answering.calls, IsEmpty());
}

TEST_F(DryRunTest, APluginThatCannotStartIsAnError) {
    connector.config["mode"] = "refuse";
    EXPECT_THAT(try_run(claim("write")).error().message, HasSubstr("refuses connector shop"));
}

TEST_F(DryRunTest, TheClaimIsTheOneTheNextAttemptWouldGet) {
    journal::EventDetail detail{.event = {.seq = journal::Seq{9}, .state = journal::EventState::dead, .attempts = 2},
                                .payload = "came",
                                .headers = "{}",
                                .edits = {{.payload = "edited"}}};
    const auto claim = next_claim(detail);
    ASSERT_TRUE(claim);
    EXPECT_EQ(claim->payload, "edited");
    EXPECT_EQ(claim->attempt, 3);
    detail.contents_erased = true;
    EXPECT_EQ(next_claim(detail).error().message, "the contents of event 9 were erased");
    detail.contents_erased = false;
    detail.event.attempts = 0;
    detail.event.outcome = "invalid: the body is no JSON";
    EXPECT_THAT(next_claim(detail).error().message, HasSubstr("cannot be delivered: invalid: the body is no JSON"));
}

}  // namespace
}  // namespace sluice::host
