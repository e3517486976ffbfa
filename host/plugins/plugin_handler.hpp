#pragma once
// The ABI's host side: one lane's plugin instance as a delivery handler.

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "core/base/clock.hpp"
#include "core/credentials/secret.hpp"
#include "core/delivery/admission_control.hpp"
#include "core/delivery/lanes.hpp"
#include "core/journal/journal.hpp"
#include "core/mapping/mapping.hpp"
#include "core/odoo/client.hpp"
#include "core/odoo/record_writer.hpp"
#include "core/odoo/server_version.hpp"
#include "core/telemetry/log.hpp"
#include "host/plugins/plugin.hpp"

namespace sluice::host {

/// What all lanes of one Odoo database share.
struct OdooDatabase {
    odoo::Account account;
    std::shared_ptr<odoo::SharedSession> session;
    std::shared_ptr<odoo::SingleFlight> flights;
    std::shared_ptr<odoo::KnownVersion> version = std::make_shared<odoo::KnownVersion>();
    std::shared_ptr<odoo::LookupCache> lookups = std::make_shared<odoo::LookupCache>(system_clock());
};

/// What becomes of a flow's events.
enum class Mode : std::uint8_t {
    live,
    shadow,  ///< delivered up to the last step; what would have been written is recorded, nothing is
    paused,  ///< kept, not delivered
};

/// A configured connector: `[connector.NAME]` with its values checked against the contract's keys.
struct Connector {
    std::string name;
    std::shared_ptr<const Plugin> plugin;  ///< with an extension, one of its own with the extended contract
    /// The operator's extension of the plugin's contract: its file's name and text; "" where there is none.
    std::string extension_file, extension;
    int lanes = 4;
    std::string odoo;                       ///< key of `[odoo.NAME]`
    std::string nats;                       ///< key of `[nats.NAME]`; "": none
    mapping::Config config;                 ///< contract keys that are no secrets, defaults filled in
    std::map<std::string, Secret> secrets;  ///< contract keys that are
    /// Per flow, the contract's or the operator's.
    std::map<std::string, contract::Retry> retry;
    std::map<std::string, contract::Retention> retention;
    std::map<std::string, Mode> modes;  ///< per flow; live where there is none
    delivery::RateLimits limits;        ///< of the external account, the contract's or the operator's
    std::string rate_limit_group;       ///< connectors of one group share an account; "": its own
    odoo::CallContext context;          ///< of its calls of Odoo
};

constexpr std::string_view to_string(Mode mode) {
    return mode == Mode::shadow ? "shadow" : mode == Mode::paused ? "paused" : "live";
}

inline Mode mode_of(const Connector& connector, const std::string& flow) {
    const auto found = connector.modes.find(flow);
    return found == connector.modes.end() ? Mode::live : found->second;
}

/// Whether each of these configuration keys has a value.
inline bool is_configured(const Connector& connector, const std::vector<std::string>& keys) {
    return std::ranges::all_of(keys, [&](const std::string& key) {
        const auto value = connector.config.find(key);
        const auto secret = connector.secrets.find(key);
        return (value != connector.config.end() && !value->second.empty()) ||
               (secret != connector.secrets.end() && !secret->second.empty());
    });
}

/// Whether all that the flow `needs` is configured; a flow that is off starts nothing.
inline bool is_on(const Connector& connector, const contract::Flow& flow) {
    return is_configured(connector, flow.needs);
}

/// The topic of events that a flow's schedule appends; `occurred_at_ms` is the moment they were due.
inline constexpr std::string_view schedule_topic = "schedule";

/// Makes the handler of one lane: calls the plugin's create(), later handle() for each claim. An event whose revision
/// is older than the one applied to its record is done without a call ("stale: ..."). A batch goes to the plugin's
/// handle_batch() where it has one, with the time of all its events together, else to handle() one by one. A delivery
/// that ends with a disconnect asks the Odoo database by an independent probe whether it is an outage. Every call goes
/// through the gates of `admission`, probes do not. Call on the lane's thread. All references outlive the handler.
Result<std::unique_ptr<delivery::Handler>> make_plugin_handler(const Connector& connector, const OdooDatabase& database,
                                                               delivery::AdmissionControl& admission,
                                                               journal::ConnectorMemory& journal, const Clock& clock,
                                                               const telemetry::Logger& logger);

}  // namespace sluice::host
