#include "core/delivery/breakers.hpp"

#include <algorithm>

namespace sluice::delivery {

namespace {

std::int64_t probe_delay_ms(int failed_probes) {
    const int doublings = std::min(failed_probes, 16);
    return std::min(Breakers::probe_base_ms << doublings, Breakers::probe_cap_ms);
}

}  // namespace

bool Breakers::lets_pass(const std::string& odoo) const {
    const auto outage = outages_.find(odoo);
    return outage == outages_.end() || (outage->second.half_open && !outage->second.canary);
}

bool Breakers::is_half_open(const std::string& odoo) const {
    const auto outage = outages_.find(odoo);
    return outage != outages_.end() && outage->second.half_open;
}

void Breakers::on_claimed(const std::string& odoo, journal::Seq seq) {
    if (const auto outage = outages_.find(odoo); outage != outages_.end()) outage->second.canary = seq;
}

bool Breakers::open(const std::string& odoo, std::int64_t now_ms) {
    const auto [outage, is_new] = outages_.try_emplace(odoo);
    if (is_new || outage->second.half_open) outage->second = Outage{.next_probe_ms = now_ms + probe_delay_ms(0)};
    return is_new;
}

bool Breakers::close(const std::string& odoo, journal::Seq canary) {
    const auto outage = outages_.find(odoo);
    if (outage == outages_.end() || outage->second.canary != canary) return false;
    outages_.erase(outage);
    return true;
}

void Breakers::forget_canary(const std::string& odoo, journal::Seq seq) {
    const auto outage = outages_.find(odoo);
    if (outage != outages_.end() && outage->second.canary == seq) outage->second.canary.reset();
}

void Breakers::on_probe(const std::string& odoo, bool healthy, std::int64_t now_ms) {
    const auto found = outages_.find(odoo);
    if (found == outages_.end() || !found->second.probing) return;
    auto& outage = found->second;
    outage.probing = false;
    outage.half_open = healthy;
    if (healthy) return;
    ++outage.failed_probes;
    outage.next_probe_ms = now_ms + probe_delay_ms(outage.failed_probes);
}

void Breakers::on_clock_set_back(std::int64_t step_ms) {
    for (auto& [odoo, outage] : outages_) outage.next_probe_ms -= step_ms;
}

std::vector<std::string> Breakers::take_due_probes(std::int64_t now_ms) {
    std::vector<std::string> due;
    for (auto& [odoo, outage] : outages_) {
        if (outage.probing || outage.half_open || outage.next_probe_ms > now_ms) continue;
        outage.probing = true;
        due.push_back(odoo);
    }
    return due;
}

std::optional<std::int64_t> Breakers::next_probe_ms() const {
    std::optional<std::int64_t> earliest;
    for (const auto& [odoo, outage] : outages_) {
        if (outage.probing || outage.half_open) continue;
        earliest = earliest ? std::min(*earliest, outage.next_probe_ms) : outage.next_probe_ms;
    }
    return earliest;
}

}  // namespace sluice::delivery
