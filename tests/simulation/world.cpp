#include "tests/simulation/world.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace sluice::simulation {

namespace {

constexpr std::int64_t most_steps = 100'000;
constexpr std::int64_t longest_drain_ms = 4 * 60 * 60 * 1'000;
constexpr int steps_between_checks = 64;

}  // namespace

World::World(std::uint64_t seed, Trace& trace, Statistics& statistics)
    : dice_(seed),
      trace_(trace),
      statistics_(statistics),
      scenario_(draw_scenario(dice_)),
      environment_{clock_, dice_, trace_, statistics_, scenario_, calm_},
      timeline_(clock_, dice_),
      journal_(environment_, seed) {
    for (const auto& connector : scenario_.connectors) {
        for (const auto& name : {connector.plan.odoo, connector.vendor}) {
            remotes_.try_emplace(name, environment_, timeline_, name, dice_.chance(500));
        }
    }
    for (int i = 0; i < scenario_.hosts; ++i) {
        const auto number = static_cast<std::size_t>(i);
        hosts_.push_back(std::make_unique<Host>(
            Host::Surroundings{.environment = environment_,
                               .timeline = timeline_,
                               .journal = journal_,
                               .remotes = remotes_,
                               .changed = [this](const std::string& connector) { notify_others(connector); },
                               .kill = [this](int host) { kill(host); },
                               .took_over = [this] { thaw_soon(); },
                               .paused =
                                   [this](int /*host*/, const std::string& connector) {
                                       plan(dice_.between(1'000, 60'000), "operator resumes", [this, connector] {
                                           for (auto& one : hosts_) {
                                               if (one->is_alive()) one->resume(connector);
                                           }
                                       });
                                   }},
            i));
        current_host_ = number;
    }
}

void World::plan(std::int64_t delay_ms, const char* what, std::function<void()> run) {
    timeline_.add(delay_ms, Step::of_the_world, 0, what, std::move(run));
}

// ---- life and death

Host* World::some_host() {
    std::vector<Host*> able;
    for (auto& host : hosts_) {
        if (host->is_alive() && !host->is_stopping() && host->frozen_until_ms() <= clock_.steady_ms()) {
            able.push_back(host.get());
        }
    }
    if (able.empty() || !journal_.is_open()) return nullptr;
    auto* const one = dice_.one_of(able);
    current_host_ = static_cast<std::size_t>(one->number());
    return one;
}

bool World::all_alive() const {
    return std::ranges::all_of(hosts_, [](const auto& host) { return host->is_alive() && !host->is_stopping(); });
}

void World::kill(int host) {
    current_host_ = static_cast<std::size_t>(host);
    on_death({});
}

void World::on_death(const Death& death) {
    const bool all = death.of_the_journal || hosts_.size() == 1;
    trace_.note(clock_.steady_ms(), all ? "DEATH of all" : "DEATH of host", static_cast<std::int64_t>(current_host_));
    if (!all) environment_.hit(Fault::host_died);
    for (std::size_t i = 0; i < hosts_.size(); ++i) {
        if (!all && i != current_host_) continue;
        if (!all) unseen_steps_ms_ += hosts_[i]->unseen_step_ms();
        hosts_[i]->die();
    }
    if (all) {
        const bool power = death.how == Death::How::power || environment_.trouble(300);
        if (power && death.how == Death::How::process) environment_.hit(Fault::power_loss);
        journal_.crash(power ? Death::How::power : Death::How::process);
    }
    plan_restart();
}

void World::plan_restart() {
    if (std::exchange(restarting_, true)) return;
    plan(dice_.between(50, 20'000), "restart", [this] { restart(); });
}

void World::restart() {
    restarting_ = false;
    if (!journal_.is_open() && scenario_.troubles.clock_steps && environment_.trouble(150)) set_the_clock();
    const bool opens = !journal_.is_open();
    if (opens && !journal_.open()) return plan_restart();
    check_accepted();
    // What a start has found in the log is told to others from now on.
    if (opens && journal_.found_an_open_call() && environment_.trouble(400)) {
        environment_.hit(Fault::power_loss_after_start);
        return on_death({.how = Death::How::power, .of_the_journal = true});
    }
    for (auto& host : hosts_) {
        if (host->is_alive()) continue;
        current_host_ = static_cast<std::size_t>(host->number());
        host->start();
        if (!host->is_alive()) plan_restart();
    }
}

// ---- the run

void World::step() {
    auto step = timeline_.next();
    if (step.host != Step::of_the_world) {
        auto& host = *hosts_[static_cast<std::size_t>(step.host)];
        if (step.life != host.life()) return;
        if (host.frozen_until_ms() > clock_.steady_ms()) {
            step.at_ms = std::min(host.frozen_until_ms(), clock_.steady_ms() + 2'000) + dice_.between(0, 50);
            return timeline_.push(std::move(step));
        }
        current_host_ = static_cast<std::size_t>(step.host);
    }
    ++statistics_.steps;
    trace_.note(clock_.steady_ms(), step.what, step.host);
    try {
        step.run();
    } catch (const Death& death) {
        on_death(death);
    }
}

void World::run() {
    plan(0, "first start", [this] { restart(); });
    plan_vendors();
    plan_faults();
    plan(scenario_.calm_from_ms, "calm", [this] { calm_down(); });
    for (std::int64_t number = 1;; ++number) {
        if (timeline_.empty() || number > most_steps ||
            clock_.steady_ms() > scenario_.calm_from_ms + longest_drain_ms) {
            throw Violation("the run comes to no end: " + unfinished());
        }
        step();
        if (number % steps_between_checks == 0) journal_.check_list();
        if (!calm_ || !is_drained()) continue;
        journal_.check_everything();
        check_end();
        if (healed_ || !dice_.chance(500)) break;
        heal_dead_letters();
    }
    statistics_.virtual_ms += clock_.steady_ms();
    statistics_.events += static_cast<std::int64_t>(journal_.ledger().entries().size());
}

Outcome run_seed(std::uint64_t seed, bool prints_trace) {
    Outcome outcome;
    Trace trace(prints_trace);
    ++outcome.statistics.seeds;
    try {
        World world(seed, trace, outcome.statistics);
        world.run();
    } catch (const Violation& violation) {
        outcome.violation = violation.what();
    }
    outcome.trace_hash = trace.hash();
    return outcome;
}

}  // namespace sluice::simulation
