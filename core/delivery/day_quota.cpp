#include "core/delivery/day_quota.hpp"

#include <algorithm>

namespace sluice::delivery {

std::int64_t DayQuota::used(std::int64_t slot) const {
    const auto& slots = window_.slots();
    return !slots.empty() && slots.back().index == slot ? slots.back().calls : 0;
}

bool DayQuota::needs_reservation(std::int64_t now_ms) const {
    const auto slot = window_.slot_of(now_ms);
    return slot != reserved_slot_ || used(slot) >= reserved_;
}

std::vector<DayQuota::Spent> DayQuota::reserve(std::int64_t now_ms) {
    reserved_slot_ = window_.slot_of(now_ms);
    reserved_ = used(reserved_slot_) + std::clamp<std::int64_t>(window_.limit() / 100, 1, most_reserved);
    std::vector<Spent> spent;
    for (const auto& slot : window_.slots()) {
        if (slot.index == reserved_slot_) continue;
        spent.push_back({.age_ms = now_ms - (slot.index + 1) * window_.slot_ms(), .calls = slot.calls});
    }
    spent.push_back({.age_ms = now_ms - (reserved_slot_ + 1) * window_.slot_ms(), .calls = reserved_});
    return spent;
}

void DayQuota::restore(std::vector<Spent> spent, std::int64_t now_ms) {
    std::ranges::sort(spent, std::ranges::greater(), &Spent::age_ms);
    for (const auto& one : spent) {
        if (one.calls > 0) window_.add(now_ms - std::max<std::int64_t>(0, one.age_ms), one.calls);
    }
}

}  // namespace sluice::delivery
