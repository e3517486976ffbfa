#include "host/ingress/webhook.hpp"

#include <gmock/gmock.h>

#include "core/base/timestamp.hpp"
#include "core/json/json.hpp"
#include "host/ingress/event_reader.hpp"
#include "tests/host/ingress/ingress_fixture.hpp"

namespace sluice::host {
namespace {

using testing::HasSubstr;
using testing::Not;

const Connector& connector() {
    static const Connector made = make_connector();
    return made;
}

auto read(http::ServerRequest request) {
    return read_webhook(connector(), std::move(request), 1'000);
}

TEST(Webhook, BecomesAnEventByTheContract) {
    const auto event = read(make_webhook());
    ASSERT_TRUE(event);
    EXPECT_EQ(event->connector, "shop");
    EXPECT_EQ(event->flow, "order");
    EXPECT_EQ(event->order, "order");
    EXPECT_EQ(event->topic, "orders/create");
    EXPECT_EQ(event->event_id, "orders/create:w-1");
    EXPECT_EQ(event->ordering_key, "6223372036854775807");
    EXPECT_EQ(event->record, "6223372036854775807");
    EXPECT_EQ(event->revision, "2026-01-02T03:04:05Z");
    EXPECT_EQ(event->payload, order_body);
    EXPECT_EQ(event->occurred_at_ms, 1'000);
    EXPECT_EQ(event->dead_letter_reason, "");
}

TEST(Webhook, OfACoalescingFlowIsCoalesced) {
    EXPECT_FALSE(read(make_webhook())->coalesce);
    auto coalescing = make_connector();
    auto plugin = std::make_shared<Plugin>(*coalescing.plugin);
    plugin->contract.flows.at("order").coalesce_latest = true;
    coalescing.plugin = plugin;
    EXPECT_TRUE(read_webhook(coalescing, make_webhook(), 1'000)->coalesce);
}

TEST(Webhook, TheNewerOfTwoWithOneRevisionIsKnownByTheTie) {
    auto tied = make_connector();
    auto plugin = std::make_shared<Plugin>(*tied.plugin);
    plugin->contract.flows.at("order").webhook->revision_tie = header_template({"X-Vendor-Triggered-At"});
    tied.plugin = plugin;
    const auto revision = [&](std::string triggered) {
        auto request = make_webhook();
        if (!triggered.empty()) request.headers.emplace_back("X-Vendor-Triggered-At", std::move(triggered));
        return read_webhook(tied, std::move(request), 1'000)->revision;
    };
    const auto earlier = revision("2026-01-02T03:04:05.100Z"), later = revision("2026-01-02T03:04:05.200Z");
    EXPECT_EQ(earlier, "2026-01-02T03:04:05Z|2026-01-02T03:04:05.100Z");
    EXPECT_LT(compare_revisions(earlier, later), 0);
    EXPECT_EQ(revision(""), "2026-01-02T03:04:05Z");
    EXPECT_EQ(revision("yesterday"), "2026-01-02T03:04:05Z") << "an unreadable tie is none";
}

TEST(Webhook, TopicChoosesTheFlow) {
    const auto event = read(make_webhook(R"({"id":1})", "products/create"));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->flow, "product");
}

TEST(Webhook, KeepsTheVendorsHeadersAndNoSecretOfAnybody) {
    const auto event = read(make_webhook());
    ASSERT_TRUE(event);
    const auto headers = json::Document::parse(event->headers);
    ASSERT_TRUE(headers);
    std::vector<std::string> names;
    for (std::size_t i = 0; i < headers->root().size(); ++i) names.emplace_back(headers->root().key(i));
    EXPECT_THAT(names, testing::UnorderedElementsAre("Content-Type", "User-Agent", "X-Vendor-Topic",
                                                     "X-Vendor-Webhook-Id", "X-Vendor-Shop"));
    EXPECT_THAT(event->headers, Not(HasSubstr("nobody-may-see")));
    EXPECT_THAT(event->headers, Not(HasSubstr(sign(order_body))));
}

TEST(Webhook, WrongSignaturesAreRefused) {
    const auto right = sign(order_body);
    auto flipped = right;
    flipped[3] = flipped[3] == 'A' ? 'B' : 'A';
    const std::vector<std::optional<std::string>> wrong{std::nullopt,
                                                        "",
                                                        flipped,
                                                        right.substr(0, right.size() - 1),
                                                        right + "A",
                                                        sign(order_body, "other"),
                                                        sign("another body"),
                                                        crypto::hex(crypto::hmac_sha256("sesame", order_body))};
    for (const auto& signature : wrong) {
        auto request = make_webhook();
        set_header(request, "X-Vendor-Hmac", signature);
        const auto event = read(std::move(request));
        ASSERT_FALSE(event) << signature.value_or("(none)");
        EXPECT_EQ(event.error().status, 401);
        EXPECT_EQ(event.error().why, Refusal::signature);
        EXPECT_THAT(event.error().log, Not(HasSubstr(right)));
        EXPECT_THAT(event.error().log, Not(HasSubstr("6223372036854775807")));
    }
}

TEST(Webhook, NothingIsTrustedWithoutASecret) {
    auto without = make_connector();
    auto request = make_webhook();
    set_header(request, "X-Vendor-Hmac", sign(order_body, ""));
    without.secrets["webhook_secret"] = Secret();
    EXPECT_FALSE(read_webhook(without, request, 0));
    without.secrets.clear();
    EXPECT_FALSE(read_webhook(without, request, 0));
}

TEST(Webhook, UndeclaredTopicIsRefusedAndTheDeclaredOnesAreLogged) {
    const auto event = read(make_webhook(order_body, "carts/update"));
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().status, 404);
    EXPECT_EQ(event.error().why, Refusal::topic);
    EXPECT_EQ(event.error().log,
              "a signed webhook has the topic `carts/update`; the contract of `vendor` declares: orders/create, "
              "orders/updated, products/create");
    auto without = make_webhook();
    set_header(without, "X-Vendor-Topic", std::nullopt);
    EXPECT_FALSE(read(std::move(without)));
}

TEST(Webhook, SignedBodyThatIsNoJsonIsADeadLetterOfItsOwn) {
    const std::string body = "<html>\xFF</html>";
    const auto event = read(make_webhook(body));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->event_id, "unreadable:" + crypto::hex(crypto::sha256(body)));
    EXPECT_EQ(event->ordering_key, event->event_id);
    EXPECT_EQ(event->flow, "order");
    EXPECT_EQ(event->topic, "orders/create");
    EXPECT_EQ(event->payload, body);
    EXPECT_THAT(event->dead_letter_reason, HasSubstr("the body is no JSON"));
}

TEST(Webhook, BodyWithoutItsKeyOrRevisionIsADeadLetter) {
    for (const auto* body : {R"({"updated_at":"2026-01-02T03:04:05Z"})", R"({"id":{},"updated_at":"x"})",
                             R"({"id":"","updated_at":"x"})", R"([])"}) {
        const auto event = read(make_webhook(body));
        ASSERT_TRUE(event) << body;
        EXPECT_THAT(event->dead_letter_reason, HasSubstr("the ordering key of flow `order`")) << body;
        EXPECT_TRUE(event->event_id.starts_with("unreadable:")) << body;
    }
    const auto event = read(make_webhook(R"({"id":1})"));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->dead_letter_reason,
              "the revision of flow `order` should be a text or number of at most 512 bytes at /updated_at, and there "
              "is none");
}

TEST(Webhook, ARevisionThatOrdersNothingIsADeadLetter) {
    const auto event = read(make_webhook(R"({"id":1,"updated_at":"yesterday"})"));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->dead_letter_reason,
              "the revision of flow `order` should be a time like 2026-01-31T08:00:00Z or a number at /updated_at, and "
              "is `yesterday`");
    EXPECT_TRUE(read(make_webhook(R"({"id":1,"updated_at":17})"))->dead_letter_reason.empty());
}

TEST(Webhook, OverlongKeyIsADeadLetter) {
    const auto body = R"({"id":")" + std::string(max_identity_bytes + 1, 'x') + R"(","updated_at":"x"})";
    const auto event = read(make_webhook(body));
    ASSERT_TRUE(event);
    EXPECT_THAT(event->dead_letter_reason, HasSubstr("what is there is not"));
}

TEST(Webhook, WithoutTheIdHeaderTheBodyAndTopicAreTheIdentity) {
    const auto id_of = [](std::string_view body, const std::string& topic, std::optional<std::string> id) {
        auto request = make_webhook(body, topic);
        set_header(request, "X-Vendor-Webhook-Id", std::move(id));
        return read(std::move(request)).value().event_id;
    };
    const auto id = id_of(order_body, "orders/create", std::nullopt);
    EXPECT_EQ(id, "body:" + crypto::hex(crypto::sha256(order_body)) + ":orders/create");
    EXPECT_EQ(id_of(order_body, "orders/create", std::nullopt), id);
    EXPECT_NE(id_of(order_body, "orders/updated", std::nullopt), id);
    EXPECT_EQ(id_of(order_body, "orders/create", std::string(600, 'x')), id) << "an absurd id is none";
    EXPECT_EQ(id_of(order_body, "orders/create", "\xFF\xFE"), id) << "neither is one that is no text";
}

TEST(Webhook, ConnectorWithoutWebhooksSaysSo) {
    Connector deaf{.name = "deaf"};
    deaf.plugin = std::make_shared<Plugin>();
    const auto event = read_webhook(deaf, make_webhook(), 0);
    ASSERT_FALSE(event);
    EXPECT_EQ(event.error().status, 404);
}

}  // namespace
}  // namespace sluice::host
