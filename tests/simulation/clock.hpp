#pragma once
// Virtual time, of which the wall clock may be set.

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"

namespace sluice::simulation {

class SimulatedClock final : public Clock {
public:
    std::int64_t now_ms() const override { return steady_ms_ + offset_ms_; }
    std::int64_t steady_ms() const override { return steady_ms_; }
    void advance_to(std::int64_t steady_ms) { steady_ms_ = steady_ms > steady_ms_ ? steady_ms : steady_ms_; }
    /// Somebody sets the wall clock: forward, or back (negative).
    void set_by(std::int64_t step_ms) {
        offset_ms_ += step_ms;
        offsets_.emplace_back(steady_ms_, offset_ms_);
    }
    /// The first moment (steady) at which the wall clock may have shown this.
    std::int64_t first_shown_at_ms(std::int64_t wall_ms) const {
        for (std::size_t i = 0; i + 1 < offsets_.size(); ++i) {
            const auto at_ms = wall_ms - offsets_[i].second;
            if (at_ms >= offsets_[i].first && at_ms <= offsets_[i + 1].first) return at_ms;
        }
        return wall_ms - offset_ms_;
    }

private:
    std::int64_t steady_ms_ = 0;
    std::int64_t offset_ms_ = 1'700'000'000'000;
    std::vector<std::pair<std::int64_t, std::int64_t>> offsets_{{0, offset_ms_}};  ///< since when (steady), and what
};

}  // namespace sluice::simulation
