#pragma once
// Breakers: open during an outage of another system, closed again by one event that goes first.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/journal/types.hpp"

namespace sluice::delivery {

/// Part of the engine: no clock, no thread. Of one kind of system each: Odoo databases, or external accounts. Half
/// open, one event (the canary) goes first and alone: should it be what takes the system down, it takes nobody with it.
/// An Odoo database is half open once a probe succeeds; an external account, which nobody can ask without a delivery,
/// by time: let_due_pass().
class Breakers {
public:
    static constexpr std::int64_t probe_base_ms = 500;
    static constexpr std::int64_t probe_cap_ms = 30'000;

    bool is_open(const std::string& system) const { return outages_.contains(system); }
    /// The failure that told of the outage; "" where there is none.
    std::string reason(const std::string& system) const;
    /// No outage, or it is half open and nobody went first yet.
    bool lets_pass(const std::string& system) const;
    /// True where only one event may pass.
    bool is_half_open(const std::string& system) const;
    void on_claimed(const std::string& system, journal::Seq seq);

    /// True where the outage is new.
    bool open(const std::string& system, const std::string& reason, std::int64_t now_ms);
    /// The end of an event: true where it was the canary. Whatever it came to, the system was there to say it.
    bool close(const std::string& system, journal::Seq canary);
    /// It ended and nothing was learned of the system: another event may go first.
    void forget_canary(const std::string& system, journal::Seq seq);
    void on_probe(const std::string& system, bool healthy, std::int64_t now_ms);
    void on_clock_set_back(std::int64_t step_ms);

    /// The systems to be asked now, each once until on_probe().
    std::vector<std::string> take_due_probes(std::int64_t now_ms);
    /// Instead of probes: those whose time has come are half open. Each canary that fails doubles the time.
    void let_due_pass(std::int64_t now_ms);
    /// When one is to be asked, or to be half open.
    std::optional<std::int64_t> next_probe_ms() const;

private:
    struct Outage {
        std::string reason;
        int failed_probes = 0;
        std::int64_t next_probe_ms = 0;
        bool probing = false;
        bool half_open = false;
        std::optional<journal::Seq> canary;  ///< the event that runs while half open
    };
    std::map<std::string, Outage> outages_;
};

}  // namespace sluice::delivery
