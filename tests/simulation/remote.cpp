#include "tests/simulation/remote.hpp"

#include <fmt/core.h>

#include "core/base/timestamp.hpp"

namespace sluice::simulation {

namespace {

constexpr std::int64_t longest_late_ms = 10 * 60 * 1'000;

}  // namespace

std::int64_t Remote::answer(const Call& call, std::int64_t delay_ms, Reply reply) {
    timeline_.add(delay_ms, call.host, call.life, "answer", [answer = call.answer, reply] { answer(reply); });
    return 0;
}

Remote::Course Remote::draw_course() const {
    if (!environment_.trouble(environment_.scenario.troubles.calls)) return Course::plain;
    static const std::vector<std::pair<Course, Fault>> all = {
        {Course::request_lost, Fault::request_lost},  {Course::answer_lost, Fault::answer_lost},
        {Course::answer_lost, Fault::answer_lost},    {Course::slow, Fault::slow_call},
        {Course::hangs, Fault::hanging_call},         {Course::hangs_undone, Fault::hanging_call},
        {Course::limited, Fault::rate_limited},       {Course::busy, Fault::busy},
        {Course::hangs_for_long, Fault::hanging_call}};
    const auto& [course, fault] = environment_.dice.one_of(all);
    environment_.hit(fault);
    return course;
}

std::int64_t Remote::call(Call call) {
    auto& dice = environment_.dice;
    const auto travel_ms = 1 + dice.skewed(300);
    if (!up_) return answer(call, travel_ms, {.kind = Reply::Kind::nobody});
    if (refuses_) {
        environment_.hit(Fault::credentials_refused);
        return answer(call, travel_ms, {.kind = Reply::Kind::refused});
    }
    if (call.session != session_) return answer(call, travel_ms, {.kind = Reply::Kind::session});
    const auto course = draw_course();
    switch (course) {
        case Course::request_lost:
            return answer(call, travel_ms, {.kind = Reply::Kind::lost});
        case Course::hangs_for_long:
            if (compares_keys_) land_late(call, timeout_ms + dice.between(1'000, longest_late_ms));
            return answer(call, timeout_ms, {.kind = Reply::Kind::timeout});
        case Course::hangs_undone:
            return answer(call, timeout_ms, {.kind = Reply::Kind::timeout});
        case Course::limited:
            return answer(
                call, travel_ms,
                {.kind = Reply::Kind::limited, .retry_after_ms = dice.chance(700) ? dice.skewed(120'000) : -1});
        case Course::busy:
            return answer(call, travel_ms, {.kind = Reply::Kind::busy});
        case Course::plain:
        case Course::answer_lost:
        case Course::slow:
        case Course::hangs:
            break;
    }
    const bool late = course == Course::slow || course == Course::hangs;
    const auto landing_ms = late ? dice.between(1'000, timeout_ms - 1'000) : travel_ms;
    const auto id = ++last_call_;
    under_way_.emplace(id, std::move(call));
    timeline_.add(landing_ms, Step::of_the_world, 0, "landing",
                  [this, id, course, began_ms = environment_.clock.steady_ms()] { land(id, course, began_ms); });
    return id;
}

void Remote::land(std::int64_t id, Course course, std::int64_t began_ms) {
    const auto found = under_way_.extract(id);
    if (found.empty()) return;
    const auto& call = found.mapped();
    if (!up_) return void(answer(call, 1, {.kind = Reply::Kind::lost}));
    if (call.writes && call.fate == Fate::kills_worker) {
        environment_.hit(Fault::worker_killed);
        return call.kill_caller();
    }
    auto reply = carry_out(call);
    if (course == Course::answer_lost) reply = {.kind = Reply::Kind::lost};
    const auto passed_ms = environment_.clock.steady_ms() - began_ms;
    if (course == Course::hangs) return void(answer(call, timeout_ms - passed_ms, {.kind = Reply::Kind::timeout}));
    answer(call, std::min(1 + environment_.dice.skewed(300), timeout_ms - passed_ms), reply);
}

Reply Remote::carry_out(const Call& call) {
    if (!call.writes) return {.kind = Reply::Kind::ok, .found = has(call.effect.key)};
    switch (call.fate) {
        case Fate::rejected:
            environment_.hit(Fault::rejected);
            return {.kind = Reply::Kind::rejected};
        case Fate::never_works:
            return {.kind = Reply::Kind::busy};
        case Fate::kills_odoo:
            environment_.hit(Fault::odoo_killed);
            go_down(environment_.dice.between(500, 40'000));
            return {.kind = Reply::Kind::lost};
        case Fate::fine:
        case Fate::invalid:
        case Fate::kills_worker:
            break;
    }
    apply(call);
    return {.kind = Reply::Kind::ok};
}

void Remote::apply(const Call& call) {
    const auto& effect = call.effect;
    environment_.trace.note(environment_.clock.steady_ms(), "effect", name_, effect.key);
    ++environment_.statistics.effects;
    ++environment_.statistics.checks;
    if (has(effect.key) && late_.contains(effect.key)) return environment_.hit(Fault::absorbed);
    if (!effects_.emplace(effect.key, effect.seq).second) {
        throw Violation(fmt::format("the effect {} of event {} happened twice in {}", effect.key, effect.seq, name_));
    }
    if (effect.revision.empty()) return;
    auto& newest = newest_[effect.identity];
    if (compare_revisions(newest, effect.revision) > 0 && !call.tolerates_older()) {
        throw Violation(fmt::format("event {} put revision {} of {} over {} in {}", effect.seq, effect.revision,
                                    effect.identity, newest, name_));
    }
    if (compare_revisions(effect.revision, newest) > 0) newest = effect.revision;
}

void Remote::caller_died(int host) {
    for (auto at = under_way_.begin(); at != under_way_.end();) {
        if (at->second.host != host) {
            ++at;
            continue;
        }
        give_up((at++)->first);
    }
}

void Remote::give_up(std::int64_t call) {
    const auto found = under_way_.extract(call);
    if (found.empty() || !up_ || found.mapped().fate == Fate::kills_worker) return;
    auto& dice = environment_.dice;
    if (compares_keys_ && dice.chance(300)) return land_late(found.mapped(), dice.between(0, longest_late_ms));
    if (dice.chance(500)) (void)carry_out(found.mapped());
}

void Remote::land_late(Call call, std::int64_t delay_ms) {
    if (!call.writes || call.fate != Fate::fine) return;
    late_.insert(call.effect.key);
    timeline_.add(delay_ms, Step::of_the_world, 0, "late landing", [this, call = std::move(call)] {
        if (!up_) return;
        environment_.hit(Fault::late_landing);
        apply(call);
    });
}

void Remote::go_down(std::int64_t for_ms) {
    up_ = false;
    environment_.trace.note(environment_.clock.steady_ms(), "down", name_);
    const auto outage = ++outage_;
    timeline_.add(for_ms, Step::of_the_world, 0, "up again", [this, outage] {
        if (outage == outage_) up_ = true;
    });
}

}  // namespace sluice::simulation
