#pragma once
// The handler behind make_plugin_handler, with its ways to other systems injected.

#include <memory>

#include "host/plugins/host_delivery.hpp"

namespace sluice::host {

/// As make_plugin_handler (plugin_handler.hpp), over any Odoo and HTTP. `odoo_total_ms` is the total time-out of one
/// Odoo call. The ways are to go through the gates by themselves.
Result<std::unique_ptr<delivery::Handler>> make_plugin_handler_over(
    const Connector& connector, delivery::AdmissionControl& admission, journal::ConnectorMemory& journal,
    const Clock& clock, const telemetry::Logger& logger, std::unique_ptr<OdooAccess> odoo,
    std::unique_ptr<HttpAccess> http, std::int64_t odoo_total_ms);

}  // namespace sluice::host
