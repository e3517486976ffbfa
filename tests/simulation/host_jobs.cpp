// What core/delivery/lane_group.cpp does, one step at a time.

#include <algorithm>

#include "tests/simulation/host.hpp"

namespace sluice::simulation {

using delivery::Dispatcher;

namespace {

/// A delivery's time, for all of a batch: with its last call it is over before a lease without a renewal is.
constexpr std::int64_t budget_ms = 90'000;

}  // namespace

std::int64_t Host::backoff_ms(int failures) const {
    return std::min(Dispatcher::journal_retry_base_ms << std::min(failures, 16), Dispatcher::journal_retry_cap_ms);
}

void Host::submit(Job job) {
    const auto id = ++last_job_;
    jobs_[id] = std::move(job);
    claim(id);
}

void Host::give_back(std::int64_t id) {
    const auto job = jobs_.extract(id);
    for (const auto seq : job.mapped().seqs) {
        feed("unclaimed",
             [=, connector = job.mapped().connector](CheckedEngine& engine) { engine.on_unclaimed(connector, seq); });
    }
}

void Host::claim(std::int64_t id) {
    auto& job = jobs_.at(id);
    if (takes_no_more(job.connector)) return give_back(id);
    auto claims = around_.journal.claim(
        job.seqs, {.host = name_, .until_ms = around_.environment.clock.now_ms() + Dispatcher::lease_ms});
    if (!claims) return later(backoff_ms(job.failures++), "claims again", [this, id] { claim(id); });
    job.failures = 0;
    for (auto& claim : *claims) {
        leases_.insert_or_assign(claim.event.seq, claim.lease());
        job.parts.push_back({.claim = std::move(claim)});
    }
    for (const auto seq : job.seqs) {
        if (std::ranges::any_of(job.parts, [&](const auto& part) { return part.claim.event.seq == seq; })) continue;
        feed("unclaimed",
             [=, connector = job.connector](CheckedEngine& engine) { engine.on_unclaimed(connector, seq); });
    }
    if (job.parts.empty()) {
        jobs_.erase(id);
        return;
    }
    if (job.dead_letter) {
        auto& part = job.parts.front();
        part.decided = job.dead_letter->end_of(part.claim.event, around_.environment.clock.now_ms());
        return later(short_delay_ms(), "buries", [this, id] { finish(id); });
    }
    job.deadline_ms = steady_ms() + budget_ms;
    later(short_delay_ms(), "handles", [this, id] { handle(id); });
}

void Host::handle(std::int64_t id) {
    auto& job = jobs_.at(id);
    job.attempt =
        std::make_shared<Attempt>(around_.environment, *this, job.parts[job.handling].claim, job.deadline_ms,
                                  [this, id](delivery::Verdict verdict) { on_verdict(id, std::move(verdict)); });
    if (cancelled_.contains(job.connector)) job.attempt->cancel();
    const auto attempt = job.attempt;  // it may be over before begin() returns
    attempt->begin();
}

void Host::on_verdict(std::int64_t id, delivery::Verdict verdict) {
    auto& job = jobs_.at(id);
    job.verdicts.push_back(std::move(verdict));
    if (++job.handling < job.parts.size()) return later(1, "handles", [this, id] { handle(id); });
    for (std::size_t i = 0; i < job.parts.size(); ++i) {
        const auto& event = job.parts[i].claim.event;
        feed("verdict", [event, verdict = std::move(job.verdicts[i])](CheckedEngine& engine) {
            engine.on_verdict(event.connector, event, verdict);
        });
    }
}

void Host::decide(const delivery::FinishEvent& action) {
    for (auto& [id, job] : jobs_) {
        for (auto& part : job.parts) {
            if (part.claim.event.seq != action.seq || part.ended) continue;
            part.decided = action.finish;
            return finish_where_decided(id);
        }
    }
}

void Host::finish_where_decided(std::int64_t id) {
    auto& job = jobs_.at(id);
    const bool all = std::ranges::all_of(job.parts, [](const auto& part) { return part.ended || part.decided; });
    if (all && !std::exchange(job.finishing, true)) finish(id);
}

void Host::end(Job& job, Part& part) {
    part.ended = true;
    leases_.erase(part.claim.event.seq);
    feed("finished", [connector = job.connector, seq = part.claim.event.seq](CheckedEngine& engine) {
        engine.on_finished(connector, seq);
    });
    around_.changed(job.connector);
}

void Host::finish(std::int64_t id) {
    auto& job = jobs_.at(id);
    std::vector<journal::Ending> endings;
    std::vector<Part*> parts;
    for (auto& part : job.parts) {
        if (part.ended) continue;
        parts.push_back(&part);
        endings.push_back({.lease = part.claim.lease(), .finish = *part.decided});
    }
    const auto outcomes = around_.journal.finish_all(endings);
    bool failed = false;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto& outcome = outcomes[i];
        auto& part = *parts[i];
        if (outcome) {
            end(job, part);
        } else if (outcome.error().message.starts_with(journal::lease_lost)) {
            around_.environment.hit(Fault::lease_lost);
            end(job, part);
        } else if (outcome.error().message.starts_with(journal::state_conflict)) {
            part.decided.reset();
            feed("state conflict",
                 [event = part.claim.event, message = outcome.error().message](CheckedEngine& engine) {
                     engine.on_state_conflict(event.connector, event, message);
                 });
        } else {
            failed = true;
        }
    }
    job.finishing = false;
    if (failed && cancelled_.contains(job.connector)) {
        // Given up: the next start recovers it.
        for (auto* part : parts) {
            if (!part->ended) end(job, *part);
        }
    }
    if (std::ranges::all_of(job.parts, &Part::ended)) {
        jobs_.erase(id);
        return;
    }
    if (!failed) return finish_where_decided(id);  // conflicts wait for their decisions
    job.finishing = true;
    later(backoff_ms(job.failures++), "finishes again", [this, id] {
        jobs_.at(id).finishing = false;
        finish_where_decided(id);
    });
}

void Host::cancel(const std::string& connector) {
    for (const auto& [name, plan] : plans_) {
        if (connector.empty() || connector == name) cancelled_.insert(name);
    }
    std::vector<std::shared_ptr<Attempt>> attempts;
    for (auto& [id, job] : jobs_) {
        if (cancelled_.contains(job.connector) && job.attempt != nullptr) attempts.push_back(job.attempt);
    }
    for (const auto& attempt : attempts) attempt->cancel();
}

}  // namespace sluice::simulation
