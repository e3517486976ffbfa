// JetStream as the consumer sees it, against a real server.

#include "host/queue/jetstream.hpp"

#include <gmock/gmock.h>

#include "tests/host/queue/nats_server.hpp"

namespace sluice::host {
namespace {

using test::NatsClient;
using test::NatsServer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr std::int64_t wait_ms = 500;
/// For what is there already, or on its way.
constexpr std::int64_t long_wait_ms = 20'000;

constexpr std::int64_t impatient_ms = 2'000;

class JetStreamTest : public testing::Test {
protected:
    void SetUp() override {
        if (!test::find_nats_server()) GTEST_SKIP() << "nats-server is not installed (Debian's package nats-server)";
        server.emplace();
        client.emplace(server->url());
        client->add_stream("ORDERS", "orders.>");
    }
    std::unique_ptr<QueueSource> source(QueueNames names = {.stream = "ORDERS", .consumer = "odoo", .subject = ""}) {
        return make_jetstream(server->account(), std::move(names), "sluice test");
    }
    static std::vector<std::string> bodies(const Result<std::vector<QueueMessage>>& batch) {
        EXPECT_TRUE(batch) << batch.error().message;
        std::vector<std::string> texts;
        if (!batch) return texts;
        for (const auto& message : *batch) texts.push_back(message.body);
        return texts;
    }
    /// One that hands a message out again after `impatient_ms`.
    void add_impatient_consumer() {
        jsConsumerConfig config;
        jsConsumerConfig_Init(&config);
        config.Durable = "impatient";
        config.AckPolicy = js_AckExplicit;
        config.AckWait = impatient_ms * 1'000'000;
        client->add_consumer("ORDERS", config);
    }
    static Error error_of(const std::unique_ptr<QueueSource>& source) {
        const auto opened = source->open({});
        EXPECT_FALSE(opened) << "it could be opened";
        return opened ? Error{} : opened.error();
    }

    std::optional<NatsServer> server;
    std::optional<NatsClient> client;
};

TEST_F(JetStreamTest, HandsOutWhatWasPublishedWithItsPlace) {
    client->publish("orders.new", "{\"id\":1}", {{"Kind", "b2b"}, {"Nats-Msg-Id", "m-1"}, {"Kind", "again"}});
    client->publish("orders.new", "");
    const auto stream = source();
    const auto opened = stream->open({});
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->ack_wait_ms, jetstream_ack_wait_ms) << "it made the consumer";
    EXPECT_EQ(opened->unacknowledged, 0);
    const auto batch = stream->fetch(10, long_wait_ms);
    ASSERT_THAT(bodies(batch), ElementsAre("{\"id\":1}", ""));
    const auto& message = batch->front();
    EXPECT_EQ(message.subject, "orders.new");
    EXPECT_EQ(message.stream, "ORDERS");
    EXPECT_EQ(message.sequence, 1U);
    EXPECT_GT(message.stored_at_ns, 1'600'000'000'000'000'000);
    EXPECT_THAT(message.headers, ElementsAre(Pair("Kind", "b2b"), Pair("Kind", "again"), Pair("Nats-Msg-Id", "m-1")));
    EXPECT_TRUE(stream->acknowledge());
    client->wait_until_nothing_pends("ORDERS", "odoo");
    EXPECT_THAT(bodies(stream->fetch(10, wait_ms)), IsEmpty());
}

TEST_F(JetStreamTest, ABatchIsAsLargeAsAskedForAndTheRestComesNext) {
    for (int i = 0; i < 7; ++i) client->publish("orders.new", std::to_string(i));
    const auto stream = source();
    ASSERT_TRUE(stream->open({}));
    EXPECT_THAT(bodies(stream->fetch(3, long_wait_ms)), ElementsAre("0", "1", "2"));
    EXPECT_TRUE(stream->acknowledge());
    EXPECT_THAT(bodies(stream->fetch(3, long_wait_ms)), ElementsAre("3", "4", "5"));
    EXPECT_TRUE(stream->acknowledge());
    EXPECT_THAT(bodies(stream->fetch(3, long_wait_ms)), ElementsAre("6"));
}

TEST_F(JetStreamTest, WhatIsHandedBackComesAgainFirstAndUnchanged) {
    for (int i = 0; i < 4; ++i) client->publish("orders.new", std::to_string(i));
    const auto stream = source();
    ASSERT_TRUE(stream->open({}));
    const auto first = stream->fetch(2, long_wait_ms);
    stream->hand_back();
    const auto again = stream->fetch(4, long_wait_ms);
    ASSERT_THAT(bodies(again), ElementsAre("0", "1", "2", "3"));
    EXPECT_EQ(again->front().sequence, first->front().sequence);
    EXPECT_EQ(again->front().stored_at_ns, first->front().stored_at_ns);
}

TEST_F(JetStreamTest, WhatNobodyAcknowledgedComesAgainAfterARestartOfTheServer) {
    add_impatient_consumer();
    client->publish("orders.new", "1");
    const auto stream = source({.stream = "ORDERS", .consumer = "impatient"});
    ASSERT_TRUE(stream->open({}));
    const auto first = stream->fetch(1, long_wait_ms);
    ASSERT_THAT(bodies(first), ElementsAre("1"));
    client.reset();
    server->stop();
    const auto lost = stream->acknowledge();
    ASSERT_FALSE(lost) << "nobody is there to hear it";
    EXPECT_TRUE(lost.error().disconnected);
    const auto refused = stream->open({});
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().disconnected) << refused.error().message;
    server->start();
    ASSERT_TRUE(stream->open({}));
    const auto again = stream->fetch(1, long_wait_ms);
    ASSERT_THAT(bodies(again), ElementsAre("1"));
    EXPECT_EQ(again->front().sequence, first->front().sequence);
    EXPECT_EQ(again->front().stored_at_ns, first->front().stored_at_ns) << "its event_id depends on it";
}

TEST_F(JetStreamTest, AServerThatDiesIsNoticedWhileWaitingForAMessage) {
    const auto stream = source();
    ASSERT_TRUE(stream->open({}));
    client.reset();
    std::thread killer([this] { server->stop(); });
    const auto batch = stream->fetch(1, 600'000);
    killer.join();
    ASSERT_FALSE(batch);
    EXPECT_TRUE(batch.error().disconnected) << batch.error().message;
}

TEST_F(JetStreamTest, SignsOfWorkKeepABatchInHand) {
    add_impatient_consumer();
    client->publish("orders.new", "1");
    const auto stream = source({.stream = "ORDERS", .consumer = "impatient"});
    const auto opened = stream->open({});
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->ack_wait_ms, impatient_ms) << "a consumer that is there keeps its own";
    ASSERT_THAT(bodies(stream->fetch(1, long_wait_ms)), ElementsAre("1"));
    // Another one asks meanwhile for twice as long as a message may stay out.
    const auto other = source({.stream = "ORDERS", .consumer = "impatient"});
    const auto beside = other->open({});
    ASSERT_TRUE(beside);
    EXPECT_EQ(beside->unacknowledged, 1);
    EXPECT_EQ(beside->last_delivered, 1U);
    std::atomic<bool> done{false};
    std::thread worker([&] {
        while (!done) {
            stream->still_working();
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    });
    EXPECT_THAT(bodies(other->fetch(1, 2 * impatient_ms)), IsEmpty());
    done = true;
    worker.join();
    EXPECT_THAT(bodies(other->fetch(1, long_wait_ms)), ElementsAre("1")) << "without them it is handed out again";
}

TEST_F(JetStreamTest, TheSubjectFilters) {
    client->publish("orders.a.new", "1");
    client->publish("orders.b.new", "2");
    const auto stream = source({.stream = "ORDERS", .consumer = "b", .subject = "orders.b.>"});
    ASSERT_TRUE(stream->open({}));
    EXPECT_THAT(bodies(stream->fetch(10, long_wait_ms)), ElementsAre("2"));
    EXPECT_TRUE(stream->acknowledge());
    ASSERT_TRUE(stream->open({})) << "the consumer it made suits it";
}

TEST_F(JetStreamTest, AMissingStreamIsNamed) {
    const auto error = error_of(source({.stream = "ORDRES", .consumer = "odoo"}));
    EXPECT_EQ(error.failure, Failure::invalid);
    EXPECT_EQ(error.message, "there is no stream ORDRES: make it (`nats stream add ORDRES`), or correct the name");
}

TEST_F(JetStreamTest, AConsumerThatCouldLoseMessagesIsRefused) {
    const auto make = [&](const char* name, const std::function<void(jsConsumerConfig&)>& change) {
        jsConsumerConfig config;
        jsConsumerConfig_Init(&config);
        config.Durable = name;
        config.AckPolicy = js_AckExplicit;
        change(config);
        client->add_consumer("ORDERS", config);
        const auto error = error_of(source({.stream = "ORDERS", .consumer = name}));
        EXPECT_EQ(error.failure, Failure::invalid);
        return error.message;
    };
    EXPECT_EQ(make("all", [](auto& config) { config.AckPolicy = js_AckAll; }),
              "consumer all of stream ORDERS has the acknowledgement policy \"all\", and it has to be \"explicit\"; "
              "change or delete it (a missing one is made), or name another");
    EXPECT_THAT(make("few", [](auto& config) { config.MaxDeliver = 3; }), HasSubstr("max_deliver"));
    EXPECT_THAT(make("push", [](auto& config) { config.DeliverSubject = "elsewhere"; }),
                HasSubstr("has to be a pull consumer"));
    EXPECT_THAT(make("headers", [](auto& config) { config.HeadersOnly = true; }), HasSubstr("headers_only"));
    EXPECT_THAT(make("filter", [](auto& config) { config.FilterSubject = "orders.x"; }),
                HasSubstr("filters by the subject `orders.x`, and it has to be ``"));
}

TEST_F(JetStreamTest, AConsumersOwnLimitsOfARequestAreKept) {
    jsConsumerConfig config;
    jsConsumerConfig_Init(&config);
    config.Durable = "limited";
    config.AckPolicy = js_AckExplicit;
    config.MaxRequestBatch = 2;
    config.MaxRequestExpires = 200'000'000;
    client->add_consumer("ORDERS", config);
    for (int i = 0; i < 3; ++i) client->publish("orders.new", std::to_string(i));
    const auto stream = source({.stream = "ORDERS", .consumer = "limited"});
    ASSERT_TRUE(stream->open({}));
    EXPECT_THAT(bodies(stream->fetch(10, long_wait_ms)), ElementsAre("0", "1"));
}

TEST_F(JetStreamTest, AConsumerThatIsDeletedIsNoticedAndMadeAgain) {
    const auto stream = source();
    ASSERT_TRUE(stream->open({}));
    ASSERT_THAT(bodies(stream->fetch(1, wait_ms)), IsEmpty());
    client->delete_consumer("ORDERS", "odoo");
    const auto batch = stream->fetch(1, wait_ms);
    ASSERT_FALSE(batch);
    EXPECT_THAT(batch.error().message, HasSubstr("is gone"));
    client->publish("orders.new", "1");
    ASSERT_TRUE(stream->open({}));
    EXPECT_THAT(bodies(stream->fetch(1, long_wait_ms)), ElementsAre("1"));
}

TEST_F(JetStreamTest, AConsumerThatIsMadeAgainBeginsShortlyBeforeWhatIsJournalled) {
    for (int i = 0; i < 3; ++i) client->publish("orders.new", std::to_string(i));
    const auto stream = source();
    EXPECT_TRUE(stream->open({})->made);
    const auto batch = stream->fetch(3, long_wait_ms);
    ASSERT_THAT(bodies(batch), ElementsAre("0", "1", "2"));
    ASSERT_TRUE(stream->acknowledge());
    EXPECT_FALSE(stream->open({})->made);
    client->delete_consumer("ORDERS", "odoo");
    // As if the second were so much older than the newest that is journalled.
    const auto opened =
        stream->open({.sequence = 9, .stored_at_ns = batch->at(1).stored_at_ns + jetstream_again_ms * 1'000'000});
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_TRUE(opened->made);
    EXPECT_THAT(bodies(stream->fetch(3, long_wait_ms)), ElementsAre("1", "2")) << "not the whole stream";
}

TEST_F(JetStreamTest, AServerWithoutJetStreamSaysSo) {
    const NatsServer other;
    // Another account of it has none.
    std::ofstream(other.folder() / "plain.conf") << "accounts { A { users = [ { user: a, password: b } ] } }\n";
    const NatsServer plain({"-c", (other.folder() / "plain.conf").string()});
    auto account = plain.account();
    account.user = "a";
    account.password = Secret("b");
    const auto error = error_of(make_jetstream(account, {.stream = "ORDERS", .consumer = "odoo"}, "sluice test"));
    EXPECT_EQ(error.failure, Failure::invalid);
    EXPECT_THAT(error.message, HasSubstr("JetStream"));
}

}  // namespace
}  // namespace sluice::host
