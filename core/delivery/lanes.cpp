#include "core/delivery/lanes.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <map>
#include <mutex>
#include <thread>

#include "core/delivery/clock_steps.hpp"
#include "core/delivery/inbox.hpp"
#include "core/delivery/lane_group.hpp"
#include "core/delivery/prober.hpp"

namespace sluice::delivery {

namespace {

std::vector<ConnectorPlan> plans_of(const std::vector<ConnectorRun>& connectors) {
    std::vector<ConnectorPlan> plans;
    for (const auto& connector : connectors) plans.push_back(connector.plan);
    return plans;
}

}  // namespace

struct Dispatcher::Impl {
    Impl(journal::Journal& journal_in, const Clock& clock_in, std::vector<ConnectorRun> connectors_in,
         Options options_in)
        : journal(journal_in),
          clock(clock_in),
          connectors(std::move(connectors_in)),
          options(std::move(options_in)),
          engine(plans_of(connectors), options.seed) {}

    void start();
    bool drain(std::int64_t grace_ms);
    void run();
    void carry_out(Load& load);
    void carry_out(ClaimEvent& action) { groups.at(action.connector)->submit({.seq = action.seq}); }
    void carry_out(FinishEvent& action) { groups.at(action.connector)->decide(action.seq, std::move(action.finish)); }
    void carry_out(DeadLetterEvent& action) {
        groups.at(action.connector)->submit({.seq = action.seq, .dead_letter = std::move(action.finish)});
    }
    void carry_out(Probe& action) { probers.at(action.odoo)->request(); }
    void carry_out(Paused& action) {
        if (options.on_paused) options.on_paused(action.connector, action.reason);
    }
    void carry_out(OutageChanged& action) {
        if (options.on_outage) options.on_outage(action.odoo, action.begun, action.reason);
    }
    void look_at_the_clock();

    journal::Journal& journal;
    const Clock& clock;
    const std::vector<ConnectorRun> connectors;
    const Options options;
    Inbox inbox;

    mutable std::mutex mutex;         ///< guards the engine: status() and drain() look at it from outside
    std::condition_variable drained;  ///< the engine stops; less runs than before
    Engine engine;

    std::map<std::string, std::unique_ptr<LaneGroup>> groups;
    std::map<std::string, std::unique_ptr<Prober>> probers;
    ClockSteps clock_steps{clock};  ///< the dispatcher's thread alone
    std::thread thread;
};

void Dispatcher::Impl::start() {
    for (const auto& connector : connectors) {
        const auto& name = connector.plan.name;
        groups[name] = std::make_unique<LaneGroup>(journal, clock, connector, options, inbox);
        const auto& odoo = connector.plan.odoo;
        if (!odoo.empty() && !probers.contains(odoo)) {
            probers[odoo] = std::make_unique<Prober>(odoo, options.probe, inbox);
        }
    }
    for (const auto& [name, group] : groups) group->start();
    thread = std::thread([this] { run(); });
}

void Dispatcher::Impl::run() {
    std::int64_t sleep_ms = 0;
    for (;;) {
        const auto batch = inbox.wait(sleep_ms);
        look_at_the_clock();
        std::vector<Action> actions;
        {
            const std::scoped_lock lock(mutex);
            const auto now_ms = clock.now_ms();
            for (const auto& connector : batch.appended) engine.on_appended(connector);
            for (const auto& input : batch.inputs) input(engine, now_ms);
            actions = engine.step(now_ms);
            const auto wake_at_ms = engine.wake_at(now_ms);
            sleep_ms =
                wake_at_ms ? std::clamp<std::int64_t>(*wake_at_ms - now_ms, 0, longest_sleep_ms) : longest_sleep_ms;
            if (engine.stopping()) drained.notify_all();
        }
        for (auto& action : actions) std::visit([this](auto& one) { carry_out(one); }, action);
        if (!actions.empty()) sleep_ms = 0;
        if (batch.closed && batch.inputs.empty() && actions.empty()) return;
    }
}

void Dispatcher::Impl::look_at_the_clock() {
    const auto step_ms = clock_steps.set_back_ms();
    if (step_ms == 0) return;
    // Otherwise what waits for its next attempt would wait until the clock has caught up.
    if (const auto shifted = journal.shift_available(step_ms, clock.now_ms()); !shifted) {
        if (options.on_journal_failure) options.on_journal_failure("", shifted.error());
        return;  // the step is seen again the next time
    }
    clock_steps.settle();
    const std::scoped_lock lock(mutex);
    engine.on_clock_set_back(step_ms);
}

void Dispatcher::Impl::carry_out(Load& load) {
    const auto now_ms = clock.now_ms();
    auto events = journal.ready(load.connector, now_ms, load.limit);
    auto next = events ? journal.next_available(load.connector, now_ms) : std::unexpected(events.error());
    {
        const std::scoped_lock lock(mutex);
        if (events && next) {
            engine.on_loaded(load.connector, std::move(*events), *next);
            return;
        }
        engine.on_load_failed(load.connector, now_ms);
    }
    if (options.on_journal_failure) options.on_journal_failure(load.connector, next.error());
}

bool Dispatcher::Impl::drain(std::int64_t grace_ms) {
    if (!thread.joinable()) return true;
    for (const auto& [name, group] : groups) group->stop_claiming();
    inbox.post([](Engine& running_engine, std::int64_t) { running_engine.stop(); });
    bool by_themselves = true;
    {
        const auto idle = [this] { return engine.running() == 0; };
        std::unique_lock lock(mutex);
        // From the stop on the dispatcher's thread has no probe or load under way.
        drained.wait(lock, [this] { return engine.stopping(); });
        by_themselves = drained.wait_for(lock, std::chrono::milliseconds(grace_ms), idle);
        if (!by_themselves) {
            lock.unlock();
            for (const auto& [name, group] : groups) group->cancel();
            lock.lock();
            drained.wait(lock, idle);
        }
    }
    for (const auto& [name, group] : groups) group->join();
    probers.clear();
    inbox.close();
    thread.join();
    return by_themselves;
}

Dispatcher::Dispatcher(journal::Journal& journal, const Clock& clock, std::vector<ConnectorRun> connectors,
                       Options options)
    : impl_(std::make_unique<Impl>(journal, clock, std::move(connectors), std::move(options))) {}

Dispatcher::~Dispatcher() {
    impl_->drain(0);
}

void Dispatcher::start() {
    impl_->start();
}

void Dispatcher::notify(const std::string& connector) {
    impl_->inbox.post_appended(connector);
}

void Dispatcher::resume(const std::string& connector) {
    impl_->inbox.post([connector](Engine& engine, std::int64_t) { engine.resume(connector); });
}

bool Dispatcher::drain(std::int64_t grace_ms) {
    return impl_->drain(grace_ms);
}

std::vector<Engine::Status> Dispatcher::status() const {
    const std::scoped_lock lock(impl_->mutex);
    return impl_->engine.status();
}

}  // namespace sluice::delivery
