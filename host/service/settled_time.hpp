#pragma once
// The wall clock, as far as it may be trusted with what cannot be undone.

#include <cstdint>
#include <optional>

#include "core/journal/types.hpp"

namespace sluice::host {

/// Follows the wall clock back at once, and forward as fast as time passes on the steady clock. What it jumps ahead of
/// that (a wrong clock at boot, or a host that was off) is taken for the time when the host has run with it for long
/// enough, stops and starts of the host not counted. Pure; one thread.
class SettledTime {
public:
    static constexpr std::int64_t step_ms = 3'600'000;  ///< ahead by more is doubted; less changes no retention much
    static constexpr std::int64_t settle_ms = 24 * 3'600'000LL;  ///< of running with it, then it is believed

    explicit SettledTime(const journal::ClockTrust& kept) : kept_(kept) {}

    /// The time to go by, never later than `now_ms`. Later calls have later `steady_ms`.
    std::int64_t at(std::int64_t now_ms, std::int64_t steady_ms);
    /// What a later process goes on from (Journal::keep_clock_trust).
    const journal::ClockTrust& kept() const { return kept_; }
    /// By how much the wall clock is ahead of what is believed, as of the last at(); 0 where it is not doubted.
    std::int64_t doubted_ahead_ms() const { return ahead_ms_; }

private:
    journal::ClockTrust kept_;
    std::optional<std::int64_t> last_steady_ms_;
    std::int64_t ahead_ms_ = 0;
};

}  // namespace sluice::host
