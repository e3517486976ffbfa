#include "tests/simulation/attempt.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/base/timestamp.hpp"

namespace sluice::simulation {

namespace {

/// Another event of the key was given up, or is in doubt: what is in the other system is not what the applied revision
/// says.
bool is_in_doubt(const Ledger& ledger, const Ledger::Key& key, std::int64_t seq) {
    return ledger.was_given_up(key) || std::ranges::any_of(ledger.entries(), [&](const auto& other) {
               return other.first != seq && other.second.attempt_unknown && Ledger::key_of(other.second.event) == key;
           });
}

/// What an attempt in doubt sent may land over what the newer event did since: nobody waits for it any more.
bool is_superseded(const Ledger& ledger, std::int64_t seq) {
    const auto* entry = ledger.find(seq);
    return entry != nullptr && entry->state == journal::EventState::superseded;
}

}  // namespace

Attempt::Attempt(const Environment& environment, AttemptContext& context, const journal::Claim& claim,
                 std::int64_t deadline_ms, std::function<void(delivery::Verdict)> done)
    : environment_(environment),
      context_(context),
      claim_(claim),
      connector_(environment.scenario.connector(claim.event.connector)),
      flow_(connector_.flow(claim.event.flow)),
      fate_(environment.scenario.fate_of(claim.event, claim.payload)),
      remote_(context.remote(connector_, flow_)),
      done_(std::move(done)),
      deadline_ms_(deadline_ms) {}

void Attempt::begin() {
    ++environment_.statistics.attempts;
    if (cancelled_) return failed(Failure::cancelled, "the host stops");
    const auto& event = claim_.event;
    if (!event.revision.empty()) {
        const auto applied = context_.journal().applied_revision(event);
        if (!applied) return failed(applied.error().failure, applied.error().message);
        if (compare_revisions(*applied, event.revision) > 0) {
            environment_.hit(Fault::stale);
            ended_ = true;
            delivery::Verdict stale;
            stale.outcome = fmt::format("stale: revision {} is older than {}", event.revision, *applied);
            return done_(std::move(stale));
        }
    }
    if (flow_.counts) {
        auto counter = context_.journal().get_state(event.connector, counter_of(flow_));
        if (!counter) return failed(counter.error().failure, counter.error().message);
        counter_ = std::move(*counter);
    }
    if (fate_ == Fate::invalid) {
        environment_.hit(Fault::invalid);
        return failed(Failure::invalid, "the event breaks its contract");
    }
    next_effect();
}

void Attempt::next_effect() {
    if (effect_ == flow_.effects) return done();
    call(!(claim_.event.attempt_unknown || flow_.looks_always));
}

Effect Attempt::effect() const {
    const auto& event = claim_.event;
    const auto record = event.ordering_key.empty() ? event.event_id : event.order + "/" + event.ordering_key;
    return {.identity = event.connector + "/" + record,
            .revision = event.revision,
            .key = fmt::format("{}/{}/{}", event.connector, event.event_id, effect_),
            .seq = to_int(event.seq)};
}

void Attempt::call(bool writes) {
    const auto now_ms = environment_.clock.steady_ms();
    if (cancelled_) return failed(Failure::cancelled, "the host stops");
    if (now_ms >= deadline_ms_) return failed(Failure::retry, "the delivery's deadline has passed");
    call_deadline_ms_ = now_ms + Remote::timeout_ms;
    calling_ = true;
    const auto& event = claim_.event;
    call_ = context_.call(remote_, {.writes = writes,
                                    .session = context_.session_with(remote_),
                                    .fate = fate_,
                                    .effect = effect(),
                                    .answer =
                                        [self = weak_from_this(), writes](const Reply& reply) {
                                            if (const auto attempt = self.lock()) attempt->on_reply(writes, reply);
                                        },
                                    .tolerates_older =
                                        [&ledger = context_.journal().ledger(), seq = to_int(event.seq),
                                         key = Ledger::Key{event.connector, event.order, event.ordering_key}] {
                                            return is_in_doubt(ledger, key, seq) || is_superseded(ledger, seq);
                                        }});
}

void Attempt::on_reply(bool writes, const Reply& reply) {
    if (ended_) return;  // cancelled meanwhile
    calling_ = false;
    // A host that stood still finds its call's time over, whatever has come.
    const bool late = environment_.clock.steady_ms() > call_deadline_ms_;
    const auto kind = late ? Reply::Kind::timeout : reply.kind;
    answered_ = answered_ || (kind != Reply::Kind::nobody && kind != Reply::Kind::lost && kind != Reply::Kind::timeout);
    if (kind != Reply::Kind::nobody && kind != Reply::Kind::session) reached_ = reached_ || writes;
    switch (kind) {
        case Reply::Kind::ok:
            if (!writes && !reply.found) return call(true);
            ++effect_;
            return next_effect();
        case Reply::Kind::nobody:
            return failed(Failure::retry, "no connection", true);
        case Reply::Kind::lost:
            return failed(writes ? Failure::unknown : Failure::retry, "the connection was lost", true);
        case Reply::Kind::timeout:
            return failed(writes ? Failure::unknown : Failure::retry, "no answer in time");
        case Reply::Kind::busy:
            return failed(Failure::retry, "busy");
        case Reply::Kind::limited:
            return failed(Failure::rate_limited, "too many requests", false, reply.retry_after_ms);
        case Reply::Kind::rejected:
            return failed(Failure::rejected, fmt::format("no product '{}'", claim_.event.event_id));
        case Reply::Kind::refused:
            return failed(Failure::auth, "the account is refused");
        case Reply::Kind::session:
            environment_.hit(Fault::session_expired);
            context_.session_with(remote_) = remote_.session();
            if (++renewals_ > 3) return failed(Failure::retry, "its sessions do not last");
            return call(writes);
    }
}

void Attempt::done() {
    ended_ = true;
    const auto& event = claim_.event;
    delivery::Verdict verdict;
    verdict.outcome = "handled";
    verdict.applied_revision = event.revision;
    verdict.external_answered = flow_.outward && answered_;
    if (flow_.counts) {
        const auto count = counter_.value.empty() ? 0 : std::stoll(counter_.value);
        verdict.state.push_back(
            {.name = counter_of(flow_), .value = std::to_string(count + 1), .expected_version = counter_.version});
        verdict.state.push_back(
            {.name = "hint", .value = event.event_id, .expected_version = journal::StatePut::any_version});
    }
    if (flow_.emits_to) {
        const auto& to = connector_.flows[*flow_.emits_to];
        journal::NewEvent next;
        next.connector = event.connector;
        next.event_id = emitted_id(event.event_id);
        next.flow = to.name;
        next.order = to.plan.order;
        next.ordering_key = event.ordering_key;
        next.topic = "emitted";
        next.payload = "emitted by " + event.event_id;
        next.headers = "{}";
        next.coalesce = to.coalesce;
        environment_.hit(Fault::emitted);
        verdict.emitted.push_back(std::move(next));
    }
    done_(std::move(verdict));
}

void Attempt::failed(Failure failure, std::string message, bool disconnected, std::int64_t retry_after_ms) {
    ended_ = true;
    if (failure == Failure::cancelled && reached_) failure = Failure::unknown;
    delivery::Verdict verdict;
    verdict.error = Error{.failure = failure,
                          .message = std::move(message),
                          .retry_after_ms = retry_after_ms,
                          .disconnected = disconnected};
    const bool probed = disconnected && !cancelled_;
    if (probed) (flow_.outward ? verdict.external_outage : verdict.outage) = !remote_.is_up();
    verdict.external_answered = flow_.outward && (answered_ || (probed && remote_.is_up()));
    done_(std::move(verdict));
}

void Attempt::cancel() {
    cancelled_ = true;
    if (ended_ || !calling_) return;
    reached_ = true;
    remote_.give_up(call_);
    environment_.hit(Fault::cancelled);
    failed(Failure::cancelled, "the host stops");
}

}  // namespace sluice::simulation
