// The trigger `queue`: what it says, and the exact words where it is wrong.

#include <gmock/gmock.h>

#include <ostream>

#include "core/contract/contract.hpp"
#include "core/contract/queue_names.hpp"
#include "tests/core/contract/contract_text.hpp"

namespace sluice::contract {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view queue_contract = R"([contract]
name = "bus"
version = "1.0.0"
[config.key]
type = "secret"
[config.tenant]
[flow.order]
ordering_key = "/id"
[flow.order.queue]
stream = "ORDERS-{config:tenant}"
consumer = "odoo"
subject = "orders.{config:tenant}.>"
topic = "{header:Kind}"
event_id = "{header:Nats-Msg-Id}"
revision_tie = "{header:Nats-Sequence}"
record = "/id"
)";

TEST(QueueContract, ReadsEveryKey) {
    ASSERT_THAT(problems_of(queue_contract), IsEmpty());
    const auto contract = parse_contract(queue_contract, "c.toml");
    const auto& queue = contract->flows.at("order").queue;
    ASSERT_TRUE(queue);
    ASSERT_EQ(queue->stream.parts.size(), 2U);
    EXPECT_EQ(queue->stream.parts[1].text, "tenant");
    EXPECT_EQ(queue->consumer.parts.at(0).text, "odoo");
    EXPECT_EQ(queue->subject.parts.size(), 3U);
    EXPECT_EQ(queue->topic.parts.at(0).text, "Kind");
    EXPECT_EQ(queue->event_id.parts.at(0).text, "Nats-Msg-Id");
    EXPECT_EQ(queue->revision_tie.parts.at(0).text, "Nats-Sequence");
    EXPECT_EQ(queue->record, "/id");
}

TEST(QueueContract, StreamAndRecordAreEnough) {
    const auto contract = parse_contract(
        "[contract]\nname = \"bus\"\nversion = \"1.0.0\"\n[flow.order]\nordering_key = \"/id\"\nqueue = { stream = "
        "\"ORDERS\", record = \"/id\" }\n",
        "c.toml");
    ASSERT_TRUE(contract) << contract.error().front().to_string();
    const auto& queue = contract->flows.at("order").queue;
    EXPECT_THAT(queue->consumer.parts, IsEmpty());
    EXPECT_THAT(queue->subject.parts, IsEmpty());
    EXPECT_THAT(queue->topic.parts, IsEmpty());
    EXPECT_THAT(queue->event_id.parts, IsEmpty());
}

TEST(QueueContract, AFlowMayHaveAWebhookAndAQueue) {
    EXPECT_THAT(problems_of(std::string(queue_contract) +
                            "[flow.order.webhook]\ntopics = [\"t\"]\ntopic = \"{header:T}\"\nevent_id = \"{/id}\"\n"
                            "record = \"/id\"\n"),
                IsEmpty());
}

struct Wrong {
    std::string_view name, what, with, problem;
};

void PrintTo(const Wrong& wrong, std::ostream* out) {
    *out << wrong.with;
}

class WrongQueue : public testing::TestWithParam<Wrong> {};

TEST_P(WrongQueue, IsRefusedWithItsPlaceAndWhatWouldBeRight) {
    EXPECT_THAT(problems_of(replaced(queue_contract, GetParam().what, GetParam().with)),
                ElementsAre(std::string(GetParam().problem)));
}

INSTANTIATE_TEST_SUITE_P(
    Keys, WrongQueue,
    testing::Values(
        Wrong{"NoStream", "stream = \"ORDERS-{config:tenant}\"\n", "",
              "c.toml:9:1: `flow.order.queue` lacks `stream`: the name of the JetStream stream"},
        Wrong{"NoRecord", "record = \"/id\"\n", "",
              "c.toml:9:1: `flow.order.queue` lacks `record`: the JSON Pointer of the record's own id"},
        Wrong{"NoOrderingKey", "ordering_key = \"/id\"\n", "",
              "c.toml:7:1: `flow.order` lacks `ordering_key`: the JSON Pointer of what must be handled in order, like "
              "the record's id"},
        Wrong{"Subjects", "subject =", "subjects =",
              "c.toml:12:1: unknown key `subjects` in `flow.order.queue`; did you mean `subject`?"},
        Wrong{"StreamName", "\"ORDERS-", "\"ORDERS.",
              "c.toml:10:10: `stream`: it must have no white space and none of `.`, `*`, `>`, `/` and `\\`"},
        Wrong{"ConsumerName", "\"odoo\"", "\"od oo\"",
              "c.toml:11:12: `consumer`: it must have no white space and none of `.`, `*`, `>`, `/` and `\\`"},
        Wrong{"SubjectToken", "\"orders.{", "\"orders..{",
              "c.toml:12:11: `subject`: its tokens, which `.` parts, must not be empty"},
        Wrong{"SubjectWildcard", "\"orders.{", "\"ord*.{",
              "c.toml:12:11: `subject`: `ord*`: a wildcard is a token by itself"},
        Wrong{"SubjectTail", "tenant}.>\"", "tenant}.>.x\"",
              "c.toml:12:11: `subject`: `>` stands for all that follows, so nothing comes after it"},
        Wrong{
            "NameOfTheDocument", "consumer = \"odoo\"", "consumer = \"{/id}\"",
            "c.toml:11:12: `consumer` is needed before there is a message: of places it can hold only `{config:KEY}`"},
        Wrong{
            "NameOfAHeader", "consumer = \"odoo\"", "consumer = \"{header:X}\"",
            "c.toml:11:12: `consumer` is needed before there is a message: of places it can hold only `{config:KEY}`"},
        Wrong{"SecretInAName", "\"odoo\"", "\"{config:key}\"",
              "c.toml:11:12: the configuration key `key` is a secret and cannot be used as a value"},
        Wrong{"UnknownKeyInAName", "\"odoo\"", "\"{config:tenand}\"",
              "c.toml:11:12: there is no configuration key `tenand`; did you mean `tenant`?"},
        Wrong{"ConstantEventId", "\"{header:Nats-Msg-Id}\"", "\"{config:tenant}-1\"",
              "c.toml:14:12: `event_id` is the same for every message, and a repeat is dropped: put the message's own "
              "id into it, like {header:Nats-Msg-Id}"},
        Wrong{"Type", "stream = \"ORDERS-{config:tenant}\"", "stream = 5",
              "c.toml:10:10: `stream` must be a string; found an integer"}),
    [](const auto& wrong) { return std::string(wrong.param.name); });

TEST(QueueNames, AreWhatNatsTakes) {
    EXPECT_EQ(queue_name_problem("ORDERS_2-x"), std::nullopt);
    EXPECT_EQ(queue_name_problem(std::string(max_queue_name_bytes, 'x')), std::nullopt);
    for (const auto* wrong : {"", "a.b", "a*", ">", "a b", "a/b", "a\\b", "a\tb"})
        EXPECT_NE(queue_name_problem(wrong), std::nullopt) << wrong;
    EXPECT_NE(queue_name_problem(std::string(max_queue_name_bytes + 1, 'x')), std::nullopt);
    for (const auto* right : {"a", "a.b", "*", ">", "*.b.>", "a.*"})
        EXPECT_EQ(subject_problem(right), std::nullopt) << right;
    for (const auto* wrong : {"", ".", "a.", ".a", "a..b", "a b", ">.a", "a>", "**"})
        EXPECT_NE(subject_problem(wrong), std::nullopt) << wrong;
}

TEST(QueueNames, SubjectsOverlapWhereOneMessageMatchesBoth) {
    const auto overlap = [](std::string_view left, std::string_view right) {
        EXPECT_EQ(subjects_overlap(left, right), subjects_overlap(right, left)) << left << " " << right;
        return subjects_overlap(left, right);
    };
    EXPECT_TRUE(overlap("", "a.b"));
    EXPECT_TRUE(overlap("a.b", "a.b"));
    EXPECT_TRUE(overlap("a.*", "*.b"));
    EXPECT_TRUE(overlap("a.>", "a.b.c"));
    EXPECT_TRUE(overlap(">", "a"));
    EXPECT_FALSE(overlap("a.b", "a.c"));
    EXPECT_FALSE(overlap("a.*", "a.b.c"));
    EXPECT_FALSE(overlap("a.>", "a")) << "`>` stands for one token at least";
}

}  // namespace
}  // namespace sluice::contract
