#include "host/queue/consumer.hpp"

#include <gmock/gmock.h>

#include "tests/core/journal/temporary_journal.hpp"
#include "tests/host/ingress/ingress_fixture.hpp"
#include "tests/host/queue/queue_fixture.hpp"

namespace sluice::host {
namespace {

using test::order;
using test::ScriptedBroker;
using test::ScriptedSource;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Gt;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Le;
using testing::Not;
using testing::SizeIs;

const Error gone{.failure = Failure::retry, .message = "connection closed", .disconnected = true};

class ConsumerTest : public testing::Test {
protected:
    /// The journal whose commits the test makes, when the broker is told that a batch is in hands.
    void make_scripted() {
        broker.opened.ack_wait_ms = 30;
        make(scripted);
    }
    void make(journal::Intake& into) {
        consumer = std::make_unique<QueueConsumer>(
            connector, connector->plugin->contract.flows.at("order"),
            QueueNames{.stream = "ORDERS", .consumer = "odoo"}, std::make_unique<ScriptedSource>(broker), tally, into,
            clock, log,
            QueueConsumer::Hooks{
                .room = [this](const std::string&) { return room; },
                .appended = [this](const std::string& name,
                                   std::int64_t events) { told.push_back(name + " " + std::to_string(events)); },
                .places = &places},
            1);
    }
    /// What is kept from one process to the next.
    struct Places final : QueuePlaces {
        QueuePlace kept;
        std::optional<Error> refuses;
        Result<QueuePlace> load(const std::string&, const std::string&, const QueueNames&) override {
            if (refuses) return std::unexpected(*refuses);
            return kept;
        }
        Result<void> save(const std::string&, const std::string&, const QueueNames&, const QueuePlace& place) override {
            if (refuses) return std::unexpected(*refuses);
            kept = place;
            return {};
        }
    };
    /// Rounds until the broker has handed out all it has.
    void step_through() {
        while (!broker.fetches.empty()) clock.advance(consumer->step());
    }
    std::vector<journal::EventSummary> journalled() {
        return journal->list({.connector = "", .state = std::nullopt, .after_seq = 0, .limit = 1'000}).value();
    }

    std::shared_ptr<const Connector> connector = test::queue_connector();
    ManualClock clock;
    std::vector<std::string> lines;
    telemetry::Logger log{clock, telemetry::Level::info, telemetry::Format::key_value,
                          [this](std::string_view line) { lines.emplace_back(line); }};
    journal::testing::TemporaryFolder folder;
    std::unique_ptr<journal::Journal> journal =
        journal::open_sqlite_journal(folder.path() / "journal.db", clock, {}).value();
    ScriptedIntake scripted;
    ScriptedBroker broker;
    Places places;
    std::shared_ptr<QueueTally> tally = std::make_shared<QueueTally>();
    std::int64_t room = 1'000;
    std::vector<std::string> told;
    std::unique_ptr<QueueConsumer> consumer;
};

/// The other order loses: a host that dies after the acknowledgement and before the commit has what neither it nor the
/// broker will ever tell again.
TEST_F(ConsumerTest, AcknowledgesOnlyWhatTheJournalHas) {
    std::vector<std::size_t> journalled_then;
    broker.on_acknowledge = [&] { journalled_then.push_back(journalled().size()); };
    broker.hand_out({order(1), order(2), order(3)});
    broker.hand_out({order(4)});
    make(*journal);
    step_through();
    EXPECT_THAT(journalled_then, ElementsAre(3, 4));
    EXPECT_THAT(told, ElementsAre("shop 3", "shop 1"));
    const auto status = consumer->status();
    EXPECT_TRUE(status.connected);
    EXPECT_EQ(status.received, 4);
    EXPECT_EQ(status.duplicates, 0);
}

TEST_F(ConsumerTest, NeitherAcknowledgesNorFetchesBeforeTheCommit) {
    int signs = 0;
    broker.on_working = [&] {
        if (++signs == 3) scripted.commit(1);
    };
    broker.hand_out({order(1)});
    make_scripted();
    step_through();
    EXPECT_THAT(broker.asked, ElementsAre("open", "fetch 128", "working", "working", "working", "acknowledge"))
        << "while the commit takes long, the broker is told that the batch is in hands";
}

TEST_F(ConsumerTest, ABatchIsOneAppend) {
    broker.hand_out({order(1), order(2), order(3)});
    std::size_t appends = 0;
    broker.on_working = [&] {
        appends += scripted.pending.size();
        scripted.commit(1);
    };
    make_scripted();
    step_through();
    EXPECT_EQ(appends, 1U);
}

TEST_F(ConsumerTest, WhatIsToldAgainIsKnownAndAcknowledgedAgain) {
    broker.hand_out({order(1), order(2)});
    broker.hand_out({order(1), order(2), order(3)});
    make(*journal);
    step_through();
    EXPECT_THAT(journalled(), SizeIs(3));
    EXPECT_EQ(tally->received, 5);
    EXPECT_EQ(tally->duplicates, 2);
    EXPECT_THAT(told, ElementsAre("shop 2", "shop 1"));
    EXPECT_THAT(broker.asked, ElementsAre("open", "fetch 128", "acknowledge", "fetch 128", "acknowledge"));
}

TEST_F(ConsumerTest, WhatIsNoEventIsADeadLetterAndAcknowledged) {
    broker.hand_out({test::message(1, "no json"), order(2)});
    make(*journal);
    step_through();
    const auto events = journalled();
    ASSERT_THAT(events, SizeIs(2));
    EXPECT_EQ(events[0].state, journal::EventState::dead);
    EXPECT_EQ(events[1].state, journal::EventState::ready);
    EXPECT_EQ(tally->unreadable, 1);
    EXPECT_EQ(broker.asked.back(), "acknowledge");
    EXPECT_THAT(told, ElementsAre("shop 1")) << "a dead letter waits for a person";
    EXPECT_THAT(lines, ElementsAre(HasSubstr("message became a dead letter")));
}

TEST_F(ConsumerTest, AJournalThatRefusesKeepsTheBatchAndItsOrder) {
    int signs = 0;
    broker.on_working = [&] {
        if (scripted.pending.empty()) return;  // between two tries
        ++signs < 3 ? scripted.break_down() : scripted.commit(1);
    };
    broker.hand_out({order(1)});
    make_scripted();
    step_through();
    EXPECT_EQ(std::ranges::count(broker.asked, "fetch 128"), 1) << "nothing is fetched past it";
    EXPECT_EQ(broker.asked.back(), "acknowledge");
    EXPECT_THAT(lines, ElementsAre(AllOf(HasSubstr("the journal refuses messages"), HasSubstr("disk full")),
                                   HasSubstr("the journal takes messages again")))
        << "said when it begins and when it is over";
    EXPECT_EQ(consumer->status().problem, "");
}

TEST_F(ConsumerTest, WhoIsStoppedWhileTheJournalRefusesHandsBack) {
    broker.on_working = [&] {
        if (scripted.pending.empty()) return;
        scripted.break_down();
        consumer->stop();
    };
    broker.hand_out({order(1)});
    make_scripted();
    consumer->run();
    EXPECT_THAT(broker.asked, ElementsAre("open", "fetch 128", "working", "hand back", "close"));
}

TEST_F(ConsumerTest, ABrokerThatIsGoneIsTriedForEverAndSaidOnce) {
    make(*journal);
    broker.refuses_open.assign(12, gone);
    std::vector<std::int64_t> pauses;
    while (!broker.refuses_open.empty()) {
        pauses.push_back(consumer->step());
        clock.advance(pauses.back());
    }
    EXPECT_THAT(pauses.front(), AllOf(Gt(0), Le(QueueConsumer::backoff_base_ms)));
    EXPECT_THAT(pauses.back(), AllOf(Gt(QueueConsumer::backoff_cap_ms / 3), Le(QueueConsumer::backoff_cap_ms)));
    auto status = consumer->status();
    EXPECT_FALSE(status.connected);
    EXPECT_EQ(status.problem, "connection closed");
    EXPECT_THAT(lines, ElementsAre(HasSubstr("the queue cannot be read")));
    consumer->step();
    consumer->step();
    status = consumer->status();
    EXPECT_TRUE(status.connected);
    EXPECT_EQ(status.since_ms, clock.now_ms());
    EXPECT_EQ(status.problem, "");
    EXPECT_THAT(lines, ElementsAre(HasSubstr("the queue cannot be read"), HasSubstr("the queue is read again")));
}

TEST_F(ConsumerTest, ABrokerThatOpensAndThenRefusesIsAskedMoreAndMoreSeldom) {
    make(*journal);
    for (int i = 0; i < 10; ++i) broker.break_down(gone);
    std::int64_t last_ms = 0;
    while (!broker.fetches.empty()) {
        last_ms = consumer->step();
        clock.advance(last_ms);
    }
    EXPECT_THAT(last_ms, Gt(QueueConsumer::backoff_cap_ms / 3));
    EXPECT_THAT(lines, SizeIs(1));
}

TEST_F(ConsumerTest, AnotherTroubleIsSaidToo) {
    make(*journal);
    broker.refuses_open = {gone, gone, {.failure = Failure::invalid, .message = "there is no stream ORDERS"}, gone};
    while (!broker.refuses_open.empty()) consumer->step();
    EXPECT_THAT(lines, ElementsAre(HasSubstr("connection closed"), HasSubstr("there is no stream"),
                                   HasSubstr("connection closed")));
}

TEST_F(ConsumerTest, ALostAcknowledgementLosesNothingAndConnectsAnew) {
    broker.loses_acknowledgement = {gone};
    broker.hand_out({order(1)});
    broker.hand_out({order(1), order(2)});
    make(*journal);
    step_through();
    EXPECT_THAT(broker.asked,
                ElementsAre("open", "fetch 128", "acknowledge", "close", "open", "fetch 128", "acknowledge"));
    EXPECT_THAT(journalled(), SizeIs(2));
    EXPECT_EQ(tally->duplicates, 1);
}

TEST_F(ConsumerTest, ABacklogStopsFetching) {
    make(*journal);
    consumer->step();
    room = 0;
    EXPECT_EQ(consumer->step(), QueueConsumer::backlog_pause_ms);
    EXPECT_EQ(consumer->status().waits_for, "backlog");
    room = 5;
    consumer->step();
    EXPECT_EQ(consumer->status().waits_for, "");
    EXPECT_THAT(broker.asked, ElementsAre("open", "fetch 5")) << "never more than there is room for";
}

TEST_F(ConsumerTest, ABrokerThatSaysAtOnceThatThereIsNothingIsNotAskedWithoutEnd) {
    make(*journal);
    consumer->step();
    EXPECT_EQ(consumer->step(), QueueConsumer::empty_pause_ms);
    broker.fetches.emplace_back([this]() -> Result<std::vector<QueueMessage>> {
        clock.advance(QueueConsumer::fetch_wait_ms);
        return std::vector<QueueMessage>();
    });
    EXPECT_EQ(consumer->step(), 0) << "one that waited is asked again at once";
}

/// What a life before this one was handed is older than what is new, and comes only after the ack wait.
TEST_F(ConsumerTest, WhatWasHandedToALifeBeforeIsNotOvertaken) {
    broker.opened = {.ack_wait_ms = 30, .unacknowledged = 2, .last_delivered = 2};
    broker.hand_out({order(1), order(2), order(3)});
    make(*journal);
    EXPECT_EQ(consumer->step(), 0);
    EXPECT_EQ(consumer->step(), 30 + QueueConsumer::redelivery_margin_ms);
    EXPECT_EQ(consumer->status().waits_for, "redelivery");
    EXPECT_THAT(broker.asked, ElementsAre("open"));
    clock.advance(30 + QueueConsumer::redelivery_margin_ms);
    consumer->step();
    EXPECT_THAT(journalled(), SizeIs(3));
    EXPECT_EQ(consumer->status().waits_for, "");
}

TEST_F(ConsumerTest, WhatThisLifeHasJournalledIsNotWaitedFor) {
    broker.loses_acknowledgement = {gone, gone};
    broker.hand_out({order(1), order(2)});
    make(*journal);
    step_through();
    broker.opened = {.ack_wait_ms = 30, .unacknowledged = 2, .last_delivered = 2};
    broker.hand_out({order(3)});
    consumer->step();
    EXPECT_EQ(consumer->status().waits_for, "");
    consumer->step();
    EXPECT_THAT(journalled(), SizeIs(3)) << "its acknowledgement was lost, its events are there";
    // The next one broke after more had been handed out than this process saw.
    broker.opened = {.ack_wait_ms = 30, .unacknowledged = 2, .last_delivered = 4};
    consumer->step();
    consumer->step();
    EXPECT_EQ(consumer->status().waits_for, "redelivery");
}

/// Else a consumer that the broker lost would begin with the stream's oldest message.
TEST_F(ConsumerTest, HowFarTheStreamIsJournalledIsKnownToTheNextProcess) {
    clock.advance(60'000);
    broker.hand_out({order(1), order(2)});
    make(*journal);
    step_through();
    const QueuePlace second{.sequence = 2, .stored_at_ns = order(2).stored_at_ns};
    EXPECT_EQ(places.kept, second);
    broker.hand_out({order(3), order(2)});
    step_through();
    EXPECT_EQ(places.kept, second) << "not with every batch";
    consumer->stop();
    consumer->run();
    const QueuePlace third{.sequence = 3, .stored_at_ns = order(3).stored_at_ns};
    EXPECT_EQ(places.kept, third);
    broker.opened.made = true;
    make(*journal);
    consumer->step();
    EXPECT_EQ(broker.opened_with.back(), third);
    EXPECT_THAT(lines, ElementsAre(HasSubstr("the consumer was gone and is made again")));
}

TEST_F(ConsumerTest, WhatIsKeptIsNeverAheadOfTheJournal) {
    broker.on_working = [&] {
        if (scripted.pending.empty()) return;
        scripted.break_down();
        consumer->stop();
    };
    broker.hand_out({order(1)});
    make_scripted();
    consumer->run();
    EXPECT_EQ(places.kept, QueuePlace{});
}

TEST_F(ConsumerTest, AMessageFromTheFutureLeavesNothingOut) {
    places.kept = {.sequence = 5, .stored_at_ns = (clock.now_ms() + 86'400'000) * 1'000'000};
    broker.opened.last_delivered = 5;
    make(*journal);
    consumer->step();
    EXPECT_EQ(broker.opened_with.back().stored_at_ns, clock.now_ms() * 1'000'000);
    EXPECT_THAT(lines, IsEmpty());
}

TEST_F(ConsumerTest, AnotherStreamOfTheSameNameIsSaidAndItsOrderKept) {
    broker.loses_acknowledgement = {gone};
    broker.hand_out({order(1), order(2), order(3)});
    make(*journal);
    step_through();
    lines.clear();
    broker.opened = {.ack_wait_ms = 30, .unacknowledged = 1, .last_delivered = 2};
    consumer->step();
    EXPECT_THAT(lines, Contains(HasSubstr("the consumer stands before what is journalled")));
    consumer->step();
    EXPECT_EQ(consumer->status().waits_for, "redelivery") << "its second message is not the one that is journalled";
}

TEST_F(ConsumerTest, APlaceThatCannotBeReadIsNoStreamThatWasNeverRead) {
    places.refuses = Error{.failure = Failure::retry, .message = "no such disk"};
    make(*journal);
    consumer->step();
    EXPECT_THAT(broker.asked, ElementsAre("close"));
    EXPECT_EQ(consumer->status().problem, "no such disk");
    places.refuses.reset();
    consumer->step();
    EXPECT_EQ(broker.asked.back(), "open");
    places.refuses = Error{.failure = Failure::retry, .message = "disk full"};
    broker.hand_out({order(1)});
    step_through();
    EXPECT_THAT(journalled(), SizeIs(1)) << "that it cannot be kept stops nothing";
    EXPECT_THAT(lines.back(), HasSubstr("cannot be kept"));
}

}  // namespace
}  // namespace sluice::host
