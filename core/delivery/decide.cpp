#include <fmt/core.h>

#include <algorithm>

#include "core/delivery/engine.hpp"

namespace sluice::delivery {

namespace {

using journal::EventSummary;
using journal::Finish;

/// Full jitter: anywhere from now to the doubled and capped delay, so that what failed together does not come back
/// together.
std::int64_t jitter_ms(const RetryPolicy& policy, int failures, Random& random) {
    std::int64_t delay_ms = std::max<std::int64_t>(0, std::min(policy.base_ms, policy.cap_ms));
    for (int i = 0; i < failures && delay_ms < policy.cap_ms && delay_ms > 0; ++i) {
        delay_ms = delay_ms > policy.cap_ms / 2 ? policy.cap_ms : delay_ms * 2;
    }
    return random.up_to(delay_ms);
}

std::int64_t floor_ms(const Error& error) {
    return std::clamp<std::int64_t>(error.retry_after_ms, 0, Engine::max_retry_after_ms);
}

Finish again(const Error& error, const EventSummary& event, std::int64_t available_at_ms) {
    Finish finish;
    finish.kind = Finish::Kind::again;
    finish.verdict = to_string(error.failure);
    finish.message = error.message;
    finish.available_at_ms = available_at_ms;
    // An attempt that failed may have failed before it looked: the doubt stays until one is done.
    finish.unknown = error.failure == Failure::unknown || event.attempt_unknown;
    return finish;
}

Finish dead_letter(const RetryPolicy& policy, const Error& error, const EventSummary& event) {
    Finish finish = again(error, event, 0);
    finish.kind = Finish::Kind::dead_letter;
    finish.holds_key = policy.holds_key;
    return finish;
}

Finish again_or_dead(const RetryPolicy& policy, const Error& error, const EventSummary& event, std::int64_t now_ms,
                     Random& random) {
    const int failures = event.counted_failures + 1;
    if (failures >= policy.limit) {
        Finish finish = dead_letter(policy, error, event);
        finish.counts = true;
        finish.message = fmt::format("given up after {} of {} attempts: {}", failures, policy.limit, error.message);
        return finish;
    }
    const auto delay_ms = std::max(floor_ms(error), jitter_ms(policy, event.counted_failures, random));
    Finish finish = again(error, event, now_ms + delay_ms);
    finish.counts = true;
    return finish;
}

}  // namespace

Finish decide(const RetryPolicy& policy, const EventSummary& event, Verdict& verdict, bool outage, bool stopping,
              std::int64_t now_ms, Random& random) {
    if (!verdict.error) {
        Finish finish;
        finish.kind = Finish::Kind::done;
        finish.verdict = std::move(verdict.word);
        finish.message = std::move(verdict.outcome);
        finish.emitted = std::move(verdict.emitted);
        finish.state = std::move(verdict.state);
        finish.applied_revision = std::move(verdict.applied_revision);
        return finish;
    }
    const Error& error = *verdict.error;
    // What never reached Odoo is not to blame. What Odoo died over may be: it counts, or one event could take Odoo down
    // for ever.
    if (outage && error.failure != Failure::unknown) return again(error, event, now_ms);
    if (verdict.external_outage && error.failure == Failure::retry) {
        // Each event finds out by itself when it is over, the less often the longer it lasts.
        const auto delay_ms = std::max(floor_ms(error), jitter_ms(policy, event.attempts, random));
        return again(error, event, now_ms + delay_ms);
    }
    switch (error.failure) {
        case Failure::retry:
        case Failure::unknown:
            return again_or_dead(policy, error, event, now_ms, random);
        case Failure::rate_limited: {
            // Not the event's fault, so it does not count; never sooner than the base, so that it cannot spin either.
            const auto delay_ms =
                std::max({floor_ms(error), policy.base_ms, jitter_ms(policy, event.counted_failures, random)});
            return again(error, event, now_ms + delay_ms);
        }
        case Failure::rejected:
        case Failure::invalid:
            return dead_letter(policy, error, event);
        case Failure::auth:
            return again(error, event, now_ms);
        case Failure::cancelled:
            // Only a host that stops cancels; a handler that says so by itself must not spin.
            return again(error, event, stopping ? now_ms : now_ms + policy.base_ms);
    }
    return again_or_dead(policy, error, event, now_ms, random);
}

Finish DeadLetterEvent::end_of(const EventSummary& claimed, std::int64_t now_ms) const {
    if (claimed.counted_failures == counted_failures) return finish;
    return again({.failure = Failure::cancelled, .message = "replayed meanwhile"}, claimed, now_ms);
}

}  // namespace sluice::delivery
