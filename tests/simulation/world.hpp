#pragma once
// One run: hosts, the journal, other systems, vendors and operators, driven by one seed.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/host.hpp"

namespace sluice::simulation {

struct Outcome {
    std::uint64_t trace_hash = 0;
    std::string violation;  ///< "" where every invariant held
    Statistics statistics;
};

/// Runs a seed to its end: what happens while things go wrong, then until everything that was accepted has an end.
/// Sets SQLite's default file system meanwhile: one run at a time.
Outcome run_seed(std::uint64_t seed, bool prints_trace = false);

class World {
public:
    World(std::uint64_t seed, Trace& trace, Statistics& statistics);
    /// Throws Violation.
    void run();

private:
    // life (world.cpp)
    void step();
    void kill(int host);
    void on_death(const Death& death);
    void plan_restart();
    void freeze_a_busy_host(int tries);
    void thaw_soon();
    void restart();
    void plan(std::int64_t delay_ms, const char* what, std::function<void()> run);
    /// One that can answer now; calls of the journal are its calls from then on.
    Host* some_host();
    bool all_alive() const;

    // vendors.cpp
    void plan_vendors();
    void send(const std::vector<std::size_t>& indexes);
    void notify_all(const std::string& connector, const std::string& flow);
    void notify_others(const std::string& connector);

    // operators.cpp
    void plan_faults();
    void repeat(const char* what, std::int64_t mean_ms, const std::function<void()>& run);
    void poll();
    void look_on();
    void operate();
    void decide_about_a_dead_letter();
    void heal_dead_letters();
    void pause_something();
    void lift_pause(const std::string& connector, const std::string& flow);
    void reload_something();
    void stop_something();
    void erase_now_and_then();
    void erase_something();
    void set_the_clock();
    void fill_the_disk();
    void calm_down();

    // world_checks.cpp
    void look();
    void check_accepted() const;
    void check_progress();
    bool is_drained() const;
    std::string unfinished() const;
    void check_end();
    bool is_stale(std::int64_t seq);
    void check_dead_letter(std::int64_t seq, const Entry& entry, const FlowScript& flow);

    Dice dice_;
    SimulatedClock clock_;
    Trace& trace_;
    Statistics& statistics_;
    Scenario scenario_;
    bool calm_ = false;
    Environment environment_;
    Timeline timeline_;
    CheckedJournal journal_;
    std::map<std::string, Remote> remotes_;
    std::vector<std::unique_ptr<Host>> hosts_;
    std::size_t current_host_ = 0;
    std::set<std::pair<std::string, std::string>> accepted_;  ///< of which a sender was told so
    std::map<std::pair<std::string, std::string>, std::string> newest_sent_;
    std::map<std::pair<std::int64_t, int>, std::int64_t> deliverable_since_ms_;
    std::int64_t forward_ms_ = 0;
    std::int64_t unseen_steps_ms_ = 0;  ///< by which the clock went back, and the host died before it noticed
    bool healed_ = false, restarting_ = false;
};

}  // namespace sluice::simulation
