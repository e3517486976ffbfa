#pragma once
// Time is injected: nothing in core reads the system clock by itself.

#include <cstdint>

namespace sluice {

/// A source of time. Any thread.
class Clock {
public:
    virtual ~Clock() = default;
    /// Milliseconds since the Unix epoch, UTC. May jump with the system's clock.
    virtual std::int64_t now_ms() const = 0;
    /// Milliseconds on a clock that is never set and counts on while the machine is suspended; only differences mean
    /// something.
    virtual std::int64_t steady_ms() const = 0;
};

/// The machine's clocks. The instance is stateless and lives as long as the program.
const Clock& system_clock();

/// A clock a test moves by hand.
class ManualClock final : public Clock {
public:
    explicit ManualClock(std::int64_t start_ms = 1'700'000'000'000) : now_ms_(start_ms) {}
    std::int64_t now_ms() const override { return now_ms_; }
    std::int64_t steady_ms() const override { return now_ms_; }
    void advance(std::int64_t delta_ms) { now_ms_ += delta_ms; }

private:
    std::int64_t now_ms_;
};

}  // namespace sluice
