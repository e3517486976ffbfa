#include "core/delivery/lane_group.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <exception>

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
            post_unclaimed(job.seq);
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
    const auto claimed = claim(job.seq);
    if (!claimed) {
        post_unclaimed(job.seq);
        return;
    }
    if (job.dead_letter) {
        if (options_.on_verdict) {
            Verdict verdict;
            verdict.error = Error{.failure = Failure::unknown, .message = job.dead_letter->message};
            options_.on_verdict(claimed->event, verdict);
        }
        (void)finish(claimed->event, *job.dead_letter);
        post_finished(job.seq);
        return;
    }
    report(claimed->event, handle(lane, *claimed));
    finish_as_decided(claimed->event);
}

std::optional<journal::Claim> LaneGroup::claim(journal::Seq seq) {
    for (int failures = 0;; ++failures) {
        auto claimed = journal_.claim(seq, clock_.now_ms());
        if (claimed) return std::move(*claimed);
        if (!wait_after(claimed.error(), failures, stopping_claims_)) return std::nullopt;
    }
}

Verdict LaneGroup::handle(Lane& lane, const journal::Claim& claim) {
    Verdict verdict;
    {
        const std::scoped_lock lock(mutex_);
        if (cancelled_) {
            verdict.error = Error{.failure = Failure::cancelled, .message = "the host stops"};
            return verdict;
        }
        lane.handling = true;
    }
    try {
        verdict = lane.handler->handle(claim);
    } catch (const std::exception& exception) {
        verdict = Verdict{};
        verdict.error = Error{.failure = Failure::retry, .message = exception.what()};
    } catch (...) {
        verdict = Verdict{};
        verdict.error = Error{.failure = Failure::retry, .message = "an exception of unknown type"};
    }
    const std::scoped_lock lock(mutex_);
    lane.handling = false;
    return verdict;
}

void LaneGroup::report(const journal::EventSummary& event, Verdict verdict) {
    if (options_.on_verdict) options_.on_verdict(event, verdict);
    inbox_.post([name = connector_.plan.name, event, verdict = std::move(verdict)](
                    Engine& engine, std::int64_t now_ms) { engine.on_verdict(name, event, verdict, now_ms); });
}

void LaneGroup::finish_as_decided(const journal::EventSummary& event) {
    for (;;) {
        journal::Finish decision;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [&] { return decided_.contains(event.seq); });
            decision = std::move(decided_.extract(event.seq).mapped());
        }
        const auto error = finish(event, decision);
        if (!error || !error->message.starts_with(journal::state_conflict)) break;
        inbox_.post(
            [name = connector_.plan.name, event, message = error->message](Engine& engine, std::int64_t now_ms) {
                engine.on_state_conflict(name, event, message, now_ms);
            });
    }
    post_finished(event.seq);
}

std::optional<Error> LaneGroup::finish(const journal::EventSummary& event, const journal::Finish& finish) {
    for (int failures = 0;; ++failures) {
        const auto finished = journal_.finish(event.seq, finish, clock_.now_ms());
        if (finished) {
            if (options_.on_finished) options_.on_finished(event, finish);
            return std::nullopt;
        }
        if (finished.error().message.starts_with(journal::state_conflict)) return finished.error();
        if (!wait_after(finished.error(), failures, cancelled_)) return finished.error();
    }
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
