#pragma once
// The gates of a process, and whether a delivery is worth starting now.

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/delivery/admission.hpp"
#include "core/delivery/call_gate.hpp"

namespace sluice::delivery {

/// The gates of a process, by what is behind them: one for each Odoo database, one for each external account. Shared by
/// all lanes. Any thread. Lifecycle: construct, configure() before the first lane and whenever the configuration
/// changes, destroy after the last lane; a gate once made stays, so that nothing gets a new quota by being taken out of
/// the configuration and put back.
class AdmissionControl final : public Admission {
public:
    struct Connector {
        std::string name;
        std::string odoo;   ///< the database it writes to
        std::string group;  ///< connectors of one group speak to one account and share its limits; "": its own
        RateLimits limits;  ///< of the account
    };
    struct Setup {
        std::vector<Connector> connectors;
        std::map<std::string, CallCeiling> odoo;  ///< by database
    };

    /// `store` (null: a restart begins the day anew) and `clock` outlive the object.
    explicit AdmissionControl(const Clock& clock, QuotaStore* store = nullptr) : clock_(clock), store_(store) {}

    /// From now on. Connectors that are not named keep what they have, until their lanes are gone.
    void configure(const Setup& setup);

    /// Names the account whose limits and outages a connector has.
    static std::string account_of(const std::string& connector, const std::string& group);

    /// For calls to that database; one that was never configured has the default ceiling.
    std::shared_ptr<CallGate> odoo(const std::string& database);
    /// For calls to the connector's external system; without limits where it was never configured.
    std::shared_ptr<CallGate> external(const std::string& connector);
    /// Deliveries of this flow call the external system: only such wait for it. Forgotten when the process ends.
    void calls_external(const std::string& connector, const std::string& flow);

    std::optional<std::int64_t> earliest_start_ms(const std::string& connector, const std::string& flow,
                                                  std::int64_t now_ms) override;

private:
    std::shared_ptr<CallGate> odoo_gate(const std::string& database, const CallCeiling& ceiling);
    std::shared_ptr<CallGate> external_gate(const std::string& connector);

    const Clock& clock_;
    QuotaStore* const store_;
    std::mutex mutex_;
    std::map<std::string, Connector> connectors_;
    std::map<std::string, std::shared_ptr<CallGate>> odoo_;      ///< by database
    std::map<std::string, std::shared_ptr<CallGate>> external_;  ///< by account: "connector.NAME" or "group.NAME"
    std::set<std::pair<std::string, std::string>> external_flows_;
};

}  // namespace sluice::delivery
