#include "tests/simulators/odoo/stats.hpp"

#include <cstdio>

namespace sluice::sim {

void Stats::not_claimed(const std::string& what) {
    const std::lock_guard lock(mutex_);
    ++not_claimed_[what];
    std::fprintf(stderr, "odoo-simulator: NOT CLAIMED: %s\n", what.c_str());
}

std::int64_t Stats::calls(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(name);
    return found == calls_.end() ? 0 : found->second;
}

std::int64_t Stats::total() const {
    const std::lock_guard lock(mutex_);
    return total_;
}

std::int64_t Stats::not_claimed_count() const {
    const std::lock_guard lock(mutex_);
    std::int64_t sum = 0;
    for (const auto& [what, times] : not_claimed_) sum += times;
    return sum;
}

std::int64_t Stats::without_cookie_count() const {
    const std::lock_guard lock(mutex_);
    return without_cookie_;
}

std::int64_t Stats::listing_databases_count() const {
    const std::lock_guard lock(mutex_);
    return listing_databases_;
}

std::int64_t Stats::connection_count() const {
    const std::lock_guard lock(mutex_);
    return connections_;
}

json::object Stats::describe() const {
    const std::lock_guard lock(mutex_);
    json::object calls, missing;
    std::int64_t sum = 0;
    for (const auto& [name, times] : calls_) calls[name] = times;
    for (const auto& [what, times] : not_claimed_) {
        missing[what] = times;
        sum += times;
    }
    return {{"calls", std::move(calls)},
            {"calls_total", total_},
            {"connections", connections_},
            {"calls_without_cookie", without_cookie_},
            {"calls_listing_databases", listing_databases_},
            {"not_claimed", sum},
            {"not_claimed_texts", std::move(missing)}};
}

}  // namespace sluice::sim
