#pragma once
// Breakers of Odoo databases: open during an outage, closed again by a probe and one event that goes first.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/journal/types.hpp"

namespace sluice::delivery {

/// Part of the engine: no clock, no thread. Once a probe succeeds one event (the canary) goes first and alone: should
/// it be what takes Odoo down, it takes nobody with it.
class Breakers {
public:
    static constexpr std::int64_t probe_base_ms = 500;
    static constexpr std::int64_t probe_cap_ms = 30'000;

    bool is_open(const std::string& odoo) const { return outages_.contains(odoo); }
    /// No outage, or the probe has succeeded and nobody went first yet.
    bool lets_pass(const std::string& odoo) const;
    /// True where only one event may pass.
    bool is_half_open(const std::string& odoo) const;
    void on_claimed(const std::string& odoo, journal::Seq seq);

    /// True where the outage is new.
    bool open(const std::string& odoo, std::int64_t now_ms);
    /// The end of an event: true where it was the canary. Whatever it came to, Odoo was there to say it.
    bool close(const std::string& odoo, journal::Seq canary);
    /// It ended and nothing was learned of Odoo: another event may go first.
    void forget_canary(const std::string& odoo, journal::Seq seq);
    void on_probe(const std::string& odoo, bool healthy, std::int64_t now_ms);
    void on_clock_set_back(std::int64_t step_ms);

    /// The databases to be asked now, each once until on_probe().
    std::vector<std::string> take_due_probes(std::int64_t now_ms);
    std::optional<std::int64_t> next_probe_ms() const;

private:
    struct Outage {
        int failed_probes = 0;
        std::int64_t next_probe_ms = 0;
        bool probing = false;
        bool half_open = false;
        std::optional<journal::Seq> canary;  ///< the event that runs while half open
    };
    std::map<std::string, Outage> outages_;
};

}  // namespace sluice::delivery
