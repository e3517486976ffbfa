#pragma once
// Lets go of what ended long ago, a little at a time.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "core/base/clock.hpp"
#include "core/journal/journal.hpp"
#include "core/telemetry/log.hpp"
#include "host/service/running_set.hpp"
#include "host/service/settled_time.hpp"

namespace sluice::host {

/// Rounds over all flows of the connectors that run, by what their contracts and the operator say; of others nothing is
/// erased. What it erases is gone for good, so it goes by SettledTime. Pure but for the journal: step() is called when
/// it says. One thread, but status(). The journal and the set outlive it.
class RetentionRounds {
public:
    static constexpr std::int64_t round_ms = 3'600'000;  ///< from one round's end to the next one's begin
    static constexpr std::int64_t pause_ms = 200;        ///< between two steps: deliveries go first
    static constexpr int step_events = 1'000;            ///< that one step looks at

    RetentionRounds(journal::Journal& journal, const CurrentSet& current) : journal_(journal), current_(current) {}

    /// Does at most one step; answers how long to wait before the next, in milliseconds.
    std::int64_t step(const Clock& clock);

    /// Keeps how far the clock is trusted, which a round's end does too: a host that never runs for a whole round would
    /// doubt a clock for ever.
    Result<void> keep_time(const Clock& clock);

    struct Status {
        std::int64_t ended_at_ms = 0;           ///< of the last round; 0: none has ended yet
        std::int64_t contents = 0, events = 0;  ///< erased in it
        std::string problem;                    ///< what went wrong in it, "" where nothing did
        /// The wall clock jumped ahead by so much and is not believed yet (SettledTime); 0: it is.
        std::int64_t doubted_ahead_ms = 0;
    };
    /// Any thread.
    Status status() const;

private:
    struct Task {
        journal::Retention retention;
        contract::Retention policy;
    };
    void begin();

    /// The time to go by; nothing where the journal cannot say what was kept of it.
    std::optional<std::int64_t> settled_ms(const Clock& clock);

    journal::Journal& journal_;
    const CurrentSet& current_;
    std::optional<SettledTime> time_;  ///< once the journal has said what was kept
    std::deque<Task> tasks_;           ///< of the round; the first is under way
    Status round_;                     ///< under way
    /// Up to where contents were looked for, by connector and flow: a round goes on where the last one ended.
    std::map<std::pair<std::string, std::string>, journal::Erased> looked_;
    mutable std::mutex mutex_;
    Status last_;  ///< under mutex_
};

/// A thread that takes these steps. Lifecycle: construct, destroy.
class Retainer {
public:
    /// After the start, before the first step.
    static constexpr std::int64_t first_ms = 10'000;
    /// How often the time is kept, and once more at the end: so much of running is not counted of a host that is
    /// killed.
    static constexpr std::int64_t keep_time_ms = 600'000;

    Retainer(journal::Journal& journal, const CurrentSet& current, const Clock& clock, const telemetry::Logger& log);
    ~Retainer();
    RetentionRounds::Status status() const { return rounds_.status(); }

private:
    void run();

    const Clock& clock_;
    const telemetry::Logger& log_;
    RetentionRounds rounds_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;  ///< under mutex_
    std::thread thread_;
};

}  // namespace sluice::host
