// The breakers of external accounts, from core/delivery/README.md: said here a second time.

#include <fmt/core.h>

#include <algorithm>

#include "tests/simulation/checked_engine.hpp"

namespace sluice::simulation {

namespace {

std::int64_t try_after_ms(int tried) {
    return std::min<std::int64_t>(30'000, std::int64_t{500} << std::min(tried, 10));
}

}  // namespace

bool CheckedEngine::is_vendor_away(const Connector& connector, const std::string& flow) const {
    const auto breaker = vendor_breakers_.find(connector.plan.external);
    return connector.calls_vendor.contains(flow) && breaker != vendor_breakers_.end() && breaker->second.open;
}

void CheckedEngine::let_vendors_be_tried() {
    if (stopping_) return;
    for (auto& [vendor, breaker] : vendor_breakers_) {
        if (!breaker.open || breaker.half_open || breaker.try_at_ms > now_ms()) continue;
        breaker.half_open = true;
        ++breaker.tried;
    }
}

void CheckedEngine::check_vendor(Connector& connector, const std::string& flow, const std::vector<std::int64_t>& seqs) {
    if (!is_vendor_away(connector, flow)) return;
    auto& breaker = vendor_breaker(connector);
    const auto& vendor = connector.plan.external;
    expect(breaker.half_open, fmt::format("something is claimed that calls {}, which does not answer", vendor));
    expect(!breaker.canary && seqs.size() == 1,
           fmt::format("more than one event goes to {}, which may not be there", vendor));
    breaker.canary = seqs.front();
    environment_.hit(Fault::vendor_tried);
}

void CheckedEngine::learn_of_vendor(Connector& connector, const journal::EventSummary& event,
                                    const delivery::Verdict& verdict) {
    if (!verdict.external_outage && !verdict.external_answered) return;
    connector.calls_vendor.insert(event.flow);
    const auto failure = verdict.error ? std::optional(verdict.error->failure) : std::nullopt;
    const bool in_doubt = failure == Failure::retry || failure == Failure::unknown;
    auto& breaker = vendor_breaker(connector);
    const auto& vendor = connector.plan.external;
    if (verdict.external_outage && in_doubt) {
        if (!breaker.open) outages_begun_.insert(vendor);
        if (!breaker.open || breaker.half_open) {
            breaker = {.open = true, .tried = breaker.tried, .try_at_ms = now_ms() + try_after_ms(breaker.tried)};
        }
    } else if (verdict.external_answered && breaker.open && breaker.canary == to_int(event.seq)) {
        breaker = {};
        outages_ended_.insert(vendor);
    }
}

}  // namespace sluice::simulation
