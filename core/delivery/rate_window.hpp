#pragma once
// At most so many calls in any window of a length.

#include <cstdint>
#include <deque>

namespace sluice::delivery {

/// A sliding window. Pure: times are passed in, in milliseconds on a clock that is not set back (Clock::steady_ms); a
/// time before the last one counts as the last one. One owner, one thread.
///
/// Safe for every window of `length_ms`, whatever moment it begins at and whether its ends belong to it, so also for a
/// vendor's windows that begin at full seconds, minutes or days, and for a bucket that holds `limit` and refills within
/// `length_ms`. Counted is the moment a call begins here: a vendor who counts arrivals may see a few more where calls
/// travel for different times. (A calendar day of 25 hours is longer than the day counted here.)
///
/// Calls are counted in slots of a hundredth of the length, and a slot's calls count until its end is a whole length
/// ago: memory is at most 102 slots whatever the limit, and up to a hundredth of the rate is given away.
class RateWindow {
public:
    static constexpr std::int64_t slots_per_length = 100;

    struct Slot {
        std::int64_t index = 0;  ///< begins at `index` times slot_ms()
        std::int64_t calls = 0;
    };

    /// Both at least 1.
    RateWindow(std::int64_t limit, std::int64_t length_ms);

    /// The first moment, not before `now_ms`, at which one more call may begin.
    std::int64_t opens_at(std::int64_t now_ms) const;
    /// Counts calls that begin now, whether or not they may.
    void add(std::int64_t now_ms, std::int64_t calls = 1);
    /// What was counted stays counted.
    void set_limit(std::int64_t limit) { limit_ = limit; }

    std::int64_t limit() const { return limit_; }
    std::int64_t slot_ms() const { return slot_ms_; }
    std::int64_t slot_of(std::int64_t at_ms) const;
    /// What still counts or did when it was last looked at, in order.
    const std::deque<Slot>& slots() const { return slots_; }

private:
    /// The first moment at which a slot does not count.
    std::int64_t end_of(const Slot& slot) const { return (slot.index + 1) * slot_ms_ + length_ms_; }

    std::int64_t limit_, length_ms_, slot_ms_;
    std::deque<Slot> slots_;
};

}  // namespace sluice::delivery
