#include "core/odoo/server_version.hpp"

#include <algorithm>

#include "core/odoo/wire.hpp"

namespace sluice::odoo {
namespace {

/// Nobody waits longer for an answer that takes Odoo a millisecond.
constexpr std::int64_t max_ask_ms = 30'000;

/// `server_version_info` is [17, 0, 0, "final", 0, ""]; of a SaaS release ["saas~17", 4, ...].
int major_of(const json::Value& info) {
    if (info.size() == 0) return 0;
    const auto first = info.at(0);
    if (const auto number = first.as_int64()) return static_cast<int>(*number);
    int major = 0;
    for (const char c : first.text()) {
        if (c >= '0' && c <= '9') major = major * 10 + (c - '0');
    }
    return major;
}

}  // namespace

Result<ServerVersion> ask_version(http::Client& http, http::Timeouts timeouts) {
    auto request = wire::make_post("/web/webclient/version_info", 1, "{}");
    request.timeouts = timeouts;
    request.timeouts.total_ms = std::min(request.timeouts.total_ms, max_ask_ms);
    request.idempotent = true;
    const auto response = http.send(request);
    const auto wrong = [](Error error) {
        if (error.failure == Failure::unknown) error.failure = Failure::retry;
        error.message = "Odoo's version: " + error.message;
        return std::unexpected(std::move(error));
    };
    if (!response) return wrong(response.error());
    const auto decoded = wire::decode_answer(*response, 1);
    if (!decoded.result) return wrong(decoded.result.error());
    const auto root = decoded.result->root();
    const auto info = root.find("server_version_info"), text = root.find("server_version");
    ServerVersion version{.major = info ? major_of(*info) : 0, .text = text ? std::string(text->text()) : ""};
    if (version.major == 0) return wrong({.failure = Failure::retry, .message = "the answer names none"});
    return version;
}

Result<ServerVersion> KnownVersion::get(http::Client& http, http::Timeouts timeouts) {
    {
        const std::lock_guard lock(mutex_);
        if (version_) return *version_;
    }
    return refresh(http, timeouts);
}

Result<ServerVersion> KnownVersion::refresh(http::Client& http, http::Timeouts timeouts) {
    auto asked = ask_version(http, timeouts);
    if (asked) {
        const std::lock_guard lock(mutex_);
        version_ = *asked;
    }
    return asked;
}

}  // namespace sluice::odoo
