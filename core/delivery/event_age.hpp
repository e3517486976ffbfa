#pragma once
// How old an event is, by a wall clock that is set now and then.

#include <cstdint>
#include <vector>

namespace sluice::delivery {

/// Takes off the time that only said it passed: steps forward, as far as this process saw them. Where a clock was set
/// back and forward an event's own time may be ambiguous; it then counts as the younger. Pure, one owner.
class EventAge {
public:
    /// Steps remembered one by one; beyond them the oldest two are one.
    static constexpr std::size_t max_steps = 64;

    /// The wall clock was set forward by `step_ms` to `now_ms`.
    void on_set_forward(std::int64_t step_ms, std::int64_t now_ms);
    /// It was set back by `step_ms` to `now_ms`.
    void on_set_back(std::int64_t step_ms, std::int64_t now_ms);
    std::int64_t age_ms(std::int64_t appended_at_ms, std::int64_t now_ms) const;

private:
    /// What was appended until then, by the clock before the step, saw less time pass than it says.
    struct Step {
        std::int64_t until_ms = 0, step_ms = 0;
    };
    std::vector<Step> steps_;  ///< the oldest first
    std::int64_t latest_shown_ms_ = 0;
};

}  // namespace sluice::delivery
