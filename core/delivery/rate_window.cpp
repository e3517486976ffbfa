#include "core/delivery/rate_window.hpp"

#include <algorithm>

namespace sluice::delivery {

RateWindow::RateWindow(std::int64_t limit, std::int64_t length_ms)
    : limit_(limit), length_ms_(length_ms), slot_ms_((length_ms + slots_per_length - 1) / slots_per_length) {}

std::int64_t RateWindow::slot_of(std::int64_t at_ms) const {
    return at_ms / slot_ms_ - (at_ms % slot_ms_ < 0 ? 1 : 0);
}

std::int64_t RateWindow::opens_at(std::int64_t now_ms) const {
    std::int64_t counted = 0;
    for (const auto& slot : slots_) {
        if (end_of(slot) > now_ms) counted += slot.calls;
    }
    for (const auto& slot : slots_) {
        if (counted < limit_) return now_ms;
        if (end_of(slot) <= now_ms) continue;
        counted -= slot.calls;
        if (counted < limit_) return end_of(slot);
    }
    return now_ms;
}

void RateWindow::add(std::int64_t now_ms, std::int64_t calls) {
    while (!slots_.empty() && end_of(slots_.front()) <= now_ms) slots_.pop_front();
    const auto index = slots_.empty() ? slot_of(now_ms) : std::max(slot_of(now_ms), slots_.back().index);
    if (slots_.empty() || slots_.back().index != index) slots_.push_back({.index = index});
    slots_.back().calls += calls;
}

}  // namespace sluice::delivery
