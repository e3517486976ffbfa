#include "core/delivery/load_level.hpp"

#include <algorithm>
#include <cmath>

namespace sluice::delivery {
namespace {

/// How much of the difference a round teaches a kind.
constexpr double learned = 0.2;

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
    struct Heard {
        Kind* kind = nullptr;
        double sum = 0;
        int calls = 0;
    };
    std::map<std::string, Heard> heard;
    double sum = 0;
    int calls = 0;
    for (const auto& call : round_) {
        const auto kind = kinds_.find(call.kind);
        if (kind == kinds_.end()) continue;  // forgotten since
        const auto over = call.latency - kind->second.cost;
        auto& of_kind = heard[call.kind];
        of_kind.kind = &kind->second;
        of_kind.sum += over;
        ++of_kind.calls;
        sum += over;
        ++calls;
    }
    round_.clear();
    if (calls == 0) return std::nullopt;
    level_ = sum / calls;
    // The level is taken out of what is taught, and every kind learns the same share whatever the order of its calls
    // (slow ones end last): what is taught is nothing on the whole, so a load that lasts never becomes the usual
    // latency.
    for (auto& [name, of_kind] : heard) of_kind.kind->cost += learned * (of_kind.sum / of_kind.calls - level_);
    return level_;
}

}  // namespace sluice::delivery
