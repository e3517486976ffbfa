#pragma once
// So many calls a day, also over a restart.

#include <cstdint>
#include <vector>

#include "core/delivery/rate_window.hpp"

namespace sluice::delivery {

/// A RateWindow of 24 hours whose count is kept outside. Pure, times as RateWindow's. One owner, one thread.
///
/// Correct use: before a call, where needs_reservation(), keep what reserve() answers durably, or withdraw(); then
/// add(). After a restart restore() what was kept. Calls are reserved some at a time (a hundredth of the limit, at most
/// a thousand, for the current slot of the window), so that not every call costs a write; a restart counts what was
/// reserved as made, so it gives away at most that much and never counts less than was made.
class DayQuota {
public:
    static constexpr std::int64_t day_ms = 24 * 60 * 60 * 1'000;
    static constexpr std::int64_t most_reserved = 1'000;

    /// Calls that were made, or may have been, not later than `age_ms` ago (negative: up to a moment that is still to
    /// come).
    struct Spent {
        std::int64_t age_ms = 0;
        std::int64_t calls = 0;
    };

    explicit DayQuota(std::int64_t limit) : window_(limit, day_ms) {}

    /// As RateWindow's.
    std::int64_t opens_at(std::int64_t now_ms) const { return window_.opens_at(now_ms); }
    void set_limit(std::int64_t limit) { window_.set_limit(limit); }

    bool needs_reservation(std::int64_t now_ms) const;
    /// All that has to be kept for the next calls to be made.
    std::vector<Spent> reserve(std::int64_t now_ms);
    /// It could not be kept.
    void withdraw() { reserved_ = 0; }
    void add(std::int64_t now_ms) { window_.add(now_ms); }
    /// What was kept, with the time that has passed since added to each age. Where the wall clock was set back in
    /// between, ages are too small: such calls count as made now, so for a day at most.
    void restore(std::vector<Spent> spent, std::int64_t now_ms);

private:
    std::int64_t used(std::int64_t slot) const;

    RateWindow window_;
    std::int64_t reserved_slot_ = 0;
    std::int64_t reserved_ = 0;  ///< calls of that slot that are kept as made
};

}  // namespace sluice::delivery
