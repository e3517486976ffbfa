#include "host/admin/answers.hpp"

#include <fmt/format.h>
#include <pwd.h>

#include <vector>

#include "core/base/text.hpp"
#include "host/admin/render.hpp"

namespace sluice::host {
namespace {

std::string user_name(::uid_t uid) {
    std::vector<char> buffer(16 * 1024);
    ::passwd entry{};
    ::passwd* found = nullptr;
    if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return "";
    const std::string name = found->pw_name;
    return is_utf8(name) ? name : "";
}

}  // namespace

http::Response error_response(int status, std::string_view message) {
    return http::json_response(status, render_error(message));
}

http::Response error_response(const Error& error) {
    return error_response(error.failure == Failure::invalid ? 409 : 503, error.message);
}

http::Response no_event(std::int64_t seq) {
    return error_response(404, fmt::format("there is no event {}", seq));
}

std::string who_asks(const http::ServerRequest& request) {
    if (request.peer_uid) {
        const auto name = user_name(*request.peer_uid);
        return name.empty() ? fmt::format("uid {}", *request.peer_uid)
                            : fmt::format("{} (uid {})", name, *request.peer_uid);
    }
    return request.peer == "unix" ? "admin" : fmt::format("admin ({})", request.peer);
}

}  // namespace sluice::host
