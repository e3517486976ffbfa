#include "core/http/proxy_tunnel.hpp"

#include <fmt/format.h>

namespace sluice::http {

std::string tunnel_request(const Endpoint& endpoint) {
    // A tunnel's address always has its port.
    auto text = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", endpoint.name());
    if (!endpoint.proxy->authorization.empty()) {
        text += fmt::format("Proxy-Authorization: {}\r\n", endpoint.proxy->authorization);
    }
    return text + "\r\n";
}

std::string tunnel_refusal(const Proxy& proxy, int status) {
    const bool login = status == 407;
    return fmt::format("the proxy {}:{} answered {} to CONNECT{}", proxy.host, proxy.port, status,
                       login ? ": check its user and password" : "");
}

}  // namespace sluice::http
