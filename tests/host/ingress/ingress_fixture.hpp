#pragma once
// A connector without a plugin file, webhooks for it, and a journal whose answers a test writes.

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/crypto.hpp"
#include "core/contract/contract.hpp"
#include "core/journal/journal.hpp"
#include "host/ingress/ingress.hpp"

namespace sluice::host {

inline constexpr std::string_view order_body = R"({"id":6223372036854775807,"updated_at":"2026-01-02T03:04:05Z"})";

inline contract::Template header_template(const std::vector<std::string>& headers) {
    using Part = contract::Template::Part;
    contract::Template text;
    for (const auto& header : headers) {
        if (!text.parts.empty()) text.parts.push_back({.kind = Part::Kind::literal, .text = ":"});
        text.parts.push_back({.kind = Part::Kind::header, .text = header});
    }
    return text;
}

/// Two flows of one signature, as a shop's contract has them.
inline Connector make_connector(const std::string& name = "shop") {
    auto plugin = std::make_shared<Plugin>();
    plugin->name = "vendor";
    const auto add = [&](const std::string& flow_name, std::vector<std::string> topics, const std::string& revision) {
        contract::Flow flow{.name = flow_name, .order = flow_name, .ordering_key = "/id", .revision = revision};
        flow.webhook = contract::WebhookTrigger{
            .topics = std::move(topics),
            .topic = header_template({"X-Vendor-Topic"}),
            .event_id = header_template({"X-Vendor-Topic", "X-Vendor-Webhook-Id"}),
            .record = "/id",
            .signature = contract::Signature{.header = "X-Vendor-Hmac", .secret = "webhook_secret"}};
        plugin->contract.flows.emplace(flow_name, std::move(flow));
    };
    add("order", {"orders/create", "orders/updated"}, "/updated_at");
    add("product", {"products/create"}, "");
    Connector connector{.name = name};
    connector.plugin = std::move(plugin);
    connector.secrets.emplace("webhook_secret", Secret("sesame"));
    return connector;
}

inline std::string sign(std::string_view body, std::string_view secret = "sesame") {
    return crypto::base64(crypto::hmac_sha256(secret, body));
}

inline http::ServerRequest make_webhook(std::string_view body = order_body, std::string topic = "orders/create") {
    return {.method = "POST",
            .target = "/webhooks/shop",
            .headers = {{"Content-Type", "application/json"},
                        {"User-Agent", "Vendor/1"},
                        {"Authorization", "Bearer nobody-may-see"},
                        {"Cookie", "session=nobody-may-see"},
                        {"X-Forwarded-For", "10.0.0.1"},
                        {"X-Vendor-Hmac", sign(body)},
                        {"X-Vendor-Topic", std::move(topic)},
                        {"X-Vendor-Webhook-Id", "w-1"},
                        {"X-Vendor-Shop", "my.shop"}},
            .body = std::string(body),
            .peer = "127.0.0.1:4711"};
}

inline void set_header(http::ServerRequest& request, std::string_view name, std::optional<std::string> value) {
    std::erase_if(request.headers, [&](const auto& header) { return header.first == name; });
    if (value) request.headers.emplace_back(name, *value);
}

/// Keeps what is appended until the test says what became of it.
class ScriptedIntake final : public journal::Intake {
public:
    using Done = std::function<void(Result<std::vector<journal::Appended>>)>;
    struct Pending {
        journal::NewEvent event;
        Done done;
    };
    std::vector<Pending> pending;

    void commit(std::int64_t seq, bool duplicate = false) {
        take()(std::vector{journal::Appended{.seq = journal::Seq{seq}, .duplicate = duplicate}});
    }
    void break_down() { take()(fail(Failure::retry, "disk full")); }

    void append_async(std::vector<journal::NewEvent> events, Done done) override {
        pending.push_back({std::move(events.at(0)), std::move(done)});
    }

    Result<std::vector<journal::Appended>> append(std::vector<journal::NewEvent>) override { return unasked(); }

private:
    static std::unexpected<Error> unasked() { return fail(Failure::invalid, "not scripted"); }
    Done take() {
        auto done = std::move(pending.at(0).done);
        pending.erase(pending.begin());
        return done;
    }
};

}  // namespace sluice::host
