#include "host/plugins/dry_http.hpp"

#include <fmt/format.h>

namespace sluice::host {

Result<http::Response> DryHttp::send(const http::Endpoint& endpoint, http::Request request) {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (plan_.stopped_because.empty() && reads) {
        ++plan_.reads;
        return real_.send(endpoint, std::move(request));
    }
    if (plan_.stopped_because.empty()) {
        // Headers may carry secrets, and so may a query.
        plan_.calls.push_back({.to_odoo = false,
                               .method = request.method,
                               .url = fmt::format("{}://{}:{}{}", endpoint.tls ? "https" : "http", endpoint.host,
                                                  endpoint.port, request.target.substr(0, request.target.find('?'))),
                               .body = request.body,
                               .assumed = !plan_.calls.empty()});
        plan_.stop(fmt::format("what comes after depends on the answer to this {}", request.method));
    }
    return fail(Failure::cancelled, "the dry run stopped: " + plan_.stopped_because);
}

}  // namespace sluice::host
