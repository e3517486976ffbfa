#include "host/queue/jetstream.hpp"

#include <fmt/format.h>
#include <nats/nats.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "host/queue/nats_objects.hpp"

namespace sluice::host {
namespace {

using nats::failed;

constexpr std::int64_t ns_per_ms = 1'000'000;
/// The server ends a request for messages, and says so, this much before the client stops waiting for them.
constexpr std::int64_t request_margin_ms = 50;
/// No limit to what libnats queues for the subscription: what it drops is handed out again too late, behind newer
/// messages, and there is never more than what was asked for.
constexpr int no_pending_limit = -1;
constexpr auto no_limit = std::numeric_limits<std::int64_t>::max();
// What is published to a message's reply subject (nats-server, server/consumer.go).
constexpr const char *ack_done = "+ACK", *ack_again = "-NAK", *ack_in_progress = "+WPI";

std::string_view policy_name(jsAckPolicy policy) {
    if (policy == js_AckAll) return "all";
    return policy == js_AckNone ? "none" : "explicit";
}

/// Whether this is a message of the stream: those have a subject to be acknowledged by, the server's own words do not.
bool is_of_stream(natsMsg* message) {
    const char* reply = natsMsg_GetReply(message);
    return reply != nullptr && std::string_view(reply).starts_with("$JS.ACK.");
}

/// How a request for messages ended: an error where it was not in the ordinary course.
Result<void> request_ended(natsMsg* message) {
    const char *status = nullptr, *description = nullptr;
    if (natsMsgHeader_Get(message, "Status", &status) != NATS_OK || status == nullptr) return {};
    // None there (404); none came in time, or no more (408); a sign of life (100).
    for (const std::string_view ordinary : {"404", "408", "100"}) {
        if (status == ordinary) return {};
    }
    natsMsgHeader_Get(message, "Description", &description);
    return fail(Failure::retry, fmt::format("the server refuses to send messages: {} {}", status,
                                            description == nullptr ? "" : description));
}

class JetStream final : public QueueSource {
public:
    JetStream(NatsAccount account, QueueNames names, std::string client)
        : account_(std::move(account)),
          names_(std::move(names)),
          client_(std::move(client)),
          request_subject_(fmt::format("$JS.API.CONSUMER.MSG.NEXT.{}.{}", names_.stream, names_.consumer)) {}
    ~JetStream() override { JetStream::close(); }

    Result<Opened> open(const QueuePlace& journalled) override {
        close();
        if (auto connected = connect(); !connected) return std::unexpected(connected.error());
        auto info = look();
        const bool made = info && !*info;
        if (made) info = make_consumer(journalled);
        if (!info) return std::unexpected(info.error());
        if (auto right = check(*(*info)->Config); !right) return std::unexpected(right.error());
        if (auto subscribed = subscribe(); !subscribed) return std::unexpected(subscribed.error());
        const auto& config = *(*info)->Config;
        most_ = config.MaxRequestBatch > 0 ? config.MaxRequestBatch : no_limit;
        longest_wait_ms_ = config.MaxRequestExpires > 0 ? config.MaxRequestExpires / ns_per_ms : no_limit;
        return Opened{.ack_wait_ms = std::max<std::int64_t>(config.AckWait / ns_per_ms, 1),
                      .unacknowledged = (*info)->NumAckPending,
                      .last_delivered = (*info)->Delivered.Stream,
                      .made = made};
    }

    /// Not natsSubscription_Fetch(): in libnats 3.4 it writes beyond its array where messages of an earlier request are
    /// still arriving when the next one is made.
    Result<std::vector<QueueMessage>> fetch(int most, std::int64_t wait_ms) override {
        in_hand_.clear();
        std::vector<QueueMessage> batch;
        const auto room = static_cast<std::int64_t>(jetstream_max_batch_bytes / largest_message());
        const auto wanted =
            static_cast<std::size_t>(std::max<std::int64_t>(std::min({std::int64_t{most}, room, most_}), 1));
        const auto expires_ms = std::max<std::int64_t>(std::min(wait_ms, longest_wait_ms_) - request_margin_ms, 1);
        // "no_wait" with "expires": the server waits for a first message, and then sends what there is.
        const auto reply = fmt::format("{}.{}", inbox_, ++requests_);
        const auto request =
            fmt::format(R"({{"batch":{},"no_wait":true,"expires":{}}})", wanted, expires_ms * ns_per_ms);
        auto status = natsConnection_PublishRequestString(connection_.get(), request_subject_.c_str(), reply.c_str(),
                                                          request.c_str());
        if (status != NATS_OK) return failed(status, "cannot ask for messages");
        using std::chrono::steady_clock;
        const auto deadline = steady_clock::now() + std::chrono::milliseconds(wait_ms);
        while (batch.size() < wanted) {
            using std::chrono::milliseconds;
            const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
            natsMsg* received = nullptr;
            status = natsSubscription_NextMsg(&received, subscription_.get(), std::max<std::int64_t>(left, 0));
            nats::Message message(received);
            if (status == NATS_TIMEOUT) {
                if (!batch.empty()) break;
                // Not even a word that there is nothing: a consumer that was deleted is as silent.
                const auto there = look();
                if (!there) return std::unexpected(there.error());
                if (!*there)
                    return fail(Failure::retry, fmt::format("consumer {} of stream {} is gone; it is made again",
                                                            names_.consumer, names_.stream));
                break;
            }
            // What came before the connection broke is the stream's, and can be journalled all the same.
            if (status != NATS_OK && !batch.empty()) break;
            if (status != NATS_OK) return failed(status, "cannot read messages");
            if (!is_of_stream(message.get())) {
                if (natsMsg_GetSubject(message.get()) != reply) continue;  // of an earlier request
                if (auto ended = request_ended(message.get()); !ended && batch.empty())
                    return std::unexpected(ended.error());
                break;
            }
            auto read = read_message(message.get());
            if (!read) return std::unexpected(read.error());
            batch.push_back(std::move(*read));
            in_hand_.push_back(std::move(message));
        }
        return batch;
    }

    Result<void> acknowledge() override {
        // Not one by one with an answer each: an acknowledgement that is lost only brings its message again. The flush
        // is one round trip for all, and says that the server has read them.
        if (const auto status = tell(ack_done); status != NATS_OK)
            return failed(status, "cannot acknowledge what is journalled; it will come again");
        in_hand_.clear();
        return {};
    }

    void hand_back() override {
        tell(ack_again);
        in_hand_.clear();
    }

    void still_working() override { tell(ack_in_progress); }

    void close() override {
        in_hand_.clear();
        subscription_.reset();
        context_.reset();
        connection_.reset();
    }

private:
    Result<void> connect();
    /// The error that the server's answer about stream or consumer is.
    std::unexpected<Error> refused(natsStatus status, jsErrCode code, std::string_view what) const;
    /// Null where there is none.
    Result<nats::ConsumerInfo> look();
    Result<nats::ConsumerInfo> make_consumer(const QueuePlace& journalled);
    Result<void> check(const jsConsumerConfig& config) const;
    Result<void> subscribe();
    Result<QueueMessage> read_message(natsMsg* message) const;
    /// Publishes `what` to all that is in hand, and waits until the server has read it.
    natsStatus tell(const char* what) const;

    std::size_t largest_message() const {
        const auto bytes = natsConnection_GetMaxPayload(connection_.get());
        return bytes > 0 ? static_cast<std::size_t>(bytes) : jetstream_max_batch_bytes;
    }

    const NatsAccount account_;
    const QueueNames names_;
    const std::string client_, request_subject_;
    std::string inbox_;
    std::int64_t requests_ = 0, most_ = no_limit, longest_wait_ms_ = no_limit;
    nats::Connection connection_;
    nats::Context context_;
    nats::Subscription subscription_;
    std::vector<nats::Message> in_hand_;
};

Result<void> JetStream::connect() {
    natsOptions* made = nullptr;
    if (const auto status = natsOptions_Create(&made); status != NATS_OK) return failed(status, "cannot start libnats");
    const nats::Options options(made);
    std::vector<const char*> urls;
    bool tls = false;
    for (const auto& url : account_.urls) {
        urls.push_back(url.c_str());
        tls = tls || url.starts_with("tls://");
    }
    auto status = NATS_OK;
    const auto set = [&](natsStatus done) {
        if (status == NATS_OK) status = done;
    };
    set(natsOptions_SetServers(made, urls.data(), static_cast<int>(urls.size())));
    set(natsOptions_SetName(made, client_.c_str()));
    set(natsOptions_SetTimeout(made, jetstream_answer_ms));
    set(natsOptions_SetPingInterval(made, jetstream_ping_ms));
    set(natsOptions_SetAllowReconnect(made, false));
    if (tls) set(natsOptions_SetSecure(made, true));
    if (!account_.ca_file.empty()) set(natsOptions_LoadCATrustedCertificates(made, account_.ca_file.c_str()));
    // libnats copies them.
    if (!account_.user.empty())
        set(natsOptions_SetUserInfo(made, account_.user.c_str(), std::string(account_.password.reveal()).c_str()));
    if (!account_.token.empty()) set(natsOptions_SetToken(made, std::string(account_.token.reveal()).c_str()));
    if (!account_.creds_file.empty())
        set(natsOptions_SetUserCredentialsFromFiles(made, account_.creds_file.c_str(), nullptr));
    if (status != NATS_OK) return failed(status, "cannot prepare the connection");

    natsConnection* connection = nullptr;
    status = natsConnection_Connect(&connection, made);
    connection_.reset(connection);
    if (status != NATS_OK) return failed(status, fmt::format("cannot connect to {}", fmt::join(account_.urls, ", ")));
    jsOptions js_options;
    jsOptions_Init(&js_options);
    js_options.Wait = jetstream_answer_ms;
    jsCtx* context = nullptr;
    status = natsConnection_JetStream(&context, connection, &js_options);
    context_.reset(context);
    if (status != NATS_OK) return failed(status, "cannot use JetStream");
    return {};
}

std::unexpected<Error> JetStream::refused(natsStatus status, jsErrCode code, std::string_view what) const {
    switch (code) {
        case JSStreamNotFoundErr:
            return fail(Failure::invalid, fmt::format("there is no stream {}: make it (`nats stream add {}`), or "
                                                      "correct the name",
                                                      names_.stream, names_.stream));
        case JSNotEnabledErr:
        case JSNotEnabledForAccountErr:
            return fail(Failure::invalid, "JetStream is not enabled, at the server or for this account");
        default:
            break;
    }
    // A refusal with a code is the server's answer, not a broken connection.
    if (code != 0) return fail(Failure::invalid, fmt::format("{}: {}", what, nats::reason(status)));
    if (status == NATS_NO_RESPONDERS)
        return fail(Failure::invalid, "nobody answers for JetStream: it is not enabled at the server");
    return failed(status, what);
}

Result<nats::ConsumerInfo> JetStream::look() {
    jsConsumerInfo* info = nullptr;
    jsErrCode code{};
    const auto status =
        js_GetConsumerInfo(&info, context_.get(), names_.stream.c_str(), names_.consumer.c_str(), nullptr, &code);
    nats::ConsumerInfo found(info);
    if (status == NATS_OK || code == JSConsumerNotFoundErr) return found;
    return refused(status, code, fmt::format("cannot look at consumer {}", names_.consumer));
}

Result<nats::ConsumerInfo> JetStream::make_consumer(const QueuePlace& journalled) {
    jsConsumerConfig config;
    jsConsumerConfig_Init(&config);
    config.Durable = names_.consumer.c_str();
    config.Description = "made by Sluice";
    config.DeliverPolicy = js_DeliverAll;
    if (journalled.stored_at_ns > jetstream_again_ms * ns_per_ms) {
        config.DeliverPolicy = js_DeliverByStartTime;
        config.OptStartTime = journalled.stored_at_ns - jetstream_again_ms * ns_per_ms;
    }
    config.AckPolicy = js_AckExplicit;
    config.AckWait = jetstream_ack_wait_ms * ns_per_ms;
    config.MaxDeliver = -1;
    config.MaxAckPending = jetstream_max_ack_pending;
    if (!names_.subject.empty()) config.FilterSubject = names_.subject.c_str();
    jsConsumerInfo* info = nullptr;
    jsErrCode code{};
    const auto status = js_AddConsumer(&info, context_.get(), names_.stream.c_str(), &config, nullptr, &code);
    nats::ConsumerInfo made(info);
    if (status == NATS_OK) return made;
    return refused(status, code, fmt::format("cannot make consumer {} of stream {}", names_.consumer, names_.stream));
}

Result<void> JetStream::check(const jsConsumerConfig& config) const {
    const auto wrong = [&](std::string_view what) {
        return fail(Failure::invalid, fmt::format("consumer {} of stream {} {}; change or delete it (a missing one is "
                                                  "made), or name another",
                                                  names_.consumer, names_.stream, what));
    };
    if (config.DeliverSubject != nullptr && *config.DeliverSubject != '\0')
        return wrong("pushes its messages, and has to be a pull consumer");
    if (config.AckPolicy != js_AckExplicit)
        return wrong(fmt::format("has the acknowledgement policy \"{}\", and it has to be \"explicit\"",
                                 policy_name(config.AckPolicy)));
    if (config.MaxDeliver > 0)
        return wrong(
            fmt::format("gives a message up after {} deliveries (max_deliver), and must never: -1", config.MaxDeliver));
    if (config.HeadersOnly) return wrong("sends only headers (headers_only), and has to send the messages");
    const std::string_view subject = config.FilterSubject == nullptr ? "" : config.FilterSubject;
    if (subject != names_.subject)
        return wrong(fmt::format("filters by the subject `{}`, and it has to be `{}`", subject, names_.subject));
    return {};
}

Result<void> JetStream::subscribe() {
    natsInbox* inbox = nullptr;
    if (const auto status = natsInbox_Create(&inbox); status != NATS_OK) return failed(status, "cannot make an inbox");
    inbox_ = inbox;
    natsInbox_Destroy(inbox);
    natsSubscription* made = nullptr;
    auto status = natsConnection_SubscribeSync(&made, connection_.get(), (inbox_ + ".*").c_str());
    subscription_.reset(made);
    if (status == NATS_OK) status = natsSubscription_SetPendingLimits(made, no_pending_limit, no_pending_limit);
    if (status != NATS_OK) return failed(status, "cannot subscribe");
    return {};
}

Result<QueueMessage> JetStream::read_message(natsMsg* message) const {
    jsMsgMetaData* read = nullptr;
    const auto status = natsMsg_GetMetaData(&read, message);
    const nats::MetaData meta(read);
    if (status != NATS_OK) return failed(status, "cannot read a message's place in its stream");
    return QueueMessage{.subject = natsMsg_GetSubject(message),
                        .stream = names_.stream,
                        .sequence = meta->Sequence.Stream,
                        .stored_at_ns = meta->Timestamp,
                        .headers = nats::headers_of(message),
                        .body = {natsMsg_GetData(message), static_cast<std::size_t>(natsMsg_GetDataLength(message))}};
}

natsStatus JetStream::tell(const char* what) const {
    if (in_hand_.empty()) return NATS_OK;
    if (!connection_) return NATS_CONNECTION_CLOSED;
    for (const auto& message : in_hand_) {
        const auto status = natsConnection_PublishString(connection_.get(), natsMsg_GetReply(message.get()), what);
        if (status != NATS_OK) return status;
    }
    return natsConnection_FlushTimeout(connection_.get(), jetstream_answer_ms);
}

}  // namespace

std::unique_ptr<QueueSource> make_jetstream(NatsAccount account, QueueNames names, std::string client) {
    return std::make_unique<JetStream>(std::move(account), std::move(names), std::move(client));
}

}  // namespace sluice::host
