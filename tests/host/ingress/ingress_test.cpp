#include "host/ingress/ingress.hpp"

#include <gmock/gmock.h>

#include "tests/host/ingress/ingress_fixture.hpp"

namespace sluice::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class IngressTest : public testing::Test {
protected:
    void make(std::int64_t max_waiting = 100, int max_in_flight = 100) {
        ingress = std::make_unique<Ingress>(
            journal, clock, log,
            Ingress::Options{.max_waiting = max_waiting,
                             .max_in_flight = max_in_flight,
                             .notify = [this](const std::string& name) { notified.push_back(name); }});
        ingress->configure(connectors, disabled);
    }
    void SetUp() override { make(); }

    /// Sends a request; the answer is in `answers` at its index once there is one.
    std::size_t send(http::ServerRequest request) {
        const auto index = answers.size();
        answers.emplace_back();
        ingress->handle(std::move(request), [this, index](http::Response response) {
            ASSERT_FALSE(answers[index]) << "answered twice";
            answers[index] = std::move(response);
        });
        return index;
    }
    int status(std::size_t index) const { return answers.at(index) ? answers[index]->status : 0; }
    std::string header(std::size_t index, std::string_view name) const {
        return std::string(http::find_header(answers.at(index)->headers, name));
    }
    std::int64_t refused(Refusal why) const {
        return ingress->counters("shop").refused.at(static_cast<std::size_t>(why));
    }

    ManualClock clock;
    std::vector<std::string> lines;
    telemetry::Logger log{clock, telemetry::Level::debug, telemetry::Format::key_value,
                          [this](std::string_view line) { lines.emplace_back(line); }};
    ScriptedIntake journal;
    std::vector<std::shared_ptr<const Connector>> connectors{std::make_shared<const Connector>(make_connector())};
    std::vector<std::string> disabled{"asleep"};
    std::vector<std::string> notified;
    std::vector<std::optional<http::Response>> answers;
    std::unique_ptr<Ingress> ingress;
};

TEST_F(IngressTest, AnswersOnlyAfterTheCommit) {
    const auto first = send(make_webhook());
    EXPECT_EQ(status(first), 0);
    EXPECT_THAT(notified, IsEmpty());
    journal.commit(41);
    EXPECT_EQ(status(first), 200);
    EXPECT_EQ(answers[first]->body, R"({"seq":41,"duplicate":false})");
    EXPECT_THAT(notified, ElementsAre("shop"));
    EXPECT_EQ(ingress->counters("shop").accepted, 1);
}

TEST_F(IngressTest, RepeatIsAcknowledgedAndWakesNobody) {
    const auto again = send(make_webhook());
    journal.commit(41, true);
    EXPECT_EQ(status(again), 200);
    EXPECT_EQ(answers[again]->body, R"({"seq":41,"duplicate":true})");
    EXPECT_THAT(notified, IsEmpty());
    EXPECT_EQ(ingress->counters("shop").duplicates, 1);
    EXPECT_EQ(ingress->counters("shop").accepted, 0);
}

TEST_F(IngressTest, FailedCommitIs503AndUnready) {
    const auto lost = send(make_webhook());
    journal.break_down();
    EXPECT_EQ(status(lost), 503);
    EXPECT_EQ(header(lost, "Retry-After"), "5");
    EXPECT_EQ(refused(Refusal::journal), 1);
    EXPECT_THAT(lines, ElementsAre(HasSubstr("disk full")));

    EXPECT_EQ(status(send({.method = "GET", .target = "/readyz"})), 503);
    clock.advance(Ingress::unready_ms);
    EXPECT_EQ(status(send({.method = "GET", .target = "/readyz"})), 200);
}

TEST_F(IngressTest, WhatComesAnotherWayCountsForTheBacklogToo) {
    make(3);
    EXPECT_EQ(ingress->room("shop"), 3);
    ingress->add_unfinished("shop", 2);
    EXPECT_EQ(ingress->room("shop"), 1);
    ingress->add_unfinished("shop", 1);
    EXPECT_EQ(status(send(make_webhook())), 429);
    ingress->set_unfinished("shop", 0);
    EXPECT_EQ(ingress->room("shop"), 3);
    EXPECT_EQ(ingress->room("asleep"), 0);
    EXPECT_EQ(ingress->room("nobody"), 0);
}

TEST_F(IngressTest, ForgedWebhookNeverReachesTheJournal) {
    auto forged = make_webhook();
    set_header(forged, "X-Vendor-Hmac", sign(order_body, "other"));
    EXPECT_EQ(status(send(std::move(forged))), 401);
    EXPECT_THAT(journal.pending, IsEmpty());
    EXPECT_EQ(refused(Refusal::signature), 1);
}

TEST_F(IngressTest, FloodOfForgeriesIsCountedAndNotLogged) {
    for (int i = 0; i < 100; ++i) {
        auto forged = make_webhook();
        set_header(forged, "X-Vendor-Hmac", "x");
        send(std::move(forged));
    }
    EXPECT_EQ(refused(Refusal::signature), 100);
    EXPECT_EQ(lines.size(), 1U);
    clock.advance(Ingress::log_interval_ms);
    auto forged = make_webhook();
    set_header(forged, "X-Vendor-Hmac", "x");
    send(std::move(forged));
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_THAT(lines[1], HasSubstr("refused_so_far=101"));
}

TEST_F(IngressTest, UnknownAndDisabledConnectorsAre404) {
    auto request = make_webhook();
    for (const auto* target :
         {"/webhooks/nobody", "/webhooks/", "/webhooks/shop/x", "/webhooks/shop%20", "/", "/webhook/shop"}) {
        request.target = target;
        EXPECT_EQ(status(send(request)), 404) << target;
    }
    request.target = "/webhooks/asleep";
    const auto asleep = send(request);
    EXPECT_EQ(status(asleep), 404);
    EXPECT_EQ(answers[asleep]->body, R"({"error":"this connector is disabled"})");
    EXPECT_THAT(journal.pending, IsEmpty());
}

TEST_F(IngressTest, OnlyPostIsTaken) {
    auto request = make_webhook();
    request.method = "GET";
    const auto got = send(request);
    EXPECT_EQ(status(got), 405);
    EXPECT_EQ(header(got, "Allow"), "POST");
}

TEST_F(IngressTest, QueryOfTheTargetIsNoPartOfTheName) {
    auto request = make_webhook();
    request.target = "/webhooks/shop?from=vendor";
    const auto taken = send(request);
    journal.commit(1);
    EXPECT_EQ(status(taken), 200);
}

TEST_F(IngressTest, UnreadableBodyIsKeptAndAcknowledged) {
    const auto odd = send(make_webhook("no json"));
    ASSERT_EQ(journal.pending.size(), 1U);
    EXPECT_THAT(journal.pending[0].event.dead_letter_reason, HasSubstr("no JSON"));
    journal.commit(7);
    EXPECT_EQ(status(odd), 200);
    EXPECT_EQ(ingress->counters("shop").unreadable, 1);
    EXPECT_THAT(lines, ElementsAre(HasSubstr("dead letter")));
}

TEST_F(IngressTest, BacklogIs429UntilTheJournalCountsLess) {
    make(2);
    send(make_webhook());
    send(make_webhook());
    journal.commit(1);
    journal.commit(2);
    const auto beyond = send(make_webhook());
    EXPECT_EQ(status(beyond), 429);
    EXPECT_EQ(header(beyond, "Retry-After"), "60");
    EXPECT_EQ(refused(Refusal::backlog), 1);
    EXPECT_THAT(journal.pending, IsEmpty());

    ingress->set_unfinished("shop", 1);
    send(make_webhook());
    EXPECT_EQ(journal.pending.size(), 1U);
}

TEST_F(IngressTest, RepeatsAndDeadLettersAreNoBacklog) {
    make(1);
    send(make_webhook());
    journal.commit(1, true);
    send(make_webhook("no json"));
    journal.commit(2);
    send(make_webhook());
    EXPECT_EQ(journal.pending.size(), 1U);
}

TEST_F(IngressTest, MoreWaitingForTheirCommitThanAllowedIs503) {
    make(100, 2);
    send(make_webhook());
    send(make_webhook());
    const auto beyond = send(make_webhook());
    EXPECT_EQ(status(beyond), 503);
    EXPECT_EQ(header(beyond, "Retry-After"), "5");
    EXPECT_EQ(refused(Refusal::in_flight), 1);
    journal.commit(1);
    send(make_webhook());
    EXPECT_EQ(journal.pending.size(), 2U);
}

TEST_F(IngressTest, StoppingAnswers503AndFinishesWhatIsUnderWay) {
    const auto under_way = send(make_webhook());
    ingress->stop_accepting();
    const auto late = send(make_webhook());
    EXPECT_EQ(status(late), 503);
    EXPECT_EQ(header(late, "Retry-After"), "5");
    EXPECT_EQ(status(send({.method = "GET", .target = "/readyz"})), 503);
    EXPECT_EQ(status(send({.method = "GET", .target = "/healthz"})), 200);
    journal.commit(1);
    ingress->wait_idle();
    EXPECT_EQ(status(under_way), 200);
}

TEST_F(IngressTest, ReadyWhileTheJournalAnswers) {
    EXPECT_EQ(status(send({.method = "GET", .target = "/readyz"})), 200);
    ingress->set_journal_answers(false);
    EXPECT_EQ(status(send({.method = "GET", .target = "/readyz"})), 503);
}

}  // namespace
}  // namespace sluice::host
