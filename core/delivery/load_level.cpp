#include "core/delivery/load_level.hpp"

#include <algorithm>
#include <cmath>

namespace sluice::delivery {
namespace {

/// How much of the difference a call teaches its kind.
constexpr double learned = 0.1;

}  // namespace

LoadLevel::Kind& LoadLevel::kind_of(const std::string& name) {
    if (!kinds_.contains(name) && kinds_.size() >= max_kinds) {
        kinds_.erase(
            std::ranges::min_element(kinds_, {}, [](const auto& known) -> std::uint64_t { return known.second.used; }));
    }
    auto& kind = kinds_[name];
    kind.used = ++uses_;
    return kind;
}

void LoadLevel::add(const std::string& name, std::int64_t latency_ms) {
    const double latency = std::log(static_cast<double>(std::max(latency_ms, floor_ms)));
    auto& kind = kind_of(name);
    if (kind.calls >= first_calls) {
        round_.push_back({.kind = name, .latency = latency});
        return;
    }
    ++kind.calls;
    kind.cost += (latency - level_ - kind.cost) / kind.calls;
}

std::optional<double> LoadLevel::close() {
    double sum = 0;
    std::size_t count = 0;
    for (const auto& call : round_) {
        const auto kind = kinds_.find(call.kind);
        if (kind == kinds_.end()) continue;  // forgotten since
        sum += call.latency - kind->second.cost;
        ++count;
    }
    if (count == 0) {
        round_.clear();
        return std::nullopt;
    }
    level_ = sum / static_cast<double>(count);
    // The level is taken out of what is taught, so a load that lasts does not become the usual latency.
    for (const auto& call : round_) {
        const auto kind = kinds_.find(call.kind);
        if (kind != kinds_.end()) kind->second.cost += learned * (call.latency - level_ - kind->second.cost);
    }
    round_.clear();
    return level_;
}

}  // namespace sluice::delivery
