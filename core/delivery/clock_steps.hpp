#pragma once
// Notices that the wall clock was set.

#include <cstdint>

#include "core/base/clock.hpp"

namespace sluice::delivery {

/// Compares the wall clock with the steady one. One owner, one thread; the clock outlives it.
class ClockSteps {
public:
    /// Less is drift or a reading that was interrupted, not a step.
    static constexpr std::int64_t least_ms = 1'000;

    explicit ClockSteps(const Clock& clock) : clock_(clock) { settle(); }

    /// How far the wall clock was set forward since the last settle(), told once; 0 where it was not.
    std::int64_t take_forward_ms() {
        const auto step_ms = clock_.now_ms() - clock_.steady_ms() - offset_ms_;
        if (step_ms < least_ms) return 0;
        settle();
        return step_ms;
    }
    /// How far the wall clock went back since the last settle(); 0 where it did not. The same answer until settled.
    std::int64_t set_back_ms() {
        const auto step_ms = offset_ms_ - (clock_.now_ms() - clock_.steady_ms());
        if (step_ms >= least_ms) return step_ms;
        if (step_ms <= -least_ms) settle();  // set forward, and nobody asked: what waits is due earlier
        return 0;
    }
    /// The clock as it is now is the right one.
    void settle() { offset_ms_ = clock_.now_ms() - clock_.steady_ms(); }

private:
    const Clock& clock_;
    std::int64_t offset_ms_ = 0;
};

}  // namespace sluice::delivery
