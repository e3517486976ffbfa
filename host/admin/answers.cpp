#include "host/admin/answers.hpp"

#include <fmt/format.h>

#include "host/admin/render.hpp"

namespace sluice::host {

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
    return request.peer == "unix" ? "admin" : fmt::format("admin ({})", request.peer);
}

}  // namespace sluice::host
