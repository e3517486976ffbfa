#include "host/ingress/event_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/text.hpp"
#include "core/base/timestamp.hpp"

namespace sluice::host {
namespace {

/// The lower-case prefix of a vendor's headers: "x-shopify-" of "X-Shopify-Topic"; "" where the name has no such form.
std::string vendor_prefix(std::string_view header) {
    auto name = to_lower_ascii(header);
    if (!name.starts_with("x-")) return "";
    const auto dash = name.find('-', 2);
    return dash == std::string::npos ? "" : name.substr(0, dash + 1);
}

}  // namespace

bool is_usable(std::string_view text) {
    return !text.empty() && text.size() <= max_identity_bytes && is_utf8(text);
}

ReceivedDocument::ReceivedDocument(std::string_view body) : ReceivedDocument(json::Document::parse(body)) {}

ReceivedDocument::ReceivedDocument(Result<json::Document> parsed)
    : document(parsed ? std::move(*parsed) : std::move(*json::Document::parse("null"))),
      unreadable(parsed ? "" : fmt::format("the body is no JSON: {}", parsed.error().message)) {}

journal::NewEvent read_event(const Connector& connector, const contract::Flow& flow, const EventRules& rules,
                             std::string topic, const ReceivedDocument& received, const http::Headers& headers) {
    journal::NewEvent event{.connector = connector.name,
                            .flow = flow.name,
                            .order = flow.order,
                            .topic = std::move(topic),
                            .coalesce = flow.coalesce_latest};
    const auto document = received.document.root();
    std::string unreadable = received.unreadable;
    if (unreadable.empty()) {
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
            const auto tie = mapping::fill_template(rules.revision_tie, document, document, headers, connector.config);
            if (tie && is_revision(*tie)) event.revision += revision_tie_mark + *tie;
        }
        if (!rules.record.empty()) event.record = json::identity_at(document, rules.record);
        if (event.record.size() > max_identity_bytes) event.record.clear();
        const auto id = mapping::fill_template(rules.event_id, document, document, headers, connector.config);
        event.event_id = id && is_usable(*id) ? *id : rules.otherwise_id;
    }
    if (!unreadable.empty()) {
        event.event_id = "unreadable:" + rules.unreadable;
        event.ordering_key = event.event_id;  // nobody's: it holds up nothing
        event.revision.clear();
        event.dead_letter_reason = std::move(unreadable);
    }
    return event;
}

std::string kept_headers(const http::Headers& headers, KeptHeaders rules) {
    std::set<std::string> names{"content-type", "user-agent"};
    for (const auto* text : rules.declared) {
        for (const auto& part : text->parts) {
            if (part.kind != contract::Template::Part::Kind::header) continue;
            names.insert(to_lower_ascii(part.text));
            if (auto prefix = vendor_prefix(part.text); !prefix.empty()) rules.prefixes.insert(std::move(prefix));
        }
    }
    const auto signature = to_lower_ascii(rules.never);
    constexpr std::array<std::string_view, 4> never{"authorization", "proxy-authorization", "cookie", "set-cookie"};

    json::Writer out;
    out.begin_object();
    std::set<std::string> written;
    for (const auto& [header, value] : headers) {
        const auto name = to_lower_ascii(header);
        if (name == signature || std::ranges::find(never, name) != never.end() || !is_utf8(value)) continue;
        const bool kept = names.contains(name) || std::ranges::any_of(rules.prefixes, [&](const auto& prefix) {
                              return name.starts_with(prefix);
                          });
        if (kept && written.insert(name).second) out.key(header).string(value);
    }
    return out.end_object().take();
}

}  // namespace sluice::host
