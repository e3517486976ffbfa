#pragma once
// A server under virtual time that takes so many calls at once and gets slower beyond, with clients that always want
// one call more.

#include <cmath>
#include <functional>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "core/delivery/adaptive_limit.hpp"

namespace sluice::delivery::testing {

/// Latency: what the kind costs, times calls under way / `workers` where that is more than one, times `slowness`,
/// times noise.
struct ModelledServer {
    int workers = 4;
    double slowness = 1;
    double noise = 0.3;  ///< standard deviation of the logarithm
    bool down = false;   ///< every call fails after `down_ms`
    std::int64_t down_ms = 100;
    std::vector<double> kinds_ms = {60, 100, 400, 2000};
    int clients = 64;
};

class Load {
public:
    Load(AdaptiveLimit& limit, ModelledServer& server, std::uint64_t seed)
        : limit_(limit), server_(server), random_(seed) {}

    /// Called after every change of the number of calls under way.
    std::function<void(int running)> check = [](int) {};

    void run_for(std::int64_t duration_ms) {
        const auto end_ms = now_ms_ + duration_ms;
        double area = 0;
        while (now_ms_ < end_ms) {
            begin_all();
            const auto next_ms = running_.empty() ? end_ms : std::min(end_ms, running_.top().ends_ms);
            area += static_cast<double>(limit_.limit()) * static_cast<double>(next_ms - now_ms_);
            now_ms_ = next_ms;
            while (!running_.empty() && running_.top().ends_ms <= now_ms_) end_one();
        }
        mean_limit_ = area / static_cast<double>(duration_ms);
    }
    double mean_limit() const { return mean_limit_; }  ///< over the last run_for()
    std::int64_t now_ms() const { return now_ms_; }

private:
    struct Call {
        std::int64_t ends_ms;
        AdaptiveLimit::Call call;
        std::size_t kind;
        bool fails;
        bool operator<(const Call& other) const { return ends_ms > other.ends_ms; }
    };

    void begin_all() {
        while (static_cast<int>(running_.size()) < server_.clients) {
            if (static_cast<int>(running_.size()) >= limit_.limit()) return limit_.wanted();
            const auto running = static_cast<double>(running_.size() + 1);
            const auto kind = std::uniform_int_distribution<std::size_t>(0, server_.kinds_ms.size() - 1)(random_);
            const auto busy = std::max(1.0, running / server_.workers);
            const auto noise = std::exp(std::normal_distribution(0.0, server_.noise)(random_));
            const auto latency_ms = static_cast<std::int64_t>(server_.kinds_ms[kind] * busy * server_.slowness * noise);
            running_.push({.ends_ms = now_ms_ + 1 + (server_.down ? server_.down_ms : latency_ms),
                           .call = limit_.begin(now_ms_),
                           .kind = kind,
                           .fails = server_.down});
            check(static_cast<int>(running_.size()));
        }
    }
    void end_one() {
        const auto call = running_.top();
        running_.pop();
        if (call.fails)
            limit_.overloaded(call.call, now_ms_);
        else
            limit_.answered(call.call, "kind" + std::to_string(call.kind), now_ms_);
    }

    AdaptiveLimit& limit_;
    ModelledServer& server_;
    std::mt19937_64 random_;
    std::priority_queue<Call> running_;
    std::int64_t now_ms_ = 1'000;
    double mean_limit_ = 0;
};

}  // namespace sluice::delivery::testing
