#include "core/odoo/server_version.hpp"

#include <algorithm>
#include <optional>
#include <vector>

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

ServerVersion read(const json::Value& root) {
    const auto either = [&](std::string_view wrapped, std::string_view bare) {
        const auto found = root.find(wrapped);
        return found ? found : root.find(bare);
    };
    const auto info = either("server_version_info", "version_info"), text = either("server_version", "version");
    return {.major = info ? major_of(*info) : 0, .text = text ? std::string(text->text()) : ""};
}

struct Way {
    http::Request request;
    bool bare = false;  ///< the answer is not wrapped as JSON-RPC
};

std::vector<Way> ways() {
    std::vector<Way> all(3);
    all[0].request = wire::make_post("/web/webclient/version_info", 1, "{}");
    all[1].request.target = "/json/version";
    all[1].bare = true;
    all[2].request = wire::make_post("/jsonrpc", 1, R"({"service":"common","method":"version","args":[]})");
    return all;
}

}  // namespace

Result<ServerVersion> ask_version(http::Client& http, http::Timeouts timeouts) {
    timeouts.total_ms = std::min(timeouts.total_ms, max_ask_ms);
    const auto wrong = [](Error error) {
        if (error.failure == Failure::unknown) error.failure = Failure::retry;
        error.message = "Odoo's version: " + error.message;
        return std::unexpected(std::move(error));
    };
    std::optional<Error> first;
    for (auto& way : ways()) {
        way.request.timeouts = timeouts;
        way.request.idempotent = true;
        const auto response = http.send(way.request);
        if (!response) return wrong(response.error());
        const auto decoded = way.bare ? wire::decode_bare_answer(*response) : wire::decode_answer(*response, 1);
        if (decoded.result) {
            auto version = read(decoded.result->root());
            if (version.major == 0) return wrong({.failure = Failure::retry, .message = "the answer names none"});
            return version;
        }
        if (!decoded.error_name.empty()) return wrong(decoded.result.error());
        if (!first) first = decoded.result.error();
    }
    return wrong(std::move(*first));
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
