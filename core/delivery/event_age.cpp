#include "core/delivery/event_age.hpp"

#include <algorithm>

namespace sluice::delivery {

void EventAge::on_set_forward(std::int64_t step_ms, std::int64_t now_ms) {
    const auto shown_ms = now_ms - step_ms;
    latest_shown_ms_ = std::max(latest_shown_ms_, shown_ms);
    // After a step back what was appended before it is of a later time than now.
    steps_.push_back({.until_ms = latest_shown_ms_, .step_ms = step_ms});
    if (steps_.size() <= max_steps) return;
    steps_[1].step_ms += steps_[0].step_ms;
    steps_.erase(steps_.begin());
}

void EventAge::on_set_back(std::int64_t step_ms, std::int64_t now_ms) {
    latest_shown_ms_ = std::max(latest_shown_ms_, now_ms + step_ms);
    // The way back from a clock that was set forward: what was appended before that is as old as it says again.
    for (auto back_ms = step_ms; back_ms > 0 && !steps_.empty();) {
        auto& last_ms = steps_.back().step_ms;
        const auto taken_ms = std::min(back_ms, last_ms);
        back_ms -= taken_ms;
        last_ms -= taken_ms;
        if (last_ms == 0) steps_.pop_back();
    }
}

std::int64_t EventAge::age_ms(std::int64_t appended_at_ms, std::int64_t now_ms) const {
    auto age_ms = now_ms - appended_at_ms;
    for (const auto& step : steps_) {
        if (appended_at_ms <= step.until_ms) age_ms -= step.step_ms;
    }
    return age_ms;
}

}  // namespace sluice::delivery
