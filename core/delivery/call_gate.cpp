#include "core/delivery/call_gate.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>

namespace sluice::delivery {
namespace {

/// Until a scheduler looks again whether a call under way has ended.
constexpr std::int64_t look_again_ms = 20;
/// Until a call is tried again where the day's count could not be kept.
constexpr std::int64_t store_retry_ms = 10'000;

}  // namespace

int CallCeiling::at(std::int64_t unix_ms) const {
    return lowered && lowered->hours.contains(unix_ms) ? std::min(max_concurrent, lowered->max_concurrent)
                                                       : max_concurrent;
}

CallGate::CallGate(std::string system, std::string name, const Clock& clock, Limits limits, QuotaStore* store)
    : system_(std::move(system)), name_(std::move(name)), clock_(clock), store_(store) {
    configure(limits);
}

void CallGate::configure(const Limits& limits) {
    const std::scoped_lock lock(mutex_);
    if (!limiter_.day()) restored_ = false;
    limiter_.set_limits(limits.rates);
    ceiling_ = limits.ceiling;
    if (!ceiling_)
        adaptive_.reset();
    else if (!adaptive_)
        adaptive_.emplace(ceiling_->at(clock_.now_ms()));
    changed_.notify_all();
}

int CallGate::limit() const {
    return std::min(adaptive_->limit(), std::max(1, ceiling_->at(clock_.now_ms())));
}

std::optional<Closed> CallGate::closed(std::int64_t now_ms) const {
    auto closed = limiter_.closed(now_ms);
    if (!adaptive_ || limiter_.running() < limit()) return closed;
    if (!closed) closed = Closed{.until_ms = now_ms, .why = "as many calls as it gets now are under way"};
    closed->until_end = true;
    return closed;
}

Result<CallGate::Permit> CallGate::acquire(const std::string& connector, const std::atomic<bool>& cancelled) {
    std::unique_lock lock(mutex_);
    const auto ticket = queue_.enter(connector);
    const auto leave = [&](Error error) {
        queue_.leave(ticket);
        changed_.notify_all();
        return std::unexpected(std::move(error));
    };
    const auto entered_ms = clock_.steady_ms(), deadline_ms = entered_ms + max_wait_ms;
    for (;;) {
        if (cancelled.load()) return leave({Failure::cancelled, "stopped while waiting for a call to " + system_});
        const auto now_ms = clock_.steady_ms();
        if (adaptive_) adaptive_->set_ceiling(ceiling_->at(clock_.now_ms()));
        const auto closed = this->closed(now_ms);
        if (!closed && !keeping_ && queue_.is_next(ticket)) {
            if (!needs_keeping(now_ms)) {
                queue_.served(ticket);
                return Permit(*this, begin(now_ms), now_ms - entered_ms);
            }
            const auto failed = keep(lock, now_ms);
            if (failed) return leave(*failed);
            continue;
        }
        if (adaptive_) adaptive_->wanted();
        if (now_ms >= deadline_ms || (closed && closed->until_ms > deadline_ms)) return leave(refusal(closed, now_ms));
        auto until_ms = deadline_ms;
        if (closed && !closed->until_end) until_ms = std::min(until_ms, closed->until_ms);
        changed_.wait_for(lock, std::chrono::milliseconds(std::max<std::int64_t>(1, until_ms - now_ms)));
    }
}

AdaptiveLimit::Call CallGate::begin(std::int64_t now_ms) {
    limiter_.begin(now_ms);
    if (queue_.waiting() > 0) changed_.notify_all();
    if (!adaptive_) return {.began_ms = now_ms};
    if (limiter_.running() >= limit()) adaptive_->wanted();
    return adaptive_->begin(now_ms);
}

bool CallGate::needs_keeping(std::int64_t now_ms) {
    const auto* const day = limiter_.day();
    return store_ && day && (!restored_ || day->needs_reservation(now_ms));
}

std::optional<Error> CallGate::keep(std::unique_lock<std::mutex>& lock, std::int64_t now_ms) {
    const auto to_unix_ms = clock_.now_ms() - now_ms;
    Result<void> done;
    keeping_ = true;
    if (!restored_) {
        lock.unlock();
        const auto kept = store_->load(name_);
        lock.lock();
        std::vector<DayQuota::Spent> spent;
        for (const auto& one : kept.value_or(std::vector<QuotaStore::Spent>()))
            spent.push_back({.age_ms = now_ms + to_unix_ms - one.until_ms, .calls = one.calls});
        restored_ = kept.has_value();
        if (auto* const day = limiter_.day()) day->restore(std::move(spent), now_ms);
        if (!kept) done = std::unexpected(kept.error());
    } else {
        std::vector<QuotaStore::Spent> spent;
        for (const auto& one : limiter_.day()->reserve(now_ms))
            spent.push_back({.until_ms = now_ms + to_unix_ms - one.age_ms, .calls = one.calls});
        lock.unlock();
        done = store_->save(name_, spent);
        lock.lock();
        auto* const day = limiter_.day();
        if (!done && day) day->withdraw();
    }
    keeping_ = false;
    changed_.notify_all();
    if (done) return std::nullopt;
    return Error{.failure = Failure::rate_limited,
                 .message = fmt::format("no call to {} begins: its calls of the day cannot be kept: {}", system_,
                                        done.error().message),
                 .retry_after_ms = store_retry_ms};
}

Error CallGate::refusal(const std::optional<Closed>& closed, std::int64_t now_ms) const {
    Error error{.failure = Failure::rate_limited, .retry_after_ms = max_wait_ms};
    if (closed && closed->until_ms > now_ms) error.retry_after_ms = closed->until_ms - now_ms;
    error.message =
        fmt::format("a call to {} has to wait: {} ({} under way, {} waiting)", system_,
                    closed ? closed->why : "others are before it", limiter_.running(), queue_.waiting() - 1);
    return error;
}

void CallGate::wake() {
    // Taking the lock orders this after a waiter's look at its flag.
    { const std::scoped_lock lock(mutex_); }
    changed_.notify_all();
}

void CallGate::asked_to_wait(std::int64_t retry_after_ms) {
    const std::scoped_lock lock(mutex_);
    const auto now_ms = clock_.steady_ms();
    limiter_.refused(now_ms, now_ms, retry_after_ms);
}

std::int64_t CallGate::wait_ms() const {
    const std::scoped_lock lock(mutex_);
    const auto now_ms = clock_.steady_ms();
    const auto closed = this->closed(now_ms);
    if (closed) return std::max(closed->until_ms - now_ms, closed->until_end ? look_again_ms : 1);
    // Those who wait take what is free.
    const bool taken = adaptive_ && limiter_.running() + static_cast<int>(queue_.waiting()) >= limit();
    return taken ? look_again_ms : 0;
}

CallGate::Status CallGate::status() const {
    const std::scoped_lock lock(mutex_);
    const auto now_ms = clock_.steady_ms();
    Status status{.running = limiter_.running(), .waiting = static_cast<int>(queue_.waiting())};
    if (adaptive_) {
        status.limit = limit();
        status.ceiling = ceiling_->at(clock_.now_ms());
    } else if (limiter_.limits().concurrent > 0) {
        status.limit = status.ceiling = limiter_.limits().concurrent;
    }
    if (const auto closed = limiter_.closed(now_ms); closed && closed->until_ms > now_ms) {
        status.closed_for_ms = closed->until_ms - now_ms;
        status.closed_because = closed->why;
    }
    return status;
}

// ---- the end of a call

template <class Tell>
void CallGate::Permit::end(Tell tell) {
    auto* const gate = std::exchange(gate_, nullptr);
    if (!gate) return;
    const std::scoped_lock lock(gate->mutex_);
    gate->limiter_.end();
    tell(*gate, gate->clock_.steady_ms());
    if (gate->queue_.waiting() > 0) gate->changed_.notify_all();
}

CallGate::Permit::~Permit() {
    end([this](CallGate& gate, std::int64_t now_ms) {
        if (gate.adaptive_) gate.adaptive_->ended(call_, now_ms);
    });
}

void CallGate::Permit::answered(const std::string& kind) {
    end([&](CallGate& gate, std::int64_t now_ms) {
        gate.limiter_.accepted(call_.began_ms);
        if (gate.adaptive_) gate.adaptive_->answered(call_, kind, now_ms);
    });
}

void CallGate::Permit::overloaded() {
    end([this](CallGate& gate, std::int64_t now_ms) {
        if (gate.adaptive_) gate.adaptive_->overloaded(call_, now_ms);
    });
}

void CallGate::Permit::refused(std::int64_t retry_after_ms) {
    end([&](CallGate& gate, std::int64_t now_ms) {
        gate.limiter_.refused(call_.began_ms, now_ms, retry_after_ms);
        if (gate.adaptive_) gate.adaptive_->overloaded(call_, now_ms);
    });
}

}  // namespace sluice::delivery
