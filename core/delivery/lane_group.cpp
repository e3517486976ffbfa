#include "core/delivery/lane_group.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace sluice::delivery {

LaneGroup::LaneGroup(journal::Journal& journal, const Clock& clock, ConnectorRun connector,
                     const Dispatcher::Options& options, Inbox& inbox)
    : journal_(journal), clock_(clock), connector_(std::move(connector)), options_(options), inbox_(inbox) {}

LaneGroup::~LaneGroup() {
    join();
}

void LaneGroup::start() {
    for (int i = 0; i < std::max(1, connector_.plan.lanes); ++i) lanes_.push_back(std::make_unique<Lane>());
    for (auto& lane : lanes_) lane->thread = std::thread([this, &lane = *lane] { run(lane); });
}

void LaneGroup::submit(Job job) {
    {
        const std::scoped_lock lock(mutex_);
        jobs_.push_back(std::move(job));
    }
    wake_.notify_all();
}

void LaneGroup::decide(journal::Seq seq, journal::Finish finish) {
    {
        const std::scoped_lock lock(mutex_);
        decided_.insert_or_assign(seq, std::move(finish));
    }
    wake_.notify_all();
}

void LaneGroup::stop_claiming() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_claims_ = true;
    }
    wake_.notify_all();
}

void LaneGroup::cancel() {
    {
        const std::scoped_lock lock(mutex_);
        cancelled_ = true;
        for (const auto& lane : lanes_) {
            if (lane->handling) lane->handler->cancel();
        }
    }
    wake_.notify_all();
}

void LaneGroup::cancel(const journal::Lease& lease) {
    const std::scoped_lock lock(mutex_);
    for (const auto& lane : lanes_) {
        if (!lane->handling || lane->spent || std::ranges::find(lane->leases, lease) == lane->leases.end()) continue;
        lane->spent = true;
        lane->handler->cancel();
    }
}

void LaneGroup::join() {
    {
        const std::scoped_lock lock(mutex_);
        ending_ = true;
    }
    wake_.notify_all();
    for (const auto& lane : lanes_) {
        if (lane->thread.joinable()) lane->thread.join();
    }
}

void LaneGroup::run(Lane& lane) {
    make_handler(lane);
    for (;;) {
        Job job;
        bool give_back = false;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
            if (jobs_.empty()) break;
            job = std::move(jobs_.front());
            jobs_.pop_front();
            give_back = stopping_claims_;
        }
        // After a pause that was lifted the handler is tried again.
        if (give_back || (lane.handler == nullptr && !make_handler(lane))) {
            for (const auto seq : job.seqs) post_unclaimed(seq);
        } else {
            carry_out(lane, std::move(job));
        }
    }
    lane.handler.reset();  // on the thread that made it
}

bool LaneGroup::make_handler(Lane& lane) {
    std::string reason;
    try {
        auto made = connector_.make_handler();
        if (made && *made != nullptr) {
            lane.handler = std::move(*made);
            return true;
        }
        reason = made ? "no handler was made" : made.error().message;
    } catch (const std::exception& exception) {
        reason = exception.what();
    } catch (...) {
        reason = "an exception of unknown type";
    }
    post_pause(fmt::format("its handler cannot be made: {}", reason));
    return false;
}

void LaneGroup::carry_out(Lane& lane, Job job) {
    const auto claims = claim(job.seqs);
    for (const auto seq : job.seqs) {
        if (std::ranges::find(claims, seq, [](const auto& claim) { return claim.event.seq; }) == claims.end()) {
            post_unclaimed(seq);
        }
    }
    if (claims.empty()) return;
    if (job.dead_letter) {
        auto end = job.dead_letter->end_of(claims.front().event, clock_.now_ms());
        if (options_.on_verdict) {
            Verdict verdict;
            verdict.error = Error{.failure = Failure::unknown, .message = end.message};
            options_.on_verdict(claims.front().event, verdict);
        }
        return finish({{.claim = claims.data(), .finish = std::move(end)}});
    }
    auto verdicts = handle(lane, claims);
    for (std::size_t i = 0; i < claims.size(); ++i) report(claims[i].event, std::move(verdicts[i]));
    finish_as_decided(claims);
}

std::vector<journal::Claim> LaneGroup::claim(const std::vector<journal::Seq>& seqs) {
    for (int failures = 0;; ++failures) {
        const auto now_ms = clock_.now_ms();
        auto claims = journal_.claim(seqs, {.host = options_.host, .until_ms = now_ms + Dispatcher::lease_ms}, now_ms);
        if (claims) {
            const std::scoped_lock lock(mutex_);
            for (const auto& claim : *claims) leases_.insert_or_assign(claim.event.seq, claim.lease());
            return std::move(*claims);
        }
        if (!wait_after(claims.error(), failures, stopping_claims_)) return {};
    }
}

std::vector<Verdict> LaneGroup::handle(Lane& lane, const std::vector<journal::Claim>& claims) {
    const auto all = [&](Failure failure, std::string message) {
        Verdict verdict;
        verdict.error = Error{.failure = failure, .message = std::move(message)};
        return std::vector<Verdict>(claims.size(), verdict);
    };
    {
        const std::scoped_lock lock(mutex_);
        if (cancelled_) return all(Failure::cancelled, "the host stops");
        lane.handling = true;
        for (const auto& claim : claims) lane.leases.push_back(claim.lease());
    }
    std::vector<Verdict> verdicts;
    try {
        if (claims.size() == 1) {
            verdicts.push_back(lane.handler->handle(claims.front()));
        } else {
            verdicts = lane.handler->handle_batch(claims);
        }
    } catch (const std::exception& exception) {
        verdicts = all(Failure::retry, exception.what());
    } catch (...) {
        verdicts = all(Failure::retry, "an exception of unknown type");
    }
    if (verdicts.size() != claims.size()) {
        verdicts = all(Failure::unknown, fmt::format("{} verdicts on {} events", verdicts.size(), claims.size()));
    }
    std::unique_ptr<Handler> spent;  // goes after the lock: its end may take a while
    const std::scoped_lock lock(mutex_);
    lane.handling = false;
    lane.leases.clear();
    if (std::exchange(lane.spent, false)) spent = std::move(lane.handler);
    return verdicts;
}

void LaneGroup::report(const journal::EventSummary& event, Verdict verdict) {
    if (options_.on_verdict) options_.on_verdict(event, verdict);
    inbox_.post([name = connector_.plan.name, event, verdict = std::move(verdict)](
                    Engine& engine, std::int64_t now_ms) { engine.on_verdict(name, event, verdict, now_ms); });
}

journal::Finish LaneGroup::wait_for_decision(journal::Seq seq) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return decided_.contains(seq); });
    return std::move(decided_.extract(seq).mapped());
}

void LaneGroup::finish_as_decided(const std::vector<journal::Claim>& claims) {
    std::vector<End> ends;
    for (const auto& claim : claims) ends.push_back({.claim = &claim, .finish = wait_for_decision(claim.event.seq)});
    finish(std::move(ends));
}

void LaneGroup::finish(std::vector<End> ends) {
    for (int failures = 0; !ends.empty();) {
        std::vector<journal::Ending> endings;
        for (const auto& end : ends) endings.push_back({.lease = end.claim->lease(), .finish = end.finish});
        const auto finished = journal_.finish_all(endings, clock_.now_ms());
        std::vector<End> again;
        std::optional<Error> failure;
        for (std::size_t i = 0; i < ends.size(); ++i) {
            auto error = after_finish(ends[i], finished[i]);
            if (!error) continue;
            const bool decided_anew = error->message.starts_with(journal::state_conflict);
            if (!decided_anew && error->failure != Failure::retry && !refuse(ends[i], *error)) continue;
            if (!decided_anew && error->failure == Failure::retry) failure = std::move(error);
            again.push_back(std::move(ends[i]));
        }
        ends = std::move(again);
        if (!failure || wait_after(*failure, failures++, cancelled_)) continue;
        for (const auto& given_up : ends) end(*given_up.claim);
        return;
    }
}

std::optional<Error> LaneGroup::after_finish(End& ending, const Result<void>& finished) {
    const auto& event = ending.claim->event;
    if (!finished && finished.error().message.starts_with(journal::state_conflict)) {
        inbox_.post(
            [name = connector_.plan.name, event, message = finished.error().message](
                Engine& engine, std::int64_t now_ms) { engine.on_state_conflict(name, event, message, now_ms); });
        ending.finish = wait_for_decision(event.seq);
        return finished.error();
    }
    const bool lost = !finished && finished.error().message.starts_with(journal::lease_lost);
    if (!finished && !lost) return finished.error();
    // Lost: somebody else handles it, or has. What was done here was an attempt without a verdict.
    if (lost && options_.on_lease_lost) options_.on_lease_lost(connector_.plan.name, ending.claim->lease());
    if (!lost && options_.on_finished) options_.on_finished(event, ending.finish);
    end(*ending.claim);
    return std::nullopt;
}

bool LaneGroup::refuse(End& ending, const Error& error) {
    if (options_.on_journal_failure) options_.on_journal_failure(connector_.plan.name, error);
    // What it emitted is against the journal's limits, perhaps; delivered again it would emit the same.
    auto& finish = ending.finish;
    if (finish.kind == journal::Finish::Kind::done && !finish.emitted.empty()) {
        const auto flow = connector_.plan.flows.find(ending.claim->event.flow);
        journal::Finish dead;
        dead.kind = journal::Finish::Kind::dead_letter;
        dead.verdict = to_string(Failure::invalid);
        dead.message = "handled, but its end cannot be journalled: " + error.message;
        dead.unknown = true;  // a replay must look
        dead.holds_key = flow == connector_.plan.flows.end() || flow->second.retry.holds_key;
        finish = std::move(dead);
        return true;
    }
    post_pause(error.message);
    end(*ending.claim);
    return false;
}

void LaneGroup::end(const journal::Claim& claim) {
    {
        const std::scoped_lock lock(mutex_);
        leases_.erase(claim.event.seq);
    }
    post_finished(claim.event.seq);
}

std::vector<journal::Lease> LaneGroup::leases() const {
    const std::scoped_lock lock(mutex_);
    std::vector<journal::Lease> all;
    for (const auto& [seq, lease] : leases_) all.push_back(lease);
    return all;
}

void LaneGroup::post_unclaimed(journal::Seq seq) {
    inbox_.post([name = connector_.plan.name, seq](Engine& engine, std::int64_t) { engine.on_unclaimed(name, seq); });
}

void LaneGroup::post_finished(journal::Seq seq) {
    inbox_.post([name = connector_.plan.name, seq](Engine& engine, std::int64_t) { engine.on_finished(name, seq); });
}

void LaneGroup::post_pause(std::string reason) {
    inbox_.post([name = connector_.plan.name, reason = std::move(reason)](Engine& engine, std::int64_t) {
        engine.pause(name, reason);
    });
}

bool LaneGroup::wait_after(const Error& error, int failures, const bool& given_up) {
    if (options_.on_journal_failure) options_.on_journal_failure(connector_.plan.name, error);
    if (error.failure != Failure::retry) {
        // A damaged file or a broken rule: a repeat would meet it again.
        post_pause(error.message);
        return false;
    }
    const auto delay_ms =
        std::min(Dispatcher::journal_retry_base_ms << std::min(failures, 16), Dispatcher::journal_retry_cap_ms);
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, std::chrono::milliseconds(delay_ms), [&] { return given_up; });
}

}  // namespace sluice::delivery
