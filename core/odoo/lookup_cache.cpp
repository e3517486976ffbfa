#include "core/odoo/lookup_cache.hpp"

#include <algorithm>

namespace sluice::odoo {

std::optional<std::int64_t> LookupCache::find(const std::string& search) {
    const std::lock_guard lock(mutex_);
    const auto known = entries_.find(search);
    if (known == entries_.end() || is_old(known->second)) return std::nullopt;
    return known->second.id;
}

void LookupCache::keep(const std::string& search, std::int64_t id) {
    const std::lock_guard lock(mutex_);
    const auto [entry, is_new] = entries_.insert_or_assign(search, Entry{.id = id, .since_ms = clock_.steady_ms()});
    if (is_new) order_.push_back(search);
    make_room();
}

void LookupCache::forget(const std::string& search) {
    const std::lock_guard lock(mutex_);
    if (entries_.erase(search) == 0) return;
    order_.erase(std::ranges::find(order_, search));
}

void LookupCache::make_room() {
    while (entries_.size() > most_) {
        entries_.erase(order_.front());
        order_.pop_front();
    }
}

}  // namespace sluice::odoo
