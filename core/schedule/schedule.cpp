#include "core/schedule/schedule.hpp"

#include "core/schedule/moments.hpp"

namespace sluice::schedule {

std::optional<std::int64_t> Schedule::next_after(std::int64_t unix_ms) const {
    return std::visit([unix_ms](const auto& rule) { return rule.next_after(unix_ms); }, rule_);
}

std::optional<std::int64_t> Schedule::previous_or_at(std::int64_t now_ms) const {
    return latest_within(within_limits(now_ms) - look_back_ms - 1, now_ms);
}

std::optional<std::int64_t> Schedule::latest_within(std::int64_t after_ms, std::int64_t until_ms) const {
    until_ms = within_limits(until_ms);
    const auto first = next_after(after_ms);
    if (!first || *first > until_ms) return std::nullopt;
    // Halves the span that may hold a later one: some forty questions, however many moments there were.
    std::int64_t latest = *first;
    std::int64_t none_after_ms = until_ms;
    while (none_after_ms > latest) {
        const std::int64_t middle_ms = latest + (none_after_ms - latest) / 2;
        const auto next = next_after(middle_ms);
        if (next && *next <= until_ms) {
            latest = *next;
        } else {
            none_after_ms = middle_ms;
        }
    }
    return latest;
}

}  // namespace sluice::schedule
