#include "core/delivery/lanes.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <limits>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

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
          first(std::move(connectors_in)),
          options(std::move(options_in)),
          engine(plans_of(first), options.seed, options.admission) {}

    void start();
    void start_lanes(ConnectorRun connector);
    void add(ConnectorRun connector);
    bool remove(const std::vector<std::string>& connectors, std::int64_t grace_ms);
    void cut_removals_short();
    bool drain(std::int64_t grace_ms);
    void run();
    LaneGroup& group(const std::string& connector);
    bool wait_until_idle(std::int64_t grace_ms, const bool& cut_short, const std::function<bool()>& idle,
                         const std::function<void()>& cancel);
    void carry_out(Load& load);
    void carry_out(ClaimEvents& action) { group(action.connector).submit({.seqs = std::move(action.seqs)}); }
    void carry_out(FinishEvent& action) { group(action.connector).decide(action.seq, std::move(action.finish)); }
    void carry_out(DeadLetterEvent& action) {
        group(action.connector).submit({.seqs = {action.seq}, .dead_letter = std::move(action)});
    }
    void carry_out(Probe& action);
    void carry_out(Paused& action) {
        if (options.on_paused) options.on_paused(action.connector, action.reason);
    }
    void carry_out(OutageChanged& action) {
        const bool external = !action.external.empty();
        const auto& told = external ? options.on_external_outage : options.on_outage;
        if (told) told(external ? action.external : action.odoo, action.begun, action.reason);
    }
    void look_at_the_clock();
    void keep_leases();

    journal::Journal& journal;
    const Clock& clock;
    std::vector<ConnectorRun> first;  ///< those of the construction, until start()
    const Options options;
    Inbox inbox;

    mutable std::mutex mutex;         ///< guards the engine: status() and drain() look at it from outside
    std::condition_variable drained;  ///< less may run than before
    Engine engine;
    bool removals_cut_short = false;  ///< under mutex

    std::mutex threads_mutex;  ///< guards the two maps, not what they hold
    std::map<std::string, std::unique_ptr<LaneGroup>> groups;
    std::map<std::string, std::unique_ptr<Prober>> probers;
    ClockSteps clock_steps{clock};  ///< the dispatcher's thread alone, as the next
    std::int64_t renewed_at_ms = clock.steady_ms();
    std::thread thread;
};

void Dispatcher::Impl::start() {
    for (auto& connector : std::exchange(first, {})) start_lanes(std::move(connector));
    thread = std::thread([this] { run(); });
}

void Dispatcher::Impl::start_lanes(ConnectorRun connector) {
    const std::scoped_lock lock(threads_mutex);
    const auto name = connector.plan.name;
    const auto odoo = connector.plan.odoo;
    if (!odoo.empty() && !probers.contains(odoo)) {
        probers[odoo] = std::make_unique<Prober>(odoo, options.probe, inbox);
    }
    groups[name] = std::make_unique<LaneGroup>(journal, clock, std::move(connector), options, inbox);
    groups[name]->start();
}

void Dispatcher::Impl::add(ConnectorRun connector) {
    auto plan = connector.plan;
    start_lanes(std::move(connector));  // the engine must not know it before there is somebody to work for it
    {
        // At once, as remove() does it: an add() that came after a later remove() would bring back what is gone.
        const std::scoped_lock lock(mutex);
        engine.add(std::move(plan));
    }
    inbox.post([](Engine&, std::int64_t) {});  // look at it
}

bool Dispatcher::Impl::remove(const std::vector<std::string>& connectors, std::int64_t grace_ms) {
    {
        const std::scoped_lock lock(mutex);
        for (const auto& connector : connectors) engine.retire(connector);
    }
    for (const auto& connector : connectors) group(connector).stop_claiming();
    const bool by_themselves = wait_until_idle(
        grace_ms, removals_cut_short,
        [&] { return std::ranges::all_of(connectors, [&](const auto& name) { return engine.running(name) == 0; }); },
        [&] {
            for (const auto& connector : connectors) group(connector).cancel();
        });
    for (const auto& connector : connectors) group(connector).join();
    {
        const std::scoped_lock lock(mutex);
        for (const auto& connector : connectors) engine.remove(connector);
    }
    const std::scoped_lock lock(threads_mutex);
    for (const auto& connector : connectors) groups.erase(connector);
    return by_themselves;
}

void Dispatcher::Impl::cut_removals_short() {
    const std::scoped_lock lock(mutex);
    removals_cut_short = true;
    drained.notify_all();
}

LaneGroup& Dispatcher::Impl::group(const std::string& connector) {
    const std::scoped_lock lock(threads_mutex);
    return *groups.at(connector);
}

void Dispatcher::Impl::carry_out(Probe& action) {
    const std::scoped_lock lock(threads_mutex);
    probers.at(action.odoo)->request();
}

bool Dispatcher::Impl::wait_until_idle(std::int64_t grace_ms, const bool& cut_short, const std::function<bool()>& idle,
                                       const std::function<void()>& cancel) {
    std::unique_lock lock(mutex);
    drained.wait_for(lock, std::chrono::milliseconds(grace_ms), [&] { return cut_short || idle(); });
    if (idle()) return true;
    lock.unlock();
    cancel();
    lock.lock();
    drained.wait(lock, idle);
    return false;
}

void Dispatcher::Impl::run() {
    std::int64_t sleep_ms = 0;
    for (;;) {
        const auto batch = inbox.wait(sleep_ms);
        look_at_the_clock();
        keep_leases();
        std::vector<Action> actions;
        {
            const std::scoped_lock lock(mutex);
            const auto now_ms = clock.now_ms();
            for (const auto& [connector, flow] : batch.appended) engine.on_appended(connector, flow);
            for (const auto& input : batch.inputs) input(engine, now_ms);
            actions = engine.step(now_ms);
            const auto wake_at_ms = engine.wake_at(now_ms);
            sleep_ms =
                wake_at_ms ? std::clamp<std::int64_t>(*wake_at_ms - now_ms, 0, longest_sleep_ms) : longest_sleep_ms;
            drained.notify_all();
        }
        for (auto& action : actions) std::visit([this](auto& one) { carry_out(one); }, action);
        if (!actions.empty()) sleep_ms = 0;
        if (batch.closed && batch.inputs.empty() && actions.empty()) return;
    }
}

void Dispatcher::Impl::look_at_the_clock() {
    if (const auto forward_ms = clock_steps.take_forward_ms(); forward_ms > 0) {
        const std::scoped_lock lock(mutex);
        engine.on_clock_set_forward(forward_ms, clock.now_ms());
    }
    const auto step_ms = clock_steps.set_back_ms();
    if (step_ms == 0) return;
    // Otherwise what waits for its next attempt would wait until the clock has caught up.
    if (const auto shifted = journal.shift_available(step_ms, clock.now_ms()); !shifted) {
        if (options.on_journal_failure) options.on_journal_failure("", shifted.error());
        return;  // the step is seen again the next time
    }
    clock_steps.settle();
    const std::scoped_lock lock(mutex);
    engine.on_clock_set_back(step_ms, clock.now_ms());
}

void Dispatcher::Impl::keep_leases() {
    if (clock.steady_ms() - renewed_at_ms < renewal_ms) return;
    renewed_at_ms = clock.steady_ms();
    std::vector<journal::Lease> leases;
    std::map<journal::Seq, std::string> connectors;
    {
        const std::scoped_lock lock(threads_mutex);
        for (const auto& [name, group] : groups) {
            for (const auto& lease : group->leases()) {
                leases.push_back(lease);
                connectors[lease.seq] = name;
            }
        }
    }
    const auto now_ms = clock.now_ms();
    const auto fails = [&](const Error& error) {
        if (options.on_journal_failure) options.on_journal_failure("", error);  // it is tried again in good time
    };
    if (!leases.empty()) {
        const auto lost = journal.renew(leases, now_ms + lease_ms);
        if (!lost) return fails(lost.error());
        for (const auto& lease : *lost) {
            if (options.on_lease_lost) options.on_lease_lost(connectors[lease.seq], lease);
            // Somebody else may handle it already: the less it still does the better.
            const std::scoped_lock lock(threads_mutex);
            if (const auto group = groups.find(connectors[lease.seq]); group != groups.end())
                group->second->cancel(lease);
        }
    }
    // Of this host's too: its own that run were renewed just now; what a removed connector gave up was not.
    const auto expired = journal.expire_leases("", now_ms);
    if (!expired) return fails(expired.error());
    const std::scoped_lock lock(mutex);
    for (const auto& event : *expired) engine.on_appended(event.connector, event.flow);
}

void Dispatcher::Impl::carry_out(Load& load) {
    const auto now_ms = clock.now_ms();
    auto events = journal.ready(load.connector, load.flow, now_ms, load.limit);
    auto next = events ? journal.next_available(load.connector, load.flow, now_ms) : std::unexpected(events.error());
    {
        const std::scoped_lock lock(mutex);
        if (events && next) {
            engine.on_loaded(load.connector, load.flow, std::move(*events), *next);
            return;
        }
        engine.on_load_failed(load.connector, load.flow, now_ms);
    }
    if (options.on_journal_failure) options.on_journal_failure(load.connector, next.error());
}

bool Dispatcher::Impl::drain(std::int64_t grace_ms) {
    if (!thread.joinable()) return true;
    for (const auto& [name, group] : groups) group->stop_claiming();
    inbox.post([](Engine& running_engine, std::int64_t) { running_engine.stop(); });
    {
        // From the stop on the dispatcher's thread has no probe or load under way.
        std::unique_lock lock(mutex);
        drained.wait(lock, [this] { return engine.stopping(); });
    }
    const bool by_themselves = wait_until_idle(
        grace_ms, false, [this] { return engine.running() == 0; },
        [this] {
            for (const auto& [name, group] : groups) group->cancel();
        });
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

void Dispatcher::notify(const std::string& connector, const std::string& flow) {
    impl_->inbox.post_appended(connector, flow);
}

void Dispatcher::hold(const std::string& connector, const std::string& flow, const std::string& reason) {
    impl_->inbox.post([=](Engine& engine, std::int64_t) { engine.hold(connector, flow, reason); });
}

void Dispatcher::release(const std::string& connector, const std::string& flow) {
    impl_->inbox.post([=](Engine& engine, std::int64_t) { engine.release(connector, flow); });
}

void Dispatcher::add(ConnectorRun connector) {
    impl_->add(std::move(connector));
}

bool Dispatcher::remove(const std::vector<std::string>& connectors, std::int64_t grace_ms) {
    return impl_->remove(connectors, grace_ms);
}

void Dispatcher::cut_removals_short() {
    impl_->cut_removals_short();
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
