#pragma once
// What is said to an HTTP proxy before it passes bytes on (RFC 9110, 9.3.6).

#include <string>

#include "core/http/client.hpp"

namespace sluice::http {

/// The CONNECT for the endpoint, whose proxy is set.
std::string tunnel_request(const Endpoint& endpoint);

/// Why there is no tunnel, for the operator.
std::string tunnel_refusal(const Proxy& proxy, int status);

}  // namespace sluice::http
