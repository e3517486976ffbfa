#pragma once
// Holds the contracts of a running host against their Odoo, so that a field somebody removed is told before a record
// fails on it.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/base/clock.hpp"
#include "core/delivery/admission_control.hpp"
#include "core/telemetry/log.hpp"
#include "host/contracts/contract_report.hpp"
#include "host/service/running_set.hpp"

namespace sluice::host {

/// The last look at one connector's contract.
struct ContractStatus {
    std::int64_t at_ms = 0;  ///< when it ended
    ContractReport report;   ///< with an error: Odoo could not be asked, and the findings are those of the look before
};

/// One thread. It looks at every connector when it starts, after look_now(), and every `every_ms` from then on; where
/// Odoo does not answer, again after `retry_ms`. Its calls wait for their turn like everybody's. It never stops or
/// holds a delivery: it tells, in the log (what is new since the last look) and in the status. What is passed in
/// outlives the object.
class ContractWatch {
public:
    static constexpr std::int64_t retry_ms = 60'000;
    /// The longest sleep between two looks at the clock.
    static constexpr std::int64_t longest_sleep_ms = 1'000;

    ContractWatch(const CurrentSet& current, delivery::AdmissionControl& admission, const Clock& clock,
                  const telemetry::Logger& log, std::int64_t every_ms);
    ~ContractWatch();
    /// The configuration was read again.
    void look_now();
    /// Nothing where it was not looked at yet. Any thread.
    std::optional<ContractStatus> status(const std::string& connector) const;

private:
    void run();
    /// False where an Odoo could not be asked.
    bool look();
    ContractReport report_of(const Connector& connector, const OdooDatabase& database);
    void keep(const std::string& connector, ContractReport report);

    const CurrentSet& current_;
    delivery::AdmissionControl& admission_;
    const Clock& clock_;
    const telemetry::Logger& log_;
    const std::int64_t every_ms_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::map<std::string, ContractStatus> known_;
    std::function<void()> cancel_;  ///< ends the call under way; under mutex_
    bool now_ = true;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace sluice::host
