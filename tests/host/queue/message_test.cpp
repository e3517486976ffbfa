#include "host/queue/message.hpp"

#include <gmock/gmock.h>

#include "host/queue/names.hpp"
#include "tests/host/queue/queue_fixture.hpp"

namespace sluice::host {
namespace {

using test::message;
using test::queue_connector;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string full =
    "[flow.order]\nordering_key = \"/id\"\nrevision = \"/at\"\n[flow.order.queue]\nstream = \"ORDERS\"\nrecord = "
    "\"/id\"\ntopic = \"order.{header:Kind}\"\nevent_id = \"{header:Nats-Msg-Id}\"\nrevision_tie = "
    "\"{header:Nats-Sequence}\"\n";

journal::NewEvent read(QueueMessage message, const std::shared_ptr<const Connector>& connector = queue_connector()) {
    return read_message(*connector, connector->plugin->contract.flows.at("order"), std::move(message));
}

TEST(Message, BecomesAnEventByTheContract) {
    auto given = message(7, R"({"id":6223372036854775807,"at":"2026-01-02T03:04:05Z"})");
    given.headers = {{"Kind", "b2b"}, {"Nats-Msg-Id", "m-7"}};
    const auto event = read(std::move(given), queue_connector(full));
    EXPECT_EQ(event.connector, "shop");
    EXPECT_EQ(event.flow, "order");
    EXPECT_EQ(event.order, "order");
    EXPECT_EQ(event.topic, "order.b2b");
    EXPECT_EQ(event.event_id, "m-7");
    EXPECT_EQ(event.ordering_key, "6223372036854775807");
    EXPECT_EQ(event.record, "6223372036854775807");
    EXPECT_EQ(event.revision, "2026-01-02T03:04:05Z|7") << "of two of one second the later in the stream is newer";
    EXPECT_EQ(event.payload, R"({"id":6223372036854775807,"at":"2026-01-02T03:04:05Z"})");
    EXPECT_EQ(event.occurred_at_ms, 1'700'000'000'000) << "when the broker took it";
    EXPECT_EQ(event.dead_letter_reason, "");
}

TEST(Message, WithoutTemplatesItsPlaceIsItsIdAndItsSubjectItsTopic) {
    const auto event = read(message(7, R"({"id":1})"));
    EXPECT_EQ(event.event_id, "queue:order:ORDERS:7:1700000000000000007");
    EXPECT_EQ(event.topic, "orders.new");
    EXPECT_EQ(read(message(7, R"({"id":1})")).event_id, event.event_id) << "the same at each delivery";
    auto anew = message(7, R"({"id":1})");
    anew.stored_at_ns += 1;
    EXPECT_NE(read(std::move(anew)).event_id, event.event_id) << "a stream that is made anew counts from 1 again";
}

TEST(Message, TwoFlowsOfOneStreamMakeTwoEventsOfAMessage) {
    const auto both = queue_connector(
        "[flow.order]\nordering_key = \"/id\"\nqueue = { stream = \"ORDERS\", record = \"/id\" }\n[flow.stock]\n"
        "ordering_key = \"/id\"\nqueue = { stream = \"ORDERS\", record = \"/id\" }\n");
    const auto& flows = both->plugin->contract.flows;
    EXPECT_NE(read_message(*both, flows.at("order"), message(7, R"({"id":1})")).event_id,
              read_message(*both, flows.at("stock"), message(7, R"({"id":1})")).event_id);
}

TEST(Message, ItsPlaceIsItsIdWhereTheTemplateCannotBeFilled) {
    const auto event = read(message(7, R"({"id":1,"at":"5"})"), queue_connector(full));
    EXPECT_EQ(event.event_id, "queue:order:ORDERS:7:1700000000000000007") << "no Nats-Msg-Id";
    EXPECT_EQ(event.topic, "orders.new") << "no Kind";
    EXPECT_EQ(event.dead_letter_reason, "");
}

TEST(Message, KeepsItsPlaceAndWhatTheContractNamesAndNoSecret) {
    auto given = message(7, R"({"id":1,"at":"5"})");
    given.headers = {{"Authorization", "nobody-may-see"}, {"Kind", "b2b"},          {"Nats-Msg-Id", "m-7"},
                     {"Nats-Stream", "ANOTHER"},          {"Content-Type", "json"}, {"Trace", "1"}};
    const auto event = read(std::move(given), queue_connector(full));
    const auto headers = json::Document::parse(event.headers);
    ASSERT_TRUE(headers);
    EXPECT_EQ(headers->root().raw(),
              R"({"Nats-Subject":"orders.new","Nats-Stream":"ORDERS","Nats-Sequence":"7","Kind":"b2b",)"
              R"("Nats-Msg-Id":"m-7","Content-Type":"json"})")
        << "a republished message cannot speak for its place";
}

TEST(Message, WhatIsNoEventIsADeadLetterOfItsOwn) {
    const auto dead = [](QueueMessage given, const std::string& flows = full) {
        const auto event = read(std::move(given), queue_connector(flows));
        EXPECT_EQ(event.event_id, event.ordering_key) << "it holds up nothing";
        EXPECT_THAT(event.event_id, HasSubstr("unreadable:order:ORDERS:"));
        EXPECT_EQ(event.revision, "");
        return event.dead_letter_reason;
    };
    EXPECT_THAT(dead(message(1, "no json")), HasSubstr("the body is no JSON"));
    EXPECT_THAT(dead(message(1, "")), HasSubstr("the body is no JSON"));
    EXPECT_THAT(dead(message(1, R"({"at":"5"})")), HasSubstr("the ordering key of flow `order` should be"));
    EXPECT_THAT(dead(message(1, R"({"id":1})")), HasSubstr("the revision of flow `order` should be"));
    EXPECT_THAT(dead(message(1, R"({"id":1,"at":"soon"})")), HasSubstr("and is `soon`"));
    EXPECT_NE(read(message(1, "x")).event_id, read(message(2, "x")).event_id) << "two messages, two dead letters";
    EXPECT_EQ(read(message(1, "x")).event_id, read(message(1, "x")).event_id) << "told again it is known";
}

TEST(Message, MoreThanTheJournalKeepsIsADeadLetterThatSaysWhereTheWholeOfItIs) {
    auto given = message(7, R"({"id":1,"text":")" + std::string(journal::max_event_bytes, 'x') + "\"}");
    const auto event = read(std::move(given));
    EXPECT_THAT(event.dead_letter_reason, HasSubstr("number 7 of stream ORDERS"));
    EXPECT_EQ(journal::content_bytes(event), journal::max_event_bytes) << "the journal takes it";
    EXPECT_THAT(event.event_id, HasSubstr("unreadable:"));
}

TEST(Names, AreTheContractsWithTheConnectorsValues) {
    const auto connector = queue_connector(
        "[flow.order]\nordering_key = \"/id\"\nqueue = { stream = \"{config:stream}\", consumer = "
        "\"odoo-{config:to}\", "
        "subject = \"{config:to}.>\", record = \"/id\" }\n",
        {{"stream", "S"}, {"to", "north"}});
    const auto names = queue_names(*connector, connector->plugin->contract.flows.at("order"));
    ASSERT_TRUE(names) << names.error().message;
    EXPECT_EQ(names->stream, "S");
    EXPECT_EQ(names->consumer, "odoo-north");
    EXPECT_EQ(names->subject, "north.>");
}

TEST(Names, AConsumerIsNamedAfterConnectorAndFlow) {
    const auto connector = queue_connector();
    const auto names = queue_names(*connector, connector->plugin->contract.flows.at("order"));
    ASSERT_TRUE(names);
    EXPECT_EQ(names->consumer, "sluice_shop_order");
    EXPECT_EQ(names->subject, "");
}

TEST(Names, AValueThatMakesNoNameIsSaidWithTheName) {
    const auto connector = queue_connector(
        "[flow.order]\nordering_key = \"/id\"\nqueue = { stream = \"{config:stream}\", record = \"/id\" }\n",
        {{"stream", "a.b"}});
    const auto names = queue_names(*connector, connector->plugin->contract.flows.at("order"));
    ASSERT_FALSE(names);
    EXPECT_EQ(names.error().message,
              "the stream of the queue of flow `order` becomes `a.b`: it must have no white space and none of `.`, "
              "`*`, `>`, `/` and `\\`");
}

TEST(Names, FlowsThatWouldDropEachOthersEventsAreFound) {
    const auto conflicts = [](const std::string& first, const std::string& second) {
        const auto flow = [](const std::string& name, const std::string& queue) {
            return "[flow." + name + "]\nordering_key = \"/id\"\nqueue = { record = \"/id\", " + queue + " }\n";
        };
        return queue_conflicts(*queue_connector(flow("a", first) + flow("b", second)));
    };
    const std::string by_id = R"(, event_id = "{header:Nats-Msg-Id}")";
    EXPECT_THAT(
        conflicts(R"(stream = "S")" + by_id, R"(stream = "S", subject = "x.>")" + by_id),
        ElementsAre("flows `a` and `b` read the same messages of stream S and make the same `event_id` of them, "
                    "so that one would drop the other's events as repeats: give them different templates"));
    EXPECT_THAT(conflicts(R"(stream = "S", subject = "y.>")" + by_id, R"(stream = "S", subject = "x.>")" + by_id),
                IsEmpty());
    EXPECT_THAT(conflicts(R"(stream = "S")" + by_id, R"(stream = "T")" + by_id), IsEmpty());
    EXPECT_THAT(conflicts(R"(stream = "S")" + by_id, R"(stream = "S", event_id = "b:{header:Nats-Msg-Id}")"),
                IsEmpty());
    EXPECT_THAT(conflicts(R"(stream = "S")", R"(stream = "S")"), IsEmpty()) << "the flow is part of the id";
}

}  // namespace
}  // namespace sluice::host
