#pragma once
// What runs: connectors, Odoo databases, and how a new configuration differs from it.

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/config/resolve.hpp"
#include "host/plugins/plugin_handler.hpp"

namespace sluice::host {

/// One state of the configuration. Immutable; what did not change is the same object as before.
struct RunningSet {
    std::map<std::string, std::shared_ptr<const Connector>> connectors;
    std::vector<std::string> disabled;
    std::map<std::string, std::shared_ptr<const OdooDatabase>> databases;
    std::map<std::string, NatsAccount> nats;

    /// Null where there is none.
    std::shared_ptr<const Connector> connector(const std::string& name) const;
    std::shared_ptr<const OdooDatabase> database(const std::string& name) const;
    std::vector<std::shared_ptr<const Connector>> all_connectors() const;
    /// Each Odoo database, by the name of its `[odoo.NAME]`, as no other company's is called: its URL and its name
    /// there.
    std::map<std::string, std::string> installations() const;
};

/// The set a setup makes. A connector or account that is as in `before` keeps its object: lanes, session and guards go
/// on.
std::shared_ptr<const RunningSet> make_running_set(const Setup& setup, const RunningSet& before);

/// What has to be done to get from one set to the other. A connector whose database's account changed is changed too.
struct SetChange {
    std::vector<std::string> stopped, started, restarted;
};
SetChange difference(const RunningSet& before, const RunningSet& after);

/// The set that is in force. Any thread.
class CurrentSet {
public:
    std::shared_ptr<const RunningSet> get() const {
        const std::lock_guard lock(mutex_);
        return set_;
    }
    void replace(std::shared_ptr<const RunningSet> set) {
        const std::lock_guard lock(mutex_);
        set_ = std::move(set);
    }

private:
    mutable std::mutex mutex_;
    std::shared_ptr<const RunningSet> set_ = std::make_shared<const RunningSet>();
};

}  // namespace sluice::host
