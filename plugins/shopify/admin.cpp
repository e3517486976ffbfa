#include "admin.hpp"

#include <cmath>

namespace shopify {
namespace {

constexpr std::string_view api_version = "2026-10";

/// How long the bucket needs to hold what the request costs: extensions.cost says both.
std::int64_t throttle_wait_ms(const json::object& answer) {
    constexpr std::int64_t unsaid_ms = 2'000;
    const auto* cost = answer.if_contains("extensions") && answer.at("extensions").is_object()
                           ? answer.at("extensions").as_object().if_contains("cost")
                           : nullptr;
    if (cost == nullptr || !cost->is_object()) return unsaid_ms;
    boost::system::error_code absent;
    const auto number = [&](std::string_view pointer) {
        const auto* value = cost->find_pointer(pointer, absent);
        return value != nullptr && value->is_number() ? value->to_number<double>() : 0.0;
    };
    const double missing = number("/requestedQueryCost") - number("/throttleStatus/currentlyAvailable");
    const double rate = number("/throttleStatus/restoreRate");
    if (missing <= 0 || rate <= 0) return unsaid_ms;
    return static_cast<std::int64_t>(std::ceil(missing / rate * 1'000.0));
}

bool is_code(const json::value& error, std::string_view code) {
    boost::system::error_code absent;
    const auto* found = error.find_pointer("/extensions/code", absent);
    return found != nullptr && found->is_string() && found->as_string() == code;
}

/// What the top-level `errors` of an answer mean.
[[noreturn]] void throw_errors(const json::value& errors, const json::object& answer) {
    std::string all;
    bool throttled = false, internal = false;
    if (errors.is_array()) {
        for (const auto& error : errors.as_array()) {
            throttled |= is_code(error, "THROTTLED");
            internal |= is_code(error, "INTERNAL_SERVER_ERROR") || is_code(error, "TIMEOUT");
            all += (all.empty() ? "" : "; ") + (error.is_object() ? text_of(error.as_object(), "message") : "");
        }
    } else if (errors.is_string()) {
        all = std::string(errors.as_string());
    }
    if (throttled) throw sluice::RateLimited("Shopify throttles: " + all, throttle_wait_ms(answer));
    if (internal) throw sluice::Unknown("Shopify failed within: " + all);
    throw sluice::Rejected("Shopify refused the request: " + all);
}

}  // namespace

std::string Admin::url_of(std::string_view path) const {
    return settings_.shop_url + "/admin/api/" + std::string(api_version) + "/" + std::string(path);
}

sluice::HttpReply Admin::get(std::string_view path) {
    return delivery_.http("admin").get(url_of(path)).header("Accept", "application/json").send();
}

json::object Admin::send(std::string_view document, json::object variables) {
    const auto body =
        json::serialize(json::object{{"query", json::string(document)}, {"variables", std::move(variables)}});
    const auto reply =
        delivery_.http("admin").post(url_of("graphql.json"), body).header("Accept", "application/json").send();
    boost::system::error_code unreadable;
    const auto answer = json::parse(reply.body, unreadable);
    if (unreadable || !answer.is_object()) throw sluice::Unknown("Shopify answered no JSON object");
    const auto& object = answer.as_object();
    if (const auto* errors = object.if_contains("errors")) throw_errors(*errors, object);
    const auto* data = object.if_contains("data");
    if (data == nullptr || !data->is_object()) throw sluice::Unknown("Shopify answered without data");
    return data->as_object();
}

json::object Admin::query(std::string_view document, json::object variables) {
    try {
        return send(document, std::move(variables));
    } catch (const sluice::Unknown& unknown) {
        auto details = unknown.details();
        details.status = SLUICE_RETRY;
        throw sluice::Retry(details);
    }
}

json::object Admin::mutate(std::string_view root, std::string_view document, json::object variables) {
    auto data = send(document, std::move(variables));
    auto* found = data.if_contains(root);
    if (found == nullptr || !found->is_object()) throw sluice::Unknown("Shopify answered without " + std::string(root));
    return std::move(found->as_object());
}

std::string user_errors(const json::object& root) {
    std::string all;
    const auto* errors = root.if_contains("userErrors");
    if (errors == nullptr || !errors->is_array()) return all;
    for (const auto& error : errors->as_array()) {
        if (!error.is_object()) continue;
        const auto code = text_of(error.as_object(), "code");
        const auto* field = error.as_object().if_contains("field");
        all += (all.empty() ? "" : "; ") + (code.empty() ? "" : code + ": ") + text_of(error.as_object(), "message");
        if (field != nullptr && field->is_array()) all += " " + json::serialize(*field);
    }
    return all;
}

bool has_user_error(const json::object& root, std::string_view code) {
    const auto* errors = root.if_contains("userErrors");
    if (errors == nullptr || !errors->is_array()) return false;
    for (const auto& error : errors->as_array()) {
        if (error.is_object() && text_of(error.as_object(), "code") == code) return true;
    }
    return false;
}

void refuse_user_errors(const json::object& root, std::string_view what) {
    const auto errors = user_errors(root);
    if (!errors.empty()) throw sluice::Rejected("Shopify refused " + std::string(what) + ": " + errors);
}

const json::array& nodes_of(const json::object& owner, std::string_view connection, std::string_view what) {
    const auto& found = owner.at(connection).as_object();
    if (const auto* page = found.if_contains("pageInfo"); page != nullptr && page->at("hasNextPage").as_bool())
        throw sluice::Rejected("there are more " + std::string(what) + " than this connector reads at once");
    return found.at("nodes").as_array();
}

}  // namespace shopify
