// Deliveries of a flow in shadow mode, by the real plugin over an Odoo that answers.

#include "host/plugins/shadow.hpp"

#include <gmock/gmock.h>

#include "tests/host/plugins/answering_odoo.hpp"
#include "tests/host/plugins/lane_fixture.hpp"

namespace sluice::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;
using Kind = Shadowed::Kind;

class ShadowTest : public LaneFixture {
protected:
    void SetUp() override {
        connector.config = {{"mode", "work"}, {"count", "3"}};
        connector.secrets.emplace("token", Secret("s3cret"));
        auto loaded = load_plugin(std::string(SLUICE_TEST_PLUGINS) + "/scenario.so");
        ASSERT_TRUE(loaded) << loaded.error().message;
        connector.name = "shop";
        connector.plugin = *loaded;
        for (const auto& [name, flow] : connector.plugin->contract.flows) connector.modes[name] = Mode::shadow;
        auto made = make_plugin_handler_over(connector, admission, journal, clock, logger,
                                             std::make_unique<AnsweringOdoo>(answering), std::make_unique<FakeWeb>(web),
                                             odoo_total_ms);
        ASSERT_TRUE(made) << made.error().message;
        handler = *std::move(made);
    }
    Shadowed shadowed_of(const delivery::Verdict& verdict) {
        EXPECT_FALSE(verdict.error) << verdict.error->message;
        EXPECT_EQ(verdict.word, "shadow");
        EXPECT_THAT(verdict.emitted, IsEmpty());
        EXPECT_THAT(verdict.state, IsEmpty());
        EXPECT_EQ(verdict.applied_revision, "");
        const auto read = read_shadowed(verdict.outcome);
        EXPECT_TRUE(read) << verdict.outcome;
        return read.value_or(Shadowed());
    }
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

TEST_F(ShadowTest, ARecordThatIsNotThereWouldBeCreated) {
    const auto verdict = run("write");
    const auto found = shadowed_of(verdict);
    EXPECT_EQ(found.kind, Kind::create);
    EXPECT_THAT(verdict.outcome, StartsWith("shadow: would create new res.partner __sluice__.shop_partner_"));
    ASSERT_THAT(found.differences, SizeIs(1)) << "a new record is named once";
    EXPECT_THAT(writes(), IsEmpty());
}

TEST_F(ShadowTest, WhatABrokenRuleOrAVendorsCallComesTo) {
    const auto broken = shadowed_of(run("write", R"({"id":1})"));
    EXPECT_EQ(broken.kind, Kind::fails);
    EXPECT_THAT(broken.why, HasSubstr("/name"));

    const auto call = shadowed_of(run("http", R"({"weight":1.50})"));
    EXPECT_EQ(call.kind, Kind::call);
    EXPECT_THAT(call.differences,
                ElementsAre(Difference{"POST https://api.example.com:443/parcels", "", "", R"({"weight":1.50})"}));
    EXPECT_THAT(web.requests, IsEmpty());
}

TEST_F(ShadowTest, NothingOfItIsKept) {
    EXPECT_EQ(shadowed_of(run("emit", R"({"id":1})")).kind, Kind::same);
    EXPECT_EQ(shadowed_of(run("state", "{}")).kind, Kind::same);
}

TEST_F(ShadowTest, AnOdooThatDoesNotAnswerIsTriedAgain) {
    answering.failures["res.partner.search_read"] = Error{.failure = Failure::retry, .message = "gone"};
    answering.failures["res.partner.search"] = Error{.failure = Failure::retry, .message = "gone"};
    EXPECT_EQ(error(run("write")).failure, Failure::retry);
}

TEST_F(ShadowTest, AFlowThatIsLiveWritesAsEver) {
    connector.modes.clear();
    const auto verdict = run("http", R"({"weight":1.50})");
    EXPECT_THAT(web.requests, SizeIs(1));
    EXPECT_EQ(verdict.word, "done");
}

TEST(Shadowed, AnOutcomeIsReadAsItWasWrittenAndFitsTheJournal) {
    Shadowed many{.kind = Kind::different, .why = "", .differences = {}, .more = 0};
    for (int i = 0; i < 200; ++i)
        many.differences.push_back(
            {"sale.order 12 (S00012)", "field_" + std::to_string(i), "\"old \\\" value\"", "1.50"});
    const auto outcome = to_outcome(many);
    EXPECT_LE(outcome.size(), journal::max_message_bytes);
    EXPECT_THAT(outcome, StartsWith("shadow: different: 200 differences, first of sale.order 12\n{"));
    const auto read = read_shadowed(outcome);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->kind, Kind::different);
    EXPECT_EQ(read->differences.size() + read->more, 200U);
    EXPECT_EQ(read->differences.front(), many.differences.front());
    EXPECT_FALSE(read_shadowed("unchanged sale.order 12"));
    EXPECT_FALSE(read_shadowed("shadow: same"));
}

TEST(Shadowed, WhatItIsFollowsFromThePlannedCalls) {
    const auto of = [](std::vector<PlannedCall> calls, std::string stopped = "") {
        DryRunReport report;
        report.plan.calls = std::move(calls);
        report.plan.stopped_because = std::move(stopped);
        close(report);
        return shadowed(report, "sale.order");
    };
    const std::vector<Difference> changed{{"sale.order 12", "note", "\"a\"", "\"b\""}};
    EXPECT_EQ(of({}).kind, Kind::same);
    EXPECT_EQ(of({{.model = "sale.order", .method = "write", .differences = changed}}).kind, Kind::different);
    EXPECT_EQ(of({{.model = "sale.order", .method = "load", .differences = changed}}).kind, Kind::create);
    EXPECT_EQ(of({{.model = "res.partner", .method = "load", .differences = changed}}).kind, Kind::different)
        << "the flow's own record is there";
    EXPECT_EQ(of({}, "nobody knows").kind, Kind::stopped);
    EXPECT_EQ(of({}, "nobody knows").why, "nobody knows");
    EXPECT_THAT(of({{.model = "sale.order", .method = "action_cancel"}}, "depends").why, HasSubstr("depends"));
}

TEST(Shadowed, TheRecordIsComparedWhoeverWroteIt) {
    auto customer = std::make_shared<mapping::MappedRecord>();
    customer->candidates = {{{"email", std::string("ann@example.com")}}};
    mapping::MappedRecord order{.model = "sale.order", .external_id = "o"};
    order.candidates = {{{"client_order_ref", std::string("#1")}}};
    order.protection = mapping::Protection{.field = "state", .values = {"sale"}};
    order.fields = {
        {.name = "partner_id", .value = std::shared_ptr<const mapping::MappedRecord>(customer), .pointer = ""}};
    order.lines.emplace_back();
    const auto compared = for_comparison(order);
    EXPECT_TRUE(compared.adopt);
    EXPECT_FALSE(compared.protection);
    EXPECT_TRUE(compared.lines.at(0).pairs_foreign);
    EXPECT_TRUE(std::get<std::shared_ptr<const mapping::MappedRecord>>(compared.fields.at(0).value)->adopt);
    EXPECT_FALSE(customer->adopt) << "what was mapped stays as it was";
}

}  // namespace
}  // namespace sluice::host
