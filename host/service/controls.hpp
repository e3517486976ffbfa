#pragma once
// What people ask of a running host through the admin API.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "core/base/clock.hpp"
#include "core/delivery/lanes.hpp"
#include "core/journal/journal.hpp"
#include "core/telemetry/log.hpp"
#include "host/admin/admin_hooks.hpp"
#include "host/plugins/dry_run.hpp"
#include "host/service/pauses.hpp"
#include "host/service/running_set.hpp"

namespace sluice::host {

/// The functions mean what AdminHooks says. Any thread, dry_run() one at a time. What is passed in outlives it.
class Controls {
public:
    struct Host {
        const CurrentSet& current;
        journal::Journal& journal;
        delivery::Dispatcher& dispatcher;
        Pauses& pauses;
        delivery::AdmissionControl& admission;
        const Clock& clock;
        const telemetry::Logger& log;
    };
    explicit Controls(Host host) : host_(host) {}

    Result<void> pause(const journal::Pause& pause);
    Result<Resumed> resume(const std::string& connector, const std::string& flow, const std::string& who);
    Result<journal::Appended> trigger(const std::string& connector, const std::string& flow, std::string data);
    Result<journal::Appended> sweep(const std::string& connector, const std::string& flow);
    Result<journal::Appended> reconcile(const std::string& connector, const std::string& flow,
                                        const ReconcileWish& wish);
    Result<std::string> reconcile_report(const std::string& connector, const std::string& flow,
                                         std::int64_t page) const;
    std::string error_owner(const std::string& connector, const std::string& flow) const;
    std::string mapping(const journal::EventDetail& detail) const;
    Result<std::string> dry_run(const journal::EventDetail& detail);
    /// The host stops: ends a dry run under way, and every later one.
    void stop();

    /// All but `status`.
    AdminHooks hooks();

private:
    Result<std::shared_ptr<const Connector>> running(const std::string& connector) const;
    Result<void> check_known(const std::string& connector, const std::string& flow) const;
    bool resume_by_itself(const std::string& connector, Resumed& resumed);
    std::string demand_id();
    Result<journal::Appended> append_demanded(Result<journal::NewEvent> event);

    Host host_;
    std::atomic<std::int64_t> demands_{0};
    std::mutex mutex_;
    DryRun* dry_run_ = nullptr;  ///< under mutex_
    bool stopping_ = false;      ///< under mutex_
};

}  // namespace sluice::host
