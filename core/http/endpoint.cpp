#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

#include "core/http/client.hpp"

namespace sluice::http {

namespace {

std::unexpected<Error> refuse(std::string_view why) {
    // The text itself may hold a password, so it is not repeated.
    return fail(Failure::invalid, fmt::format("not an endpoint: {}; write it like \"https://odoo.example.com\"", why));
}

std::string bracketed(const std::string& host) {
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

Result<Endpoint> Endpoint::parse(std::string_view text) {
    const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
    if (!parsed) return refuse("this is no absolute URL");
    const boost::urls::url_view& url = *parsed;
    Endpoint endpoint;
    if (url.scheme_id() == boost::urls::scheme::https) {
        endpoint.tls = true;
    } else if (url.scheme_id() != boost::urls::scheme::http) {
        return refuse("the scheme must be http or https");
    }
    if (url.has_userinfo()) return refuse("a user name or password has no place in the URL");
    if (url.has_query()) return refuse("a query (`?...`) has no place in the URL");
    if (url.has_fragment()) return refuse("a fragment (`#...`) has no place in the URL");

    switch (url.host_type()) {
        case boost::urls::host_type::ipv4:
            endpoint.host = std::string(url.encoded_host());
            break;
        case boost::urls::host_type::ipv6:
            endpoint.host = std::string(url.encoded_host());
            endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
            break;
        case boost::urls::host_type::name:
            endpoint.host = std::string(url.encoded_host());
            if (endpoint.host.find('%') != std::string::npos) return refuse("the host's name has escaped characters");
            break;
        default:
            break;
    }
    if (endpoint.host.empty()) return refuse("the host is missing");

    endpoint.base_path = std::string(url.encoded_path());
    // Boost.URL 1.81 lets "host:8069x" through and calls the "x" a path.
    if (!endpoint.base_path.empty() && !endpoint.base_path.starts_with('/')) {
        return refuse("what follows the host must be `:` and a port number, or `/`");
    }
    while (endpoint.base_path.ends_with('/')) endpoint.base_path.pop_back();
    endpoint.port = endpoint.tls ? "443" : "80";
    if (url.has_port() && !url.port().empty()) {
        // Boost.URL 1.81's port_number() keeps the low 16 bits of "99999".
        const std::string port(url.port());
        unsigned long number = 0;
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
        if (error != std::errc{} || end != port.data() + port.size() || number < 1 || number > 65535) {
            return refuse("the port must be between 1 and 65535");
        }
        endpoint.port = std::to_string(number);
    }
    return endpoint;
}

Result<Proxy> Proxy::parse(std::string_view url) {
    const auto endpoint = Endpoint::parse(url);
    if (!endpoint) return std::unexpected(endpoint.error());
    if (endpoint->tls)
        return fail(Failure::invalid, "a proxy is spoken to over http; write it like \"http://proxy:3128\"");
    if (!endpoint->base_path.empty()) return fail(Failure::invalid, "a proxy's URL has no path");
    return Proxy{.host = endpoint->host, .port = endpoint->port, .authorization = {}};
}

std::string Endpoint::name() const {
    if (!unix_socket.empty()) return "unix:" + unix_socket;
    return fmt::format("{}:{}", bracketed(host), port);
}

std::string Endpoint::authority() const {
    if (!unix_socket.empty()) return "localhost";
    if (port == (tls ? "443" : "80")) return bracketed(host);
    return name();
}

}  // namespace sluice::http
