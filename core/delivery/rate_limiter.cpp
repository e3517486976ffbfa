#include "core/delivery/rate_limiter.hpp"

#include <algorithm>

namespace sluice::delivery {
namespace {

constexpr std::int64_t second_ms = 1'000, minute_ms = 60 * second_ms;

template <class Window, class... Length>
void set(std::optional<Window>& window, std::int64_t limit, Length... length_ms) {
    if (limit <= 0)
        window.reset();
    else if (window)
        window->set_limit(limit);
    else
        window.emplace(limit, length_ms...);
}

}  // namespace

void RateLimiter::set_limits(const RateLimits& limits) {
    limits_ = limits;
    set(second_, limits.per_second, second_ms);
    set(minute_, limits.per_minute, minute_ms);
    set(day_, limits.per_day);
}

std::optional<Closed> RateLimiter::closed(std::int64_t now_ms) const {
    Closed closed{.until_ms = now_ms};
    const auto consider = [&](std::int64_t opens_at_ms, std::string_view why) {
        if (opens_at_ms <= closed.until_ms) return;
        closed.until_ms = opens_at_ms;
        closed.why = why;
    };
    consider(asked_until_ms_, "it asked to wait");
    if (second_) consider(second_->opens_at(now_ms), "its limit a second is used up");
    if (minute_) consider(minute_->opens_at(now_ms), "its limit a minute is used up");
    if (day_) consider(day_->opens_at(now_ms), "its limit a day is used up");
    if (limits_.concurrent > 0 && running_ >= limits_.concurrent) {
        closed.until_end = true;
        if (closed.why.empty()) closed.why = "as many calls as it may have are under way";
    }
    return closed.why.empty() ? std::nullopt : std::optional(closed);
}

void RateLimiter::begin(std::int64_t now_ms) {
    ++running_;
    if (second_) second_->add(now_ms);
    if (minute_) minute_->add(now_ms);
    if (day_) day_->add(now_ms);
}

void RateLimiter::refused(std::int64_t began_ms, std::int64_t now_ms, std::int64_t retry_after_ms) {
    auto wait_ms = std::min(retry_after_ms, max_advice_ms);
    if (retry_after_ms <= 0) {
        // Calls that were under way together are refused together: that is one refusal.
        if (began_ms > refused_at_ms_) ++refusals_;
        const int doublings = std::clamp(refusals_ - 1, 0, 16);
        wait_ms = std::min(unadvised_base_ms << doublings, unadvised_cap_ms);
    }
    if (began_ms > refused_at_ms_) refused_at_ms_ = now_ms;
    asked_until_ms_ = std::max(asked_until_ms_, now_ms + wait_ms);
}

void RateLimiter::accepted(std::int64_t began_ms) {
    if (began_ms > refused_at_ms_) refusals_ = 0;
}

}  // namespace sluice::delivery
