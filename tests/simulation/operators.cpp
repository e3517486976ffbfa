// What happens to hosts and other systems: faults of the world, and people at work.

#include <algorithm>

#include "tests/simulation/world.hpp"

namespace sluice::simulation {

namespace {

constexpr std::int64_t second = 1'000, minute = 60 * second, hour = 60 * minute;

}  // namespace

void World::repeat(const char* what, std::int64_t mean_ms, const std::function<void()>& run) {
    plan(dice_.between(mean_ms / 4, mean_ms * 7 / 4), what, [=, this] {
        if (clock_.steady_ms() > scenario_.busy_until_ms) return;
        repeat(what, mean_ms, run);
        run();
    });
}

void World::plan_faults() {
    const auto& troubles = scenario_.troubles;
    if (troubles.outages) {
        repeat("outage", 3 * minute, [this] {
            auto& [name, remote] =
                *std::next(remotes_.begin(), static_cast<std::ptrdiff_t>(dice_.index(remotes_.size())));
            environment_.hit(name.starts_with("odoo") ? Fault::odoo_outage : Fault::vendor_outage);
            remote.go_down(dice_.between(second, 2 * minute));
        });
    }
    if (troubles.sessions) {
        repeat("sessions end", 90 * second, [this] {
            auto& [name, remote] =
                *std::next(remotes_.begin(), static_cast<std::ptrdiff_t>(dice_.index(remotes_.size())));
            remote.expire_sessions();
            if (!dice_.chance(150)) return;
            remote.refuse(true);
            plan(dice_.between(second, minute), "account works again", [&remote = remote] { remote.refuse(false); });
        });
    }
    if (troubles.operators) repeat("operator", 25 * second, [this] { operate(); });
    if (troubles.reloads) repeat("reload", minute, [this] { reload_something(); });
    if (troubles.stops) repeat("stop", 3 * minute, [this] { stop_something(); });
    if (troubles.retention) erase_now_and_then();
    if (troubles.clock_steps) repeat("clock", 2 * minute, [this] { set_the_clock(); });
    if (troubles.disk > 30) repeat("disk", 4 * minute, [this] { fill_the_disk(); });
    if (troubles.freezes) {
        repeat("freeze", 3 * minute, [this] { freeze_a_busy_host(300); });
    }
    look_on();
    if (hosts_.size() > 1) poll();
}

void World::freeze_a_busy_host(int tries) {
    auto* const host = some_host();
    if (host != nullptr && host->running() > 0) {
        environment_.hit(Fault::host_frozen);
        host->freeze_until(clock_.steady_ms() + dice_.between(minute, 12 * minute));
    } else if (tries > 0) {
        plan(dice_.between(50, 500), "freeze", [this, tries] { freeze_a_busy_host(tries - 1); });
    }
}

/// The worst moment to come back: when another host has just begun with what one had.
void World::thaw_soon() {
    for (auto& host : hosts_) {
        if (!host->is_alive() || host->frozen_until_ms() <= clock_.steady_ms() || !dice_.chance(800)) continue;
        host->freeze_until(std::min(host->frozen_until_ms(), clock_.steady_ms() + dice_.between(0, 5 * second)));
    }
}

/// As a second implementation of the journal must: a host is not told of all that another one does.
void World::poll() {
    plan(30 * second, "poll", [this] {
        for (const auto& connector : scenario_.connectors) notify_all(connector.plan.name, "");
        poll();
    });
}

void World::calm_down() {
    calm_ = true;
    journal_.disk().limit_bytes(std::nullopt);
    for (auto& [name, remote] : remotes_) {
        remote.come_up();
        remote.refuse(false);
    }
    plan_restart();
}

void World::look_on() {
    plan((calm_ ? 5 : 20) * second, "look", [this] {
        look();
        look_on();
        if (!calm_) return;
        const auto pauses = journal_.ledger().pauses();
        for (const auto& [name, reason] : pauses) lift_pause(name.first, name.second);
    });
}

// ---- people

void World::operate() {
    auto* const host = some_host();
    if (host == nullptr) return;
    if (dice_.chance(250)) return pause_something();
    decide_about_a_dead_letter();
}

void World::pause_something() {
    const auto& connector = dice_.one_of(scenario_.connectors);
    const auto flow = dice_.chance(500) ? dice_.one_of(connector.flows).name : "";
    const auto name = connector.plan.name;
    environment_.hit(Fault::paused);
    // Planned first: whoever pauses also comes back after a crash.
    plan(dice_.between(2 * second, 2 * minute), "operator lifts a pause", [=, this] { lift_pause(name, flow); });
    const auto paused = journal_.pause(
        {.connector = name, .flow = flow, .who = "operator", .reason = "maintenance", .at_ms = clock_.now_ms()});
    if (!paused) return;
    for (auto& host : hosts_) {
        if (host->is_alive()) host->hold(name, flow);
    }
}

void World::lift_pause(const std::string& connector, const std::string& flow) {
    const auto again = [=, this] {
        plan(3 * second, "operator lifts a pause", [=, this] { lift_pause(connector, flow); });
    };
    if (some_host() == nullptr) return again();
    try {
        if (!journal_.resume(connector, flow)) return again();
    } catch (const Death&) {
        again();
        throw;
    }
    for (auto& host : hosts_) {
        if (host->is_alive()) host->release(connector, flow);
    }
}

void World::decide_about_a_dead_letter() {
    const auto dead = journal_.ledger().dead_letters({.limit = journal::max_listed_events}, false);
    if (dead.empty()) return;
    const auto seq = journal::Seq{dice_.one_of(dead)};
    const auto event = journal_.ledger().find(to_int(seq))->event;
    const journal::EventFilter alike{.connector = event.connector, .flow = event.flow, .limit = dice_.count(1, 20)};
    switch (dice_.count(0, 5)) {
        case 0:
            environment_.hit(Fault::discarded);
            (void)journal_.discard(seq);
            break;
        case 1:
            environment_.hit(Fault::replayed_group);
            (void)journal_.replay_all(alike);
            break;
        case 2:
            environment_.hit(Fault::discarded);
            (void)journal_.discard_all(alike);
            break;
        case 3:
            environment_.hit(Fault::edited);
            if (!journal_.edit(seq, edited_payload + (" " + event.event_id))) return;
            (void)journal_.replay(seq);
            break;
        default:
            environment_.hit(Fault::replayed);
            (void)journal_.replay(seq);
            break;
    }
    notify_all(event.connector, "");
}

void World::heal_dead_letters() {
    healed_ = true;
    for (const auto seq : journal_.ledger().dead_letters({.limit = journal::max_listed_events}, true)) {
        const auto event = journal_.ledger().find(seq)->event;
        (void)journal_.edit(journal::Seq{seq}, edited_payload + (" " + event.event_id));
    }
    (void)journal_.replay_all({.limit = journal::max_listed_events});
    for (const auto& connector : scenario_.connectors) notify_all(connector.plan.name, "");
}

void World::reload_something() {
    auto* const host = some_host();
    if (host == nullptr) return;
    auto plan = dice_.one_of(scenario_.connectors).plan;
    plan.lanes = dice_.count(1, 4);
    for (auto& [name, flow] : plan.flows) flow.priority = static_cast<delivery::Priority>(dice_.count(0, 2));
    environment_.hit(Fault::reload);
    host->reload(plan, dice_.skewed(40 * second));
}

void World::stop_something() {
    auto* const host = some_host();
    if (host == nullptr) return;
    const auto number = static_cast<std::size_t>(host->number());
    host->stop(dice_.chance(scenario_.troubles.cancelled_stops) ? 0 : dice_.between(0, 2 * minute), [this, number] {
        environment_.hit(Fault::clean_restart);
        hosts_[number]->die();
        if (hosts_.size() == 1) journal_.close();
        plan_restart();
    });
}

void World::erase_now_and_then() {
    plan(dice_.between(10 * minute, 30 * minute), "retention", [this] {
        if (calm_) return;
        erase_now_and_then();
        erase_something();
    });
}

void World::erase_something() {
    if (some_host() == nullptr) return;
    const auto& connector = dice_.one_of(scenario_.connectors);
    const auto now_ms = clock_.now_ms();
    (void)journal_.erase({.connector = connector.plan.name,
                          .flow = dice_.one_of(connector.flows).name,
                          .contents_before_ms = now_ms - hour,
                          .events_before_ms = now_ms - 2 * hour,
                          .limit = journal::max_listed_events});
}

void World::set_the_clock() {
    // While nobody runs the journal has to notice. (Hosts that are all dead below an open journal are a thing of the
    // model.)
    const bool nobody_runs = some_host() == nullptr;
    if (nobody_runs && journal_.is_open()) return;
    const bool forward = dice_.chance(500) && forward_ms_ < 20 * minute;
    const auto step_ms = dice_.between(second, forward ? 5 * minute : 20 * minute);
    environment_.hit(forward ? Fault::clock_forward : Fault::clock_back);
    if (nobody_runs && !forward) environment_.hit(Fault::clock_back_unseen);
    if (forward) forward_ms_ += step_ms;
    clock_.set_by(forward ? step_ms : -step_ms);
    trace_.note(clock_.steady_ms(), "clock set by", forward ? step_ms : -step_ms);
}

void World::fill_the_disk() {
    auto& disk = journal_.disk();
    environment_.hit(Fault::disk_full_for_long);
    disk.limit_bytes(disk.bytes() + static_cast<std::size_t>(dice_.between(0, 100'000)));
    plan(dice_.between(second, 3 * minute), "room again", [&disk] { disk.limit_bytes(std::nullopt); });
}

}  // namespace sluice::simulation
