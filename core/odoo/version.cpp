#include "core/odoo/version.hpp"

#include <charconv>

#include "core/base/text.hpp"

namespace sluice::odoo {
namespace {

/// 17, "17" and "saas~18".
std::optional<int> number_of(const json::Value& value) {
    auto text = value.text();
    static constexpr std::string_view saas = "saas~";
    if (text.starts_with(saas)) text.remove_prefix(saas.size());
    int number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc() || end == text.data() || number < 0) return std::nullopt;
    return number;
}

}  // namespace

std::vector<http::Request> version_requests(std::int64_t id) {
    std::vector<http::Request> requests;
    requests.push_back(wire::make_post("/web/webclient/version_info", id, "{}"));
    requests.push_back({.method = "GET", .target = "/json/version", .headers = {}, .body = {}, .timeouts = {}});
    requests.push_back(wire::make_post("/jsonrpc", id, R"({"service":"common","method":"version","args":[]})"));
    for (auto& request : requests) request.idempotent = true;
    return requests;
}

std::optional<Version> read_version(const http::Response& response) {
    const auto content_type = to_lower_ascii(http::find_header(response.headers, "Content-Type"));
    if (response.status != 200 || !content_type.starts_with("application/json")) return std::nullopt;
    const auto document = json::Document::parse(response.body);
    if (!document) return std::nullopt;
    for (const auto* pointer : {"/result/server_version_info", "/version_info"}) {
        const auto info = document->root().at_pointer(pointer);
        if (!info || info->kind() != json::Kind::array || info->size() < 2) continue;
        const auto major = number_of(info->at(0)), minor = number_of(info->at(1));
        if (major) return Version{.major = *major, .minor = minor.value_or(0)};
    }
    return std::nullopt;
}

}  // namespace sluice::odoo
