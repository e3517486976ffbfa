#include "core/delivery/adaptive_limit.hpp"

#include <algorithm>
#include <cmath>

namespace sluice::delivery {
namespace {

/// How much of the difference the usual level follows: a level that is hardly different, one that is much lower.
constexpr double followed = 0.05, followed_down = 0.3;

}  // namespace

AdaptiveLimit::AdaptiveLimit(int ceiling) : ceiling_(std::max(1, ceiling)), limit_(std::min(first_limit, ceiling_)) {}

void AdaptiveLimit::set_ceiling(int ceiling) {
    ceiling_ = std::max(1, ceiling);
    limit_ = std::min(limit_, ceiling_);
    if (limit_before_measuring_) *limit_before_measuring_ = std::min(*limit_before_measuring_, ceiling_);
}

void AdaptiveLimit::begin_round(std::int64_t now_ms) {
    load_.discard();
    round_began_ms_ = now_ms;
    wanted_ = false;
}

void AdaptiveLimit::answered(const std::string& kind, std::int64_t began_ms, std::int64_t now_ms) {
    if (began_ms < round_began_ms_) return;
    load_.add(kind, now_ms - began_ms);
    if (load_.compared() < std::max(least_round, 2 * static_cast<std::size_t>(limit_))) return;
    if (const auto level = load_.close()) decide(*level, now_ms);
}

void AdaptiveLimit::decide(double level, std::int64_t now_ms) {
    if (!usual_level_ || limit_before_measuring_) {
        usual_level_ = level;
        met_at_ms_ = now_ms;
        if (limit_before_measuring_) limit_ = *limit_before_measuring_;
        limit_before_measuring_.reset();
        return begin_round(now_ms);
    }
    const double difference = level - *usual_level_;
    if (difference < std::log(usual)) met_at_ms_ = now_ms;
    if (difference > std::log(slow)) {
        halve(now_ms);
    } else if (difference < std::log(quick)) {
        *usual_level_ += difference * (difference < -std::log(quick) ? followed_down : followed);
        if (wanted_) limit_ = std::min(limit_ + 1, ceiling_);
    }
    if (now_ms - met_at_ms_ >= measure_after_ms) {
        limit_before_measuring_ = limit_;
        limit_ = std::max(1, limit_ / 2);
    }
    begin_round(now_ms);
}

void AdaptiveLimit::halve(std::int64_t now_ms) {
    limit_ = std::max(1, limit_ / 2);
    halved_at_ms_ = now_ms;
}

void AdaptiveLimit::overloaded(std::int64_t began_ms, std::int64_t now_ms) {
    if (began_ms <= halved_at_ms_) return;
    limit_before_measuring_.reset();
    halve(now_ms);
    begin_round(now_ms);
}

}  // namespace sluice::delivery
