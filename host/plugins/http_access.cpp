#include "host/plugins/http_access.hpp"

#include "host/plugins/http_answer.hpp"
#include "host/plugins/limits.hpp"

namespace sluice::host {

std::shared_ptr<http::Client> LaneHttp::client_for(const http::Endpoint& endpoint) {
    const std::lock_guard lock(mutex_);
    for (auto client = clients_.begin(); client != clients_.end(); ++client) {
        const auto& known = (*client)->endpoint();
        if (known.tls != endpoint.tls || known.host != endpoint.host || known.port != endpoint.port) continue;
        clients_.splice(clients_.begin(), clients_, client);
        return clients_.front();
    }
    clients_.push_front(std::make_shared<http::Client>(endpoint));
    if (clients_.size() > max_http_endpoints) clients_.pop_back();
    if (cancelled_) clients_.front()->cancel();
    return clients_.front();
}

Result<http::Response> LaneHttp::send(const http::Endpoint& endpoint, http::Request request) {
    const auto client = client_for(endpoint);
    return client->send(request);
}

bool LaneHttp::probe(const http::Endpoint& endpoint) {
    auto client = std::make_shared<http::Client>(endpoint);
    {
        const std::lock_guard lock(mutex_);
        if (cancelled_) return false;
        prober_ = client;
    }
    http::Request request{.method = "GET", .target = "/"};
    request.timeouts = {.connect_ms = probe_connect_ms, .total_ms = probe_total_ms};
    request.idempotent = true;
    const auto response = client->send(request);
    const std::lock_guard lock(mutex_);
    prober_.reset();
    return response && !says_that_nobody_is_there(response->status);
}

void LaneHttp::cancel() {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    if (prober_) prober_->cancel();
    for (const auto& client : clients_) client->cancel();
}

}  // namespace sluice::host
