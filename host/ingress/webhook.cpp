#include "host/ingress/webhook.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/base/crypto.hpp"
#include "core/base/text.hpp"
#include "core/base/timestamp.hpp"
#include "core/json/json.hpp"

namespace sluice::host {
namespace {

using contract::Flow;

/// True where the request carries the signature this flow declares (or it declares none).
bool is_signed(const Connector& connector, const http::ServerRequest& request, const Flow& flow) {
    const auto& signature = flow.webhook->signature;
    if (!signature) return true;
    const auto secret = connector.secrets.find(signature->secret);
    // No key, no trust: a missing secret must never make an empty key that anybody can sign with.
    if (secret == connector.secrets.end() || secret->second.empty()) return false;
    const auto given = trim(http::find_header(request.headers, signature->header));
    const auto right = crypto::base64(crypto::hmac_sha256(secret->second.reveal(), request.body));
    return crypto::equal_in_constant_time(given, right);
}

bool is_usable(std::string_view text) {
    return !text.empty() && text.size() <= max_identity_bytes && is_utf8(text);
}

/// The lower-case prefix of a vendor's headers: "x-shopify-" of "X-Shopify-Topic"; "" where the name has no such form.
std::string vendor_prefix(std::string_view header) {
    auto name = to_lower_ascii(header);
    if (!name.starts_with("x-")) return "";
    const auto dash = name.find('-', 2);
    return dash == std::string::npos ? "" : name.substr(0, dash + 1);
}

void named_headers(const contract::Template& text, std::set<std::string>& names) {
    for (const auto& part : text.parts) {
        if (part.kind == contract::Template::Part::Kind::header) names.insert(part.text);
    }
}

std::string kept_headers(const http::ServerRequest& request, const Flow& flow) {
    std::set<std::string> declared;
    named_headers(flow.webhook->topic, declared);
    named_headers(flow.webhook->event_id, declared);
    std::set<std::string> names{"content-type", "user-agent"}, prefixes;
    for (const auto& header : declared) {
        names.insert(to_lower_ascii(header));
        if (auto prefix = vendor_prefix(header); !prefix.empty()) prefixes.insert(std::move(prefix));
    }
    const auto signature = flow.webhook->signature ? to_lower_ascii(flow.webhook->signature->header) : "";
    constexpr std::array<std::string_view, 4> never{"authorization", "proxy-authorization", "cookie", "set-cookie"};

    json::Writer out;
    out.begin_object();
    std::set<std::string> written;
    for (const auto& [header, value] : request.headers) {
        const auto name = to_lower_ascii(header);
        if (name == signature || std::ranges::find(never, name) != never.end() || !is_utf8(value)) continue;
        const bool kept = names.contains(name) ||
                          std::ranges::any_of(prefixes, [&](const auto& prefix) { return name.starts_with(prefix); });
        if (kept && written.insert(name).second) out.key(header).string(value);
    }
    return out.end_object().take();
}

std::string declared_topics(const std::vector<const Flow*>& flows) {
    std::string all;
    for (const auto* flow : flows) {
        for (const auto& topic : flow->webhook->topics) all += (all.empty() ? "" : ", ") + topic;
    }
    return all;
}

struct Target {
    const Flow* flow = nullptr;
    std::string topic;
};

/// The flow that declares this request's topic. Where no topic can be told because the body is unreadable, the first
/// flow stands in.
std::expected<Target, Refused> choose_flow(const Connector& connector, const http::ServerRequest& request,
                                           const std::vector<const Flow*>& flows, const json::Value& document,
                                           bool readable) {
    std::string told;
    for (const auto* flow : flows) {
        const auto topic =
            mapping::fill_template(flow->webhook->topic, document, document, request.headers, connector.config);
        if (!topic || !is_usable(*topic)) continue;
        told = *topic;
        if (std::ranges::find(flow->webhook->topics, told) != flow->webhook->topics.end()) return Target{flow, told};
    }
    if (told.empty() && !readable) return Target{flows.front(), ""};
    return std::unexpected(
        Refused{.why = Refusal::topic,
                .status = 404,
                .answer = "this connector takes no webhook of this topic",
                .log = fmt::format("a signed webhook {}; the contract of `{}` declares: {}",
                                   told.empty() ? "names no topic" : fmt::format("has the topic `{}`", told),
                                   connector.plugin->name, declared_topics(flows))});
}

}  // namespace

std::string_view to_string(Refusal refusal) {
    constexpr std::array<std::string_view, refusal_count> words{
        "unknown_path", "unknown_connector", "disabled",  "method",  "signature",
        "topic",        "backlog",           "in_flight", "journal", "stopping"};
    return words.at(static_cast<std::size_t>(refusal));
}

std::expected<journal::NewEvent, Refused> read_webhook(const Connector& connector, http::ServerRequest request,
                                                       std::int64_t now_ms) {
    std::vector<const Flow*> flows, trusted;
    std::map<std::pair<std::string, std::string>, bool> checked;  // flows mostly share one signature: one HMAC for all
    for (const auto& [name, flow] : connector.plugin->contract.flows) {
        if (!flow.webhook || !is_on(connector, flow)) continue;
        flows.push_back(&flow);
        const auto& signature = flow.webhook->signature;
        const auto [known, first] =
            checked.try_emplace(signature ? std::pair(to_lower_ascii(signature->header), signature->secret)
                                          : std::pair<std::string, std::string>());
        if (first) known->second = is_signed(connector, request, flow);
        if (known->second) trusted.push_back(&flow);
    }
    if (flows.empty()) {
        return std::unexpected(Refused{
            .why = Refusal::topic,
            .status = 404,
            .answer = "this connector takes no webhooks",
            .log = fmt::format("a webhook came, and the contract of `{}` declares none", connector.plugin->name)});
    }
    if (trusted.empty()) {
        const auto& header = flows.front()->webhook->signature->header;
        const bool missing = http::find_header(request.headers, header).empty();
        return std::unexpected(
            Refused{.why = Refusal::signature,
                    .status = 401,
                    .answer = missing ? "the signature is missing" : "the signature is not right",
                    .log = missing ? fmt::format("a webhook without the header {}", header)
                                   : fmt::format("a webhook whose {} does not match its {} body bytes: forged, or the "
                                                 "connector's secret is not the vendor's",
                                                 header, request.body.size())});
    }

    auto parsed = json::Document::parse(request.body);
    const bool readable = parsed.has_value();
    std::string unreadable = readable ? "" : fmt::format("the body is no JSON: {}", parsed.error().message);
    // Templates of headers alone can still be filled over a body that is none.
    if (!readable) parsed = json::Document::parse("null");
    const auto document = parsed->root();

    const auto target = choose_flow(connector, request, trusted, document, readable);
    if (!target) return std::unexpected(target.error());
    const Flow& flow = *target->flow;

    journal::NewEvent event{.connector = connector.name,
                            .flow = flow.name,
                            .order = flow.order,
                            .topic = target->topic,
                            .headers = kept_headers(request, flow),
                            .occurred_at_ms = now_ms};
    const auto body_hash = crypto::hex(crypto::sha256(request.body));
    if (readable) {
        const auto require = [&](std::string& into, const std::string& pointer, std::string_view what) {
            into = json::identity_at(document, pointer);
            if (is_usable(into) || !unreadable.empty()) return;
            unreadable = fmt::format("{} of flow `{}` should be a text or number of at most {} bytes at {}, and {}",
                                     what, flow.name, max_identity_bytes, pointer,
                                     into.empty() ? "there is none" : "what is there is not");
        };
        require(event.ordering_key, flow.ordering_key, "the ordering key");
        // An event without its revision would count as older than everything and be dropped as stale.
        if (!flow.revision.empty()) {
            require(event.revision, flow.revision, "the revision");
            if (unreadable.empty() && !is_revision(event.revision))
                unreadable = fmt::format(
                    "the revision of flow `{}` should be a time like 2026-01-31T08:00:00Z or a number at {}, and is "
                    "`{}`",
                    flow.name, flow.revision, event.revision);
        }
        if (unreadable.empty() && !event.revision.empty()) {
            const auto tie = mapping::fill_template(flow.webhook->revision_tie, document, document, request.headers,
                                                    connector.config);
            if (tie && is_revision(*tie)) event.revision += revision_tie_mark + *tie;
        }
        if (!flow.webhook->record.empty()) event.record = json::identity_at(document, flow.webhook->record);
        if (event.record.size() > max_identity_bytes) event.record.clear();
        const auto id =
            mapping::fill_template(flow.webhook->event_id, document, document, request.headers, connector.config);
        event.event_id = id && is_usable(*id) ? *id : fmt::format("body:{}:{}", body_hash, target->topic);
    }
    if (!unreadable.empty()) {
        event.event_id = "unreadable:" + body_hash;
        event.ordering_key = event.event_id;  // nobody's: it holds up nothing
        event.revision.clear();
        event.dead_letter_reason = std::move(unreadable);
    }
    event.payload = std::move(request.body);
    return event;
}

}  // namespace sluice::host
