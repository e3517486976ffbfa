#pragma once
// How many calls a server takes at one time, found out by trying.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "core/delivery/load_level.hpp"

namespace sluice::delivery {

/// Additive increase, multiplicative decrease. Pure: times are passed in, in milliseconds on a clock that is not set
/// back. One owner, one thread.
///
/// A round is 16 calls, or twice the limit where that is more, that began after the last change and can be compared
/// (load_level.hpp). Its level is set against the usual one:
///
/// - well below (1.3 times as slow): one call more at a time, where calls were waiting for it;
/// - above 1.6 times: half as many;
/// - in between nothing changes. A usual level that was not met for ten minutes is measured anew, by a round at half
///   the limit: so a load that Sluice itself makes does not pass for usual, and an Odoo that has become slower for good
///   is taken as it is.
///
/// An overload (a time-out, a refused connection, 502 to 504) halves at once. However many calls are slow or fail
/// together, it is one decrease: those that began before it say nothing more. It begins with two calls, so that the
/// usual level is learned without load. Never below 1, never above the ceiling.
class AdaptiveLimit {
public:
    static constexpr int first_limit = 2;
    static constexpr std::size_t least_round = 16;
    static constexpr double slow = 1.6, quick = 1.3, usual = 1.1;
    static constexpr std::int64_t measure_after_ms = 600'000;

    explicit AdaptiveLimit(int ceiling);

    /// Calls that may be under way at one time.
    int limit() const { return limit_; }
    int ceiling() const { return ceiling_; }
    /// At least 1. A limit above it comes down to it, and rises step by step when the ceiling does.
    void set_ceiling(int ceiling);
    /// A call has to wait, or the last free place was taken.
    void wanted() { wanted_ = true; }
    /// A call of that kind ended well; it began at `began_ms`.
    void answered(const std::string& kind, std::int64_t began_ms, std::int64_t now_ms);
    /// A call that began at `began_ms` met a server that has too much to do.
    void overloaded(std::int64_t began_ms, std::int64_t now_ms);

private:
    void decide(double level, std::int64_t now_ms);
    void halve(std::int64_t now_ms);
    void begin_round(std::int64_t now_ms);

    int ceiling_, limit_;
    LoadLevel load_;
    std::optional<double> usual_level_;
    std::int64_t met_at_ms_ = 0;                 ///< when the usual level was met last
    std::optional<int> limit_before_measuring_;  ///< while the usual level is measured anew
    std::int64_t round_began_ms_ = std::numeric_limits<std::int64_t>::min();
    std::int64_t halved_at_ms_ = std::numeric_limits<std::int64_t>::min();
    bool wanted_ = false;  ///< in this round
};

}  // namespace sluice::delivery
