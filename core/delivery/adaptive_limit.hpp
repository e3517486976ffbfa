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
/// A round is the first 32 calls, or twice the limit where that is more, that begin after the last change, each of them
/// once it has ended (heard as they come in, quick calls would count for more the more there are at one time), but for
/// the last few where they take four times as long as any other. Its level (load_level.hpp) is set against the usual
/// one:
///
/// - well below (1.3 times as slow): one call more at a time, where calls were waiting for it;
/// - above 1.6 times: half as many;
/// - in between nothing changes.
///
/// The usual level follows what is near it or below. Every ten minutes a round at half the limit measures it anew: so a
/// load that Sluice itself makes never passes for usual, and an Odoo that has become slower for good, or for office
/// hours, is taken as it is.
///
/// An overload (a time-out, a refused connection, 502 to 504) halves at once. However many calls are slow or fail
/// together, it is one decrease: those that began before it say nothing more. It begins with two calls, so that the
/// usual level is learned without load. Never below 1, never above the ceiling.
class AdaptiveLimit {
public:
    static constexpr int first_limit = 2;
    static constexpr int least_round = 32, much_longer = 4;
    static constexpr double slow = 1.6, quick = 1.3, usual = 1.1;
    static constexpr std::int64_t measure_every_ms = 600'000;

    explicit AdaptiveLimit(int ceiling);

    /// Calls that may be under way at one time.
    int limit() const { return limit_; }
    int ceiling() const { return ceiling_; }
    /// At least 1. A limit above it comes down to it, and rises step by step when the ceiling does.
    void set_ceiling(int ceiling);
    /// A call has to wait, or the last free place was taken.
    void wanted() { wanted_ = true; }

    /// What a call that is under way belongs to; given back when it ends.
    struct Call {
        std::int64_t began_ms = 0;
        std::uint64_t round = 0;  ///< 0: none
    };
    Call begin(std::int64_t now_ms);
    /// It ended well. Calls of one kind take about as long as each other.
    void answered(const Call& call, const std::string& kind, std::int64_t now_ms);
    /// It ended in a way that says nothing of the server.
    void ended(const Call& call, std::int64_t now_ms);
    /// It met a server that has too much to do.
    void overloaded(const Call& call, std::int64_t now_ms);

private:
    void decide(double level, std::int64_t now_ms);
    void halve(std::int64_t now_ms);
    void begin_round();
    int round_size() const;
    bool is_round_over(std::int64_t now_ms) const;

    int ceiling_, limit_;
    LoadLevel load_;
    std::optional<double> usual_level_;
    std::int64_t measured_at_ms_ = 0;
    std::optional<int> limit_before_measuring_;  ///< while the usual level is measured anew
    std::uint64_t round_ = 1;
    // Of this round:
    int round_begun_ = 0, round_ended_ = 0;
    std::int64_t last_began_ms_ = 0, longest_ms_ = 0;
    bool wanted_ = false;
    std::int64_t halved_at_ms_ = std::numeric_limits<std::int64_t>::min();
};

}  // namespace sluice::delivery
