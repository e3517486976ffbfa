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

int AdaptiveLimit::round_size() const {
    return std::max(least_round, 2 * limit_);
}

void AdaptiveLimit::begin_round() {
    load_.discard();
    ++round_;
    round_begun_ = round_ended_ = 0;
    longest_ms_ = 0;
    wanted_ = false;
}

bool AdaptiveLimit::is_round_over(std::int64_t now_ms) const {
    const auto size = round_size();
    if (round_begun_ < size) return false;
    if (round_ended_ >= size) return true;
    const bool others_are_much_longer = now_ms - last_began_ms_ > much_longer * longest_ms_;
    return others_are_much_longer && 8 * round_ended_ >= 7 * size;
}

AdaptiveLimit::Call AdaptiveLimit::begin(std::int64_t now_ms) {
    if (round_begun_ >= round_size()) return {.began_ms = now_ms};
    ++round_begun_;
    last_began_ms_ = now_ms;
    return {.began_ms = now_ms, .round = round_};
}

void AdaptiveLimit::answered(const Call& call, const std::string& kind, std::int64_t now_ms) {
    if (call.round == round_) load_.add(kind, now_ms - call.began_ms);
    ended(call, now_ms);
}

void AdaptiveLimit::ended(const Call& call, std::int64_t now_ms) {
    if (call.round == round_) {
        ++round_ended_;
        longest_ms_ = std::max(longest_ms_, now_ms - call.began_ms);
    }
    if (!is_round_over(now_ms)) return;
    if (const auto level = load_.close())
        decide(*level, now_ms);
    else
        begin_round();
}

void AdaptiveLimit::decide(double level, std::int64_t now_ms) {
    if (!usual_level_ || limit_before_measuring_) {
        usual_level_ = level;
        measured_at_ms_ = now_ms;
        if (limit_before_measuring_) limit_ = *limit_before_measuring_;
        limit_before_measuring_.reset();
        return begin_round();
    }
    const double difference = level - *usual_level_;
    if (difference < std::log(usual))
        *usual_level_ += difference * (difference < -std::log(usual) ? followed_down : followed);
    if (difference > std::log(slow)) {
        halve(now_ms);
    } else if (difference < std::log(quick) && wanted_) {
        limit_ = std::min(limit_ + 1, ceiling_);
    }
    if (now_ms - measured_at_ms_ >= measure_every_ms) {
        limit_before_measuring_ = limit_;
        limit_ = std::max(1, limit_ / 2);
    }
    begin_round();
}

void AdaptiveLimit::halve(std::int64_t now_ms) {
    limit_ = std::max(1, limit_ / 2);
    halved_at_ms_ = now_ms;
}

void AdaptiveLimit::overloaded(const Call& call, std::int64_t now_ms) {
    if (call.began_ms <= halved_at_ms_) return ended(call, now_ms);
    limit_before_measuring_.reset();
    halve(now_ms);
    begin_round();
}

}  // namespace sluice::delivery
