#pragma once
// A way to the web that lets reads through and writes down everything else.

#include <memory>

#include "host/plugins/http_access.hpp"
#include "host/plugins/planned_call.hpp"

namespace sluice::host {

/// GET and HEAD go to `real`. Any other request is put into `plan`, which stops there: what the other system would
/// answer nobody knows. (A POST that only asks, as of GraphQL, is no exception.) One thread, except cancel(). What is
/// passed in outlives it.
class DryHttp final : public HttpAccess {
public:
    DryHttp(HttpAccess& real, Plan& plan) : real_(real), plan_(plan) {}
    Result<http::Response> send(const http::Endpoint& endpoint, http::Request request) override;
    bool probe(const http::Endpoint& endpoint) override { return real_.probe(endpoint); }
    void cancel() override { real_.cancel(); }

private:
    HttpAccess& real_;
    Plan& plan_;
};

}  // namespace sluice::host
