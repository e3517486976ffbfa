#include "host/plugins/gated_access.hpp"

#include <algorithm>
#include <bit>

#include "host/plugins/http_answer.hpp"

namespace sluice::host {
namespace {

/// Calls that take about as long as each other: of one method, and of the same size within a factor of four.
std::string kind_of(std::string_view model, std::string_view method, std::size_t bytes) {
    return std::string(model) + "." + std::string(method) + "/" + std::to_string(std::bit_width(bytes) / 2);
}

}  // namespace

GatedOdoo::GatedOdoo(std::unique_ptr<OdooAccess> odoo, std::shared_ptr<delivery::CallGate> gate, std::string connector)
    : odoo_(std::move(odoo)), gate_(std::move(gate)), connector_(std::move(connector)) {}

Result<json::Document> GatedOdoo::call(std::string_view model, std::string_view method, std::string_view args,
                                       std::string_view kwargs) {
    auto permit = gate_->acquire(connector_, cancelled_);
    if (!permit) return std::unexpected(permit.error());
    auto result = odoo_->caller().call(model, method, args, kwargs);
    if (result) {
        permit->answered(kind_of(model, method, args.size() + kwargs.size() + result->root().raw().size()));
    } else if (result.error().failure == Failure::rate_limited) {
        permit->refused(result.error().retry_after_ms);
    } else if (result.error().disconnected && result.error().retry_after_ms > 0) {
        permit->refused(result.error().retry_after_ms);
    } else if (result.error().disconnected) {
        permit->overloaded();
    }
    // How long a refusal takes says nothing of how long the call would.
    return result;
}

void GatedOdoo::cancel() {
    cancelled_.store(true);
    gate_->wake();
    odoo_->cancel();
}

GatedHttp::GatedHttp(std::unique_ptr<HttpAccess> http, std::shared_ptr<delivery::CallGate> gate, std::string connector,
                     const Clock& clock)
    : http_(std::move(http)), gate_(std::move(gate)), connector_(std::move(connector)), clock_(clock) {}

Result<http::Response> GatedHttp::send(const http::Endpoint& endpoint, http::Request request) {
    auto permit = gate_->acquire(connector_, cancelled_);
    if (!permit) return std::unexpected(permit.error());
    auto& timeouts = request.timeouts;
    timeouts.total_ms = std::max<std::int64_t>(1, timeouts.total_ms - permit->waited_ms());
    timeouts.connect_ms = std::min(timeouts.connect_ms, timeouts.total_ms);
    auto response = http_->send(endpoint, std::move(request));
    if (!response) return response;
    const auto retry_after_ms = parse_retry_after(http::find_header(response->headers, "Retry-After"), clock_.now_ms());
    if (response->status == 429 || (response->status == 503 && retry_after_ms >= 0)) {
        permit->refused(retry_after_ms);
    } else {
        permit->answered("");
    }
    return response;
}

void GatedHttp::cancel() {
    cancelled_.store(true);
    gate_->wake();
    http_->cancel();
}

}  // namespace sluice::host
