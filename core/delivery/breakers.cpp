#include "core/delivery/breakers.hpp"

#include <algorithm>

namespace sluice::delivery {

namespace {

std::int64_t probe_delay_ms(int failed_probes) {
    const int doublings = std::min(failed_probes, 16);
    return std::min(Breakers::probe_base_ms << doublings, Breakers::probe_cap_ms);
}

}  // namespace

std::string Breakers::reason(const std::string& system) const {
    const auto outage = outages_.find(system);
    return outage == outages_.end() ? "" : outage->second.reason;
}

bool Breakers::lets_pass(const std::string& system) const {
    const auto outage = outages_.find(system);
    return outage == outages_.end() || (outage->second.half_open && !outage->second.canary);
}

bool Breakers::is_half_open(const std::string& system) const {
    const auto outage = outages_.find(system);
    return outage != outages_.end() && outage->second.half_open;
}

void Breakers::on_claimed(const std::string& system, journal::Seq seq) {
    if (const auto outage = outages_.find(system); outage != outages_.end()) outage->second.canary = seq;
}

bool Breakers::open(const std::string& system, const std::string& reason, std::int64_t now_ms) {
    const auto [found, is_new] = outages_.try_emplace(system);
    auto& outage = found->second;
    if (is_new || outage.half_open) {
        outage = Outage{.reason = reason,
                        .failed_probes = outage.failed_probes,
                        .next_probe_ms = now_ms + probe_delay_ms(outage.failed_probes)};
    }
    return is_new;
}

bool Breakers::close(const std::string& system, journal::Seq canary) {
    const auto outage = outages_.find(system);
    if (outage == outages_.end() || outage->second.canary != canary) return false;
    outages_.erase(outage);
    return true;
}

void Breakers::forget_canary(const std::string& system, journal::Seq seq) {
    const auto outage = outages_.find(system);
    if (outage != outages_.end() && outage->second.canary == seq) outage->second.canary.reset();
}

void Breakers::on_probe(const std::string& system, bool healthy, std::int64_t now_ms) {
    const auto found = outages_.find(system);
    if (found == outages_.end() || !found->second.probing) return;
    auto& outage = found->second;
    outage.probing = false;
    outage.half_open = healthy;
    if (healthy) {
        outage.failed_probes = 0;
        return;
    }
    ++outage.failed_probes;
    outage.next_probe_ms = now_ms + probe_delay_ms(outage.failed_probes);
}

void Breakers::on_clock_set_back(std::int64_t step_ms) {
    for (auto& [system, outage] : outages_) outage.next_probe_ms -= step_ms;
}

std::vector<std::string> Breakers::take_due_probes(std::int64_t now_ms) {
    std::vector<std::string> due;
    for (auto& [system, outage] : outages_) {
        if (outage.probing || outage.half_open || outage.next_probe_ms > now_ms) continue;
        outage.probing = true;
        due.push_back(system);
    }
    return due;
}

void Breakers::let_due_pass(std::int64_t now_ms) {
    for (auto& [system, outage] : outages_) {
        if (outage.half_open || outage.next_probe_ms > now_ms) continue;
        outage.half_open = true;
        ++outage.failed_probes;  // until its canary says otherwise
    }
}

std::optional<std::int64_t> Breakers::next_probe_ms() const {
    std::optional<std::int64_t> earliest;
    for (const auto& [system, outage] : outages_) {
        if (outage.probing || outage.half_open) continue;
        earliest = earliest ? std::min(*earliest, outage.next_probe_ms) : outage.next_probe_ms;
    }
    return earliest;
}

}  // namespace sluice::delivery
