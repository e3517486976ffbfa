#pragma once
// A lane's ways to other systems, each call through the gate that all lanes share.

#include <atomic>
#include <memory>
#include <string>

#include "core/base/clock.hpp"
#include "core/delivery/call_gate.hpp"
#include "host/plugins/http_access.hpp"
#include "host/plugins/odoo_access.hpp"

namespace sluice::host {

/// Failure::rate_limited with `retry_after_ms` where a call gets no turn within a second: nothing was sent. Probes pass
/// by the gate. What the gate is told: how long calls of one method and size took; a lost connection, a time-out, 502
/// to 504 as an overload; 429 as a refusal.
class GatedOdoo final : public OdooAccess, private odoo::Caller {
public:
    GatedOdoo(std::unique_ptr<OdooAccess> odoo, std::shared_ptr<delivery::CallGate> gate, std::string connector);

    odoo::Caller& caller() override { return *this; }
    Result<odoo::Written> write(odoo::Caller& through, odoo::IdMemory& memory,
                                const mapping::MappedRecord& record) override {
        return odoo_->write(through, memory, record);
    }
    std::vector<Result<odoo::Written>> write_all(odoo::Caller& through,
                                                 const std::vector<odoo::RecordWriter::Write>& writes) override {
        return odoo_->write_all(through, writes);
    }
    Result<mapping::MappedRecord> in_its_names(const mapping::MappedRecord& record) override {
        return odoo_->in_its_names(record);
    }
    bool probe() override { return odoo_->probe(); }
    void cancel() override;

private:
    Result<json::Document> call(std::string_view model, std::string_view method, std::string_view args,
                                std::string_view kwargs) override;

    std::unique_ptr<OdooAccess> odoo_;
    std::shared_ptr<delivery::CallGate> gate_;
    std::string connector_;
    std::atomic<bool> cancelled_ = false;
};

/// The same for the external system. An answer 429, or 503 with Retry-After, closes the gate for all; the wait for a
/// turn is taken out of the request's time-outs.
class GatedHttp final : public HttpAccess {
public:
    /// The clock outlives the object.
    GatedHttp(std::unique_ptr<HttpAccess> http, std::shared_ptr<delivery::CallGate> gate, std::string connector,
              const Clock& clock);

    Result<http::Response> send(const http::Endpoint& endpoint, http::Request request) override;
    bool probe(const http::Endpoint& endpoint) override { return http_->probe(endpoint); }
    void cancel() override;

private:
    std::unique_ptr<HttpAccess> http_;
    std::shared_ptr<delivery::CallGate> gate_;
    std::string connector_;
    const Clock& clock_;
    std::atomic<bool> cancelled_ = false;
};

}  // namespace sluice::host
