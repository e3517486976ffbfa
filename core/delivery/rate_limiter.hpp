#pragma once
// Whether a call to an external system may begin now: what it publishes as its limits, and what it says when we are
// too fast all the same.

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "core/delivery/day_quota.hpp"
#include "core/delivery/rate_window.hpp"

namespace sluice::delivery {

/// Of one external system. 0: no such limit.
struct RateLimits {
    std::int64_t per_second = 0, per_minute = 0, per_day = 0;
    int concurrent = 0;  ///< calls under way at one time
    bool operator==(const RateLimits&) const = default;
};

/// Why no call may begin now, and until when.
struct Closed {
    std::int64_t until_ms = 0;  ///< not before
    bool until_end = false;     ///< and not before a call under way has ended
    std::string_view why;       ///< for the operator: "its limit a day is used up"; static
};

/// Pure: times are passed in, in milliseconds on a clock that is not set back. One owner, one thread.
///
/// All limits hold at once, each for any window of its length (rate_window.hpp). Only the day's count can outlive the
/// process (day()): a restart within a minute may double that minute, and the vendor's own answer then closes it.
class RateLimiter {
public:
    /// How long a refusal without advice closes: doubling from the first to the second while refusals follow each
    /// other.
    static constexpr std::int64_t unadvised_base_ms = 1'000;
    static constexpr std::int64_t unadvised_cap_ms = 60'000;
    /// A Retry-After is believed up to this.
    static constexpr std::int64_t max_advice_ms = 24 * 60 * 60 * 1'000;

    explicit RateLimiter(const RateLimits& limits = {}) { set_limits(limits); }
    /// What was counted stays counted where a limit stays.
    void set_limits(const RateLimits& limits);
    const RateLimits& limits() const { return limits_; }

    /// Nothing: a call may begin now.
    std::optional<Closed> closed(std::int64_t now_ms) const;
    /// Counts a call that begins now.
    void begin(std::int64_t now_ms);
    void end() { --running_; }
    int running() const { return running_; }

    /// The other side refused a call that began at `began_ms`, because there were too many: no call begins for
    /// `retry_after_ms`, or, where it gave no advice (not above 0), for a time that doubles with each refusal of a call
    /// that began after the last one.
    void refused(std::int64_t began_ms, std::int64_t now_ms, std::int64_t retry_after_ms);
    /// A call that began at `began_ms` was not refused for that.
    void accepted(std::int64_t began_ms);

    /// Null where there is no limit a day.
    DayQuota* day() { return day_ ? &*day_ : nullptr; }

private:
    RateLimits limits_;
    std::optional<RateWindow> second_, minute_;
    std::optional<DayQuota> day_;
    int running_ = 0;
    std::int64_t asked_until_ms_ = std::numeric_limits<std::int64_t>::min();
    std::int64_t refused_at_ms_ = std::numeric_limits<std::int64_t>::min();
    int refusals_ = 0;  ///< without advice, one after the other
};

}  // namespace sluice::delivery
