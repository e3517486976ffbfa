#pragma once
// What GET /v0/status says.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/delivery/call_gate.hpp"
#include "core/delivery/engine.hpp"
#include "core/journal/types.hpp"
#include "host/ingress/ingress.hpp"
#include "host/queue/consumer.hpp"
#include "host/service/contract_watch.hpp"
#include "host/service/retention.hpp"

namespace sluice::host {

struct ConnectorStatus {
    std::string name, plugin, plugin_version, odoo;
    int lanes = 0;
    std::map<std::string, Mode> modes;  ///< of the flows that are not live
    bool enabled = true;
    bool configured = true;  ///< false: the journal has events of it, and the configuration does not name it
    delivery::Engine::Status engine;
    std::string rate_limit_group;
    delivery::CallGate::Status external;  ///< calls to the external account
    journal::Counts counts;
    IngressCounters ingress;
    std::vector<QueueStatus> queues;
    std::optional<ContractStatus> contract;  ///< held against Odoo; nothing: not yet, or never
    std::vector<journal::Pause> pauses;      ///< an operator's, of the connector and of its flows

    /// "not configured", "disabled", "paused", "outage", "external outage" or "running".
    std::string state() const;
};

struct HostStatus {
    std::int64_t started_at_ms = 0;
    std::int64_t now_ms = 0;
    bool stopping = false;
    std::vector<ConnectorStatus> connectors;
    std::vector<std::pair<std::string, delivery::CallGate::Status>> odoo;  ///< by [odoo.NAME]
    IngressCounters other;                                                 ///< requests that named no connector
    RetentionRounds::Status retention;
};

/// The version of this program: "0.1.0".
std::string_view program_version();

std::string render_status(const HostStatus& status);

}  // namespace sluice::host
