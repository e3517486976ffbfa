#include "tests/simulation/host.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace sluice::simulation {

using delivery::Dispatcher;

std::optional<std::int64_t> SimulatedAdmission::earliest_start_ms(const std::string& connector, const std::string& flow,
                                                                  std::int64_t now_ms) {
    if (!closes_) return std::nullopt;
    constexpr std::int64_t period_ms = 7'000;
    // A fifth of the time, each flow another.
    const auto turn = now_ms / period_ms;
    if ((turn + connector.back() + 2 * flow.back()) % 5 != 0) return std::nullopt;
    environment_.hit(Fault::held_by_admission);
    return (turn + 1) * period_ms;
}

namespace {

delivery::ConnectorPlan with_holds(delivery::ConnectorPlan plan, const std::vector<journal::Pause>& pauses) {
    for (const auto& pause : pauses) {
        if (pause.connector == plan.name) plan.held[pause.flow] = pause.reason;
    }
    return plan;
}

}  // namespace

Host::Host(Surroundings surroundings, int number)
    : around_(std::move(surroundings)),
      number_(number),
      admission_(around_.environment, around_.environment.scenario.troubles.admission) {
    for (const auto& connector : around_.environment.scenario.connectors) {
        plans_[connector.plan.name] = connector.plan;
    }
}

void Host::later(std::int64_t delay_ms, const char* what, std::function<void()> run) {
    around_.timeline.add(delay_ms, number_, life_, what, std::move(run));
}

// ---- its life

void Host::start() {
    ++life_;
    name_ = fmt::format("host{}.{}", number_, life_);
    const auto seed = static_cast<std::uint64_t>(around_.environment.dice.between(0, 1'000'000'000));
    // What an operator paused stays so; a start that cannot ask does not happen.
    const auto pauses = around_.journal.pauses();
    if (!pauses) return;
    std::vector<delivery::ConnectorPlan> plans;
    for (const auto& [name, plan] : plans_) plans.push_back(with_holds(plan, *pauses));
    engine_ = std::make_unique<CheckedEngine>(around_.environment, around_.journal, std::move(plans), seed,
                                              around_.environment.scenario.troubles.admission ? &admission_ : nullptr);
    clock_steps_.emplace(around_.environment.clock);
    renewed_at_ms_ = steady_ms();
    wakes_at_ms_.reset();
    for (auto& [name, remote] : around_.remotes) sessions_[name] = remote.session();
    wake(short_delay_ms());
}

void Host::die() {
    ++life_;  // what is planned for it is void
    engine_.reset();
    clock_steps_.reset();
    jobs_.clear();
    leases_.clear();
    leaving_.clear();
    cancelled_.clear();
    stopping_ = false;
    frozen_until_ms_ = 0;
    for (auto& [name, remote] : around_.remotes) remote.caller_died(number_);
}

void Host::when_idle(const std::string& connector, std::int64_t cancel_at_ms, const std::function<void()>& then) {
    const int running = connector.empty() ? engine_->running() : engine_->running(connector);
    if (running == 0) return then();
    if (steady_ms() >= cancel_at_ms) cancel(connector);
    later(200, "waits for the end of what runs", [=, this] { when_idle(connector, cancel_at_ms, then); });
}

void Host::stop(std::int64_t grace_ms, std::function<void()> stopped) {
    stopping_ = true;
    feed("stop", [](CheckedEngine& engine) { engine.stop(); });
    later(300, "stops", [=, this] { when_idle("", steady_ms() + grace_ms, stopped); });
}

void Host::reload(const delivery::ConnectorPlan& plan, std::int64_t grace_ms) {
    const auto& name = plan.name;
    if (stopping_ || leaving_.contains(name)) return;
    engine_->retire(name);
    leaving_.insert(name);
    wake(0);
    when_idle(name, steady_ms() + grace_ms, [=, this] {
        engine_->remove(plan.name);
        plans_[plan.name] = plan;
        later(short_delay_ms(), "adds", [=, this] { add(plan); });
    });
}

void Host::add(const delivery::ConnectorPlan& plan) {
    const auto pauses = around_.journal.pauses();
    if (!pauses) return later(1'000, "adds", [=, this] { add(plan); });
    leaving_.erase(plan.name);
    cancelled_.erase(plan.name);
    engine_->add(with_holds(plan, *pauses));
    wake(0);
}

// ---- the dispatcher

void Host::feed(const char* what, std::function<void(CheckedEngine&)> input) {
    later(short_delay_ms(), what, [this, input = std::move(input)] {
        input(*engine_);
        wake(0);
    });
}

void Host::notify(const std::string& connector, const std::string& flow) {
    feed("appended", [=](CheckedEngine& engine) { engine.on_appended(connector, flow); });
}

void Host::resume(const std::string& connector) {
    feed("resume", [=](CheckedEngine& engine) { engine.resume(connector); });
}

void Host::hold(const std::string& connector, const std::string& flow) {
    engine_->hold(connector, flow);  // at once: a release must not overtake it
}

void Host::release(const std::string& connector, const std::string& flow) {
    engine_->release(connector, flow);
    wake(0);
}

void Host::wake(std::int64_t delay_ms) {
    const auto at_ms = steady_ms() + delay_ms;
    if (wakes_at_ms_ && *wakes_at_ms_ <= at_ms) return;
    wakes_at_ms_ = at_ms;
    later(delay_ms, "dispatch", [this, number = ++last_wake_] {
        if (number == last_wake_) dispatch();  // else an earlier one was planned since
    });
}

void Host::dispatch() {
    wakes_at_ms_.reset();
    look_at_the_clock();
    keep_leases();
    auto actions = engine_->step();
    for (auto& action : actions) {
        later(short_delay_ms(), "action", [this, action = std::move(action)]() mutable { carry_out(action); });
    }
    const auto now_ms = around_.environment.clock.now_ms();
    const auto wake_at_ms = engine_->wake_at();
    const auto sleep_ms = wake_at_ms ? std::clamp<std::int64_t>(*wake_at_ms - now_ms, 0, Dispatcher::longest_sleep_ms)
                                     : Dispatcher::longest_sleep_ms;
    wake(actions.empty() ? sleep_ms : 1);
}

void Host::look_at_the_clock() {
    if (const auto forward_ms = clock_steps_->take_forward_ms(); forward_ms > 0)
        engine_->on_clock_set_forward(forward_ms);
    const auto step_ms = clock_steps_->set_back_ms();
    if (step_ms == 0) return;
    if (!around_.journal.shift_available(step_ms)) return;  // the step is seen again the next time
    clock_steps_->settle();
    engine_->on_clock_set_back(step_ms);
}

void Host::keep_leases() {
    if (steady_ms() - renewed_at_ms_ < Dispatcher::renewal_ms) return;
    renewed_at_ms_ = steady_ms();
    std::vector<journal::Lease> leases;
    for (const auto& [seq, lease] : leases_) leases.push_back(lease);
    const auto until_ms = around_.environment.clock.now_ms() + Dispatcher::lease_ms;
    if (!leases.empty() && !around_.journal.renew(leases, until_ms)) return;
    const auto expired = around_.journal.expire_leases("");
    if (!expired) return;
    if (!expired->empty()) around_.took_over();
    for (const auto& event : *expired) engine_->on_appended(event.connector, event.flow);
}

void Host::carry_out(delivery::Action& action) {
    if (auto* one = std::get_if<delivery::Load>(&action)) return load(*one);
    if (auto* one = std::get_if<delivery::ClaimEvents>(&action)) {
        return submit({.connector = one->connector, .seqs = std::move(one->seqs)});
    }
    if (auto* one = std::get_if<delivery::FinishEvent>(&action)) return decide(*one);
    if (auto* one = std::get_if<delivery::DeadLetterEvent>(&action)) {
        return submit({.connector = one->connector, .seqs = {one->seq}, .dead_letter = std::move(*one)});
    }
    if (auto* one = std::get_if<delivery::Probe>(&action)) return probe(one->odoo);
    if (auto* one = std::get_if<delivery::Paused>(&action)) around_.paused(number_, one->connector);
}

void Host::load(const delivery::Load& load) {
    const auto now_ms = around_.environment.clock.now_ms();
    auto events = around_.journal.ready(load.connector, load.flow, now_ms, load.limit);
    if (!events) {
        engine_->on_load_failed(load);
        return wake(0);
    }
    const auto next = around_.journal.next_available(load.connector, load.flow, now_ms);
    if (!next) {
        engine_->on_load_failed(load);
        return wake(0);
    }
    engine_->on_loaded(load, std::move(*events), *next);
    wake(0);
}

void Host::probe(const std::string& odoo) {
    auto& remote = around_.remotes.at(odoo);
    const bool answers = remote.is_up() && !around_.environment.trouble(100);
    feed("probed", [=](CheckedEngine& engine) { engine.on_probe(odoo, answers); });
}

// ---- for attempts

Remote& Host::remote(const ConnectorScript& connector, const FlowScript& flow) {
    return around_.remotes.at(flow.outward ? connector.vendor : connector.plan.odoo);
}

std::int64_t Host::call(Remote& remote, Remote::Call call) {
    call.host = number_;
    call.life = life_;
    call.kill_caller = [this] { around_.kill(number_); };
    return remote.call(std::move(call));
}

}  // namespace sluice::simulation
