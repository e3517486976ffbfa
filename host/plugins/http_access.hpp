#pragma once
// One lane's HTTP connections to external systems.

#include <list>
#include <memory>
#include <mutex>

#include "core/http/client.hpp"

namespace sluice::host {

/// Sends one request somewhere. One thread, except cancel().
class HttpAccess {
public:
    virtual ~HttpAccess() = default;
    /// Errors are http::Client's.
    virtual Result<http::Response> send(const http::Endpoint& endpoint, http::Request request) = 0;
    /// Asks by a connection of its own whether anybody answers there (limits.hpp says how long it may take).
    virtual bool probe(const http::Endpoint& endpoint) = 0;
    /// Ends a running send() and every later one. Any thread.
    virtual void cancel() = 0;
};

/// A client for each of the last max_http_endpoints (limits.hpp).
class LaneHttp final : public HttpAccess {
public:
    Result<http::Response> send(const http::Endpoint& endpoint, http::Request request) override;
    bool probe(const http::Endpoint& endpoint) override;
    void cancel() override;

private:
    std::shared_ptr<http::Client> client_for(const http::Endpoint& endpoint);

    std::mutex mutex_;                                  ///< guards the members below; never held while sending
    std::list<std::shared_ptr<http::Client>> clients_;  ///< the last used first
    std::shared_ptr<http::Client> prober_;              ///< while it asks
    bool cancelled_ = false;
};

}  // namespace sluice::host
