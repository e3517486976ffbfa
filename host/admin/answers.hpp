#pragma once
// How the admin API says that something went wrong, and who asked.

#include <string>
#include <string_view>

#include "core/http/server.hpp"

namespace sluice::host {

/// {"error":"..."}
http::Response error_response(int status, std::string_view message);
/// 409 for the caller's mistake (Failure::invalid), 503 for a disk or another system in trouble.
http::Response error_response(const Error& error);
http::Response no_event(std::int64_t seq);

/// For the journal's notes, who connected to the Unix socket: "anna (uid 1000)", "uid 1000" where it has no name.
/// "admin" where the kernel does not say, with the peer where it is no Unix socket. May ask a directory service.
std::string who_asks(const http::ServerRequest& request);

}  // namespace sluice::host
