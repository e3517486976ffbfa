#pragma once
// The real lanes with a real plugin file that does nothing.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "core/base/clock.hpp"
#include "core/delivery/admission_control.hpp"
#include "core/delivery/lanes.hpp"
#include "core/telemetry/log.hpp"
#include "host/plugins/plugin_handler.hpp"

namespace sluice::bench {

/// Delivers events of connector "shop" while it lives.
class NoopDelivery {
public:
    static constexpr int lanes = 8;

    /// `on_done` is called on a lane's thread after each durable end.
    NoopDelivery(journal::Journal& journal, const telemetry::Logger& log,
                 std::function<void(const journal::EventSummary&)> on_done = {});
    ~NoopDelivery();
    void notify() { dispatcher_->notify("shop", "order"); }
    std::int64_t done() const { return done_; }
    /// Returns when so many are done since this object was made.
    void wait_for(std::int64_t done);

private:
    std::shared_ptr<const host::Plugin> plugin_;
    host::Connector connector_;
    host::OdooDatabase database_;
    delivery::AdmissionControl admission_{system_clock()};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::atomic<std::int64_t> done_ = 0;
    std::unique_ptr<delivery::Dispatcher> dispatcher_;
};

}  // namespace sluice::bench
