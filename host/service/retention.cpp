#include "host/service/retention.hpp"

#include <algorithm>
#include <chrono>

namespace sluice::host {

static_assert(journal::least_ids_ms == contract::Retention::shortest_ids_ms);

void RetentionRounds::begin() {
    round_ = {};
    const auto trust = journal_.clock_trust();
    if (!trust) {
        round_.problem = trust.error().message;
        return;
    }
    for (const auto& connector : current_.get()->all_connectors()) {
        const auto flows = journal_.flow_counts(connector->name);
        if (!flows) {
            round_.problem = flows.error().message;
            continue;
        }
        for (const auto& counted : *flows) {
            // Events outlive the flow that made them.
            const auto policy = connector->retention.find(counted.flow);
            const auto& looked = looked_[{connector->name, counted.flow}];
            tasks_.push_back({.retention = {.connector = connector->name,
                                            .flow = counted.flow,
                                            .events_up_to = trust->settled_seq,
                                            .looked_up_to_ms = looked.looked_up_to_ms,
                                            .looked_up_to = looked.looked_up_to,
                                            .limit = step_events},
                              .policy = policy == connector->retention.end() ? contract::Retention() : policy->second});
        }
    }
}

std::optional<std::int64_t> RetentionRounds::settled_ms(const Clock& clock) {
    if (!time_) {
        const auto kept = journal_.clock_trust();
        if (!kept) {
            round_.problem = kept.error().message;
            return std::nullopt;
        }
        time_.emplace(*kept);
    }
    return time_->at(clock.now_ms(), clock.steady_ms());
}

std::int64_t RetentionRounds::step(const Clock& clock) {
    if (tasks_.empty()) begin();
    const auto now_ms = settled_ms(clock);
    if (!now_ms) tasks_.clear();
    if (!tasks_.empty()) {
        auto& [retention, policy] = tasks_.front();
        retention.contents_before_ms = *now_ms - policy.payload_ms;
        retention.events_before_ms = *now_ms - policy.ids_ms;
        const auto erased = journal_.erase(retention);
        if (erased) {
            round_.contents += erased->contents;
            round_.events += erased->events;
            retention.looked_up_to_ms = erased->looked_up_to_ms;
            retention.looked_up_to = erased->looked_up_to;
            looked_[{retention.connector, retention.flow}] = *erased;
        } else {
            round_.problem = erased.error().message;
        }
        // What failed is tried again in the next round.
        if (!erased || !erased->more) tasks_.pop_front();
    }
    if (!tasks_.empty()) return pause_ms;
    round_.ended_at_ms = clock.now_ms();
    if (time_) {
        round_.doubted_ahead_ms = time_->doubted_ahead_ms();
        if (const auto kept = journal_.keep_clock_trust(time_->kept()); !kept) round_.problem = kept.error().message;
    }
    const std::lock_guard lock(mutex_);
    last_ = round_;
    return round_ms;
}

Result<void> RetentionRounds::keep_time(const Clock& clock) {
    if (!settled_ms(clock)) return fail(Failure::retry, round_.problem);
    return journal_.keep_clock_trust(time_->kept());
}

RetentionRounds::Status RetentionRounds::status() const {
    const std::lock_guard lock(mutex_);
    return last_;
}

Retainer::Retainer(journal::Journal& journal, const CurrentSet& current, const Clock& clock,
                   const telemetry::Logger& log)
    : clock_(clock), log_(log), rounds_(journal, current), thread_([this] { run(); }) {}

Retainer::~Retainer() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        wake_.notify_one();
    }
    thread_.join();
    if (const auto kept = rounds_.keep_time(clock_); !kept)
        log_.warning("how far the clock is trusted could not be kept", {}, {{"error", kept.error().message}});
}

void Retainer::run() {
    std::int64_t wait_ms = first_ms;
    std::unique_lock lock(mutex_);
    const auto sleeps = [&] {
        const std::chrono::milliseconds slice(std::min(wait_ms, keep_time_ms));
        return !wake_.wait_for(lock, slice, [this] { return stopping_; });
    };
    while (sleeps()) {
        lock.unlock();
        if (wait_ms > keep_time_ms) {
            wait_ms -= keep_time_ms;
            // Where it fails a round's end says so.
            static_cast<void>(rounds_.keep_time(clock_));
            lock.lock();
            continue;
        }
        const auto doubted_before_ms = rounds_.status().doubted_ahead_ms;
        wait_ms = rounds_.step(clock_);
        if (wait_ms == RetentionRounds::round_ms) {
            const auto round = rounds_.status();
            if (round.doubted_ahead_ms > 0 && doubted_before_ms == 0)
                log_.warning("the clock jumped ahead; nothing is erased by it until it has stayed so for 24 hours", {},
                             {{"hours", std::to_string(round.doubted_ahead_ms / SettledTime::step_ms)}});
            if (!round.problem.empty())
                log_.error("what ended long ago could not be erased; it is tried again", {},
                           {{"error", round.problem}});
            if (round.contents + round.events > 0)
                log_.info("what ended long ago was erased", {},
                          {{"payloads", std::to_string(round.contents)}, {"events", std::to_string(round.events)}});
        }
        lock.lock();
    }
}

}  // namespace sluice::host
