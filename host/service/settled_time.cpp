#include "host/service/settled_time.hpp"

namespace sluice::host {

std::int64_t SettledTime::at(std::int64_t now_ms, std::int64_t steady_ms) {
    const auto passed_ms = last_steady_ms_ ? steady_ms - *last_steady_ms_ : 0;
    last_steady_ms_ = steady_ms;
    const bool first = kept_.trusted_ms == 0;
    kept_.trusted_ms += passed_ms;
    kept_.ran_ms += passed_ms;
    ahead_ms_ = now_ms - kept_.trusted_ms;
    if (!first && ahead_ms_ > step_ms) {
        kept_.doubted_for_ms += passed_ms;
        if (kept_.doubted_for_ms < settle_ms) return kept_.trusted_ms;
    }
    ahead_ms_ = 0;
    kept_.trusted_ms = now_ms;
    kept_.doubted_for_ms = 0;
    return now_ms;
}

}  // namespace sluice::host
