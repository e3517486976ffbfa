#pragma once
// Virtual time, of which the wall clock may be set.

#include "core/base/clock.hpp"

namespace sluice::simulation {

class SimulatedClock final : public Clock {
public:
    std::int64_t now_ms() const override { return steady_ms_ + offset_ms_; }
    std::int64_t steady_ms() const override { return steady_ms_; }
    void advance_to(std::int64_t steady_ms) { steady_ms_ = steady_ms > steady_ms_ ? steady_ms : steady_ms_; }
    /// Somebody sets the wall clock: forward, or back (negative).
    void set_by(std::int64_t step_ms) { offset_ms_ += step_ms; }

private:
    std::int64_t steady_ms_ = 0;
    std::int64_t offset_ms_ = 1'700'000'000'000;
};

}  // namespace sluice::simulation
