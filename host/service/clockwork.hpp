#pragma once
// Starts flows by the clock: schedules, polls, sweeps and reconciliations become events like any other.

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/clock.hpp"
#include "core/journal/journal.hpp"
#include "core/schedule/timetable.hpp"
#include "core/telemetry/log.hpp"
#include "host/plugins/plugin_handler.hpp"

namespace sluice::host {

/// One thread. A job whose last event is not done is not started again, also where that event is a dead letter: a
/// person decides first. Lifecycle: construct, configure() as often as the configuration changes, destroy. What is
/// passed in outlives the object.
class Clockwork {
public:
    /// The longest sleep between two looks at the clock and at what is not finished.
    static constexpr std::int64_t longest_sleep_ms = 1'000;

    Clockwork(journal::Journal& journal, const Clock& clock, const telemetry::Logger& log,
              std::function<void(const std::string& connector)> notify);
    ~Clockwork();
    /// The flows of these connectors from now on. A job that stays keeps its times. `installations`: by the name of an
    /// `[odoo.NAME]`, what tells it from everybody else's (RunningSet::installations): intervals are spread by it.
    void configure(const std::vector<std::shared_ptr<const Connector>>& connectors,
                   const std::map<std::string, std::string>& installations);

private:
    enum class Kind : std::uint8_t { poll, sweep, schedule, reconcile };
    struct Job {
        std::shared_ptr<const Connector> connector;
        std::string flow;
        Kind kind = Kind::poll;
    };

    void run();
    void add(const std::string& name, const Job& job, const schedule::Schedule& when, std::int64_t last_due_ms,
             schedule::Misfire misfire);
    void add_flow(const std::shared_ptr<const Connector>& connector, const contract::Flow& flow,
                  const std::string& installation, std::map<std::string, bool>& wanted);
    void start(const schedule::Due& due);
    /// Appends; where the clock was set back and an event of this moment is done already, one that is told from it.
    Result<journal::Seq> append(const schedule::Due& due, const Job& job);
    void look_after_running();

    journal::Journal& journal_;
    const Clock& clock_;
    const telemetry::Logger& log_;
    const std::function<void(const std::string&)> notify_;
    const std::int64_t started_at_ms_;

    std::mutex mutex_;
    std::condition_variable wake_;
    schedule::Timetable timetable_;
    std::map<std::string, Job> jobs_;
    std::map<std::string, journal::Seq> running_;
    bool stopping_ = false;
    bool changed_ = false;  ///< the timetable, since the thread looked
    std::thread thread_;
};

}  // namespace sluice::host
