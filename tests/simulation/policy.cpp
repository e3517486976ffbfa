#include "tests/simulation/policy.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace sluice::simulation {

using Kind = journal::Finish::Kind;

ExpectedEnd expected_end(const delivery::RetryPolicy& policy, const journal::EventSummary& event,
                         const VerdictSeen& verdict) {
    if (!verdict.error) return {};
    const auto failure = verdict.error->failure;
    const auto now_ms = verdict.now_ms;
    const auto floor_ms = std::max<std::int64_t>(0, verdict.error->retry_after_ms);
    // min(cap, base * 2^n), the top of the jitter.
    const auto top_ms = [&](int n) {
        auto delay_ms = std::min(policy.base_ms, policy.cap_ms);
        while (n-- > 0 && delay_ms < policy.cap_ms) delay_ms = std::min(policy.cap_ms, delay_ms * 2);
        return delay_ms;
    };
    ExpectedEnd end{.kind = Kind::again, .unknown = failure == Failure::unknown || event.attempt_unknown};
    const auto between = [&](std::int64_t least_ms, std::int64_t most_ms) {
        end.earliest_ms = now_ms + least_ms;
        end.latest_ms = now_ms + std::max(least_ms, most_ms);
        return end;
    };
    if (verdict.outage && (failure == Failure::retry || failure == Failure::rate_limited)) return between(0, 0);
    if (verdict.external_outage && failure == Failure::retry) {
        return between(floor_ms, top_ms(event.attempts));
    }
    switch (failure) {
        case Failure::rejected:
        case Failure::invalid:
            end.kind = Kind::dead_letter;
            return end;
        case Failure::auth:
            return between(0, 0);
        case Failure::cancelled:
            return verdict.stopping ? between(0, 0) : between(policy.base_ms, policy.base_ms);
        case Failure::rate_limited:
            return between(std::max(floor_ms, policy.base_ms), top_ms(event.counted_failures));
        case Failure::retry:
        case Failure::unknown:
            break;
    }
    end.counts = true;
    if (event.counted_failures + 1 < policy.limit) return between(floor_ms, top_ms(event.counted_failures));
    end.kind = Kind::dead_letter;
    return end;
}

std::string difference(const ExpectedEnd& expected, const journal::Finish& finish, bool holds_key) {
    static constexpr const char* kinds[] = {"done", "again", "a dead letter"};
    if (finish.kind != expected.kind) {
        return fmt::format("is {}, not {}", kinds[static_cast<int>(finish.kind)],
                           kinds[static_cast<int>(expected.kind)]);
    }
    if (finish.kind == Kind::done) return "";
    if (finish.counts != expected.counts) return finish.counts ? "counts" : "does not count";
    if (finish.unknown != expected.unknown) return finish.unknown ? "leaves a doubt" : "leaves no doubt";
    if (finish.kind == Kind::dead_letter) {
        return finish.holds_key == holds_key ? "" : finish.holds_key ? "holds its key" : "lets its key go";
    }
    if (finish.available_at_ms >= expected.earliest_ms && finish.available_at_ms <= expected.latest_ms) return "";
    return fmt::format("lets the next attempt begin at {}, not from {} to {}", finish.available_at_ms,
                       expected.earliest_ms, expected.latest_ms);
}

}  // namespace sluice::simulation
