// Each call of the journal, and what its answer must be.

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "core/base/timestamp.hpp"
#include "tests/simulation/checked_journal.hpp"

namespace sluice::simulation {

using journal::Appended;
using journal::Claim;
using journal::EventState;
using journal::EventSummary;
using journal::Journal;
using journal::Seq;

namespace {

std::vector<std::int64_t> seqs_of(const std::vector<EventSummary>& events) {
    std::vector<std::int64_t> seqs;
    for (const auto& event : events) seqs.push_back(to_int(event.seq));
    return seqs;
}

std::vector<std::int64_t> numbers_of(const std::vector<Seq>& seqs) {
    std::vector<std::int64_t> numbers;
    for (const auto seq : seqs) numbers.push_back(to_int(seq));
    return numbers;
}

}  // namespace

Result<void> CheckedJournal::append(const std::vector<journal::NewEvent>& events, bool async,
                                    const std::function<void(const std::vector<Appended>&)>& acknowledged) {
    before_call("append", true);
    const auto now = now_ms();
    const Change change = [events, now](Ledger& ledger) {
        ledger.append(events, now);
        ledger.stamp(now);
    };
    Result<std::vector<Appended>> answer;
    bool is_acknowledged = false;
    const auto writes_before = disk_.writes();
    if (async) {
        bool answered = false;
        journal_->append_async(events, [&](Result<std::vector<Appended>> appended) {
            expect(!std::exchange(answered, true), "append_async answered twice");
            is_acknowledged = appended.has_value() && !disk_.is_dead();
            answer = std::move(appended);
        });
        expect(answered, "append_async did not answer");
    } else {
        answer = journal_->append(events);
        is_acknowledged = answer.has_value() && !disk_.is_dead();
    }
    if (disk_.is_dead()) {
        if (is_acknowledged) acknowledged(*answer);
        die_in_call(change);
    }
    const bool excused = had_trouble();
    if (!answer) {
        must_be_excused("append", answer.error(), excused);
        if (disk_.writes() > writes_before) failed_ = change;
        after_call(true);
        return std::unexpected(answer.error());
    }
    failed_ = disk_.writes() > writes_before ? nullptr : failed_;
    const auto expected = ledger_.append(events, now);
    ledger_.stamp(now);
    for (std::size_t i = 0; i < events.size(); ++i) {
        const auto& is = (*answer)[i];
        const auto& should = expected[i];
        expect(is.duplicate == should.duplicate,
               fmt::format("event {} of {}: duplicate is {}, not {}", events[i].event_id, events[i].connector,
                           is.duplicate, should.duplicate));
        expect(is.seq == should.seq && is.superseded == should.superseded,
               fmt::format("event {} of {} was appended as {} and superseded {}, not as {} and {}", events[i].event_id,
                           events[i].connector, to_int(is.seq), is.superseded, to_int(should.seq), should.superseded));
        if (is.duplicate) environment_.hit(Fault::webhook_duplicated);
        if (is.superseded > 0) environment_.hit(Fault::superseded);
        const auto* entry = ledger_.find(to_int(is.seq));
        if (!is.duplicate && entry != nullptr && entry->state == EventState::superseded) {
            environment_.hit(Fault::superseded_at_once);
        }
    }
    acknowledged(*answer);
    after_call(true);
    return {};
}

Result<std::vector<EventSummary>> CheckedJournal::ready(const std::string& connector, const std::string& flow,
                                                        std::int64_t until_ms, int limit) {
    return call<std::vector<EventSummary>>(
        "ready", [&](Journal& journal) { return journal.ready(connector, flow, until_ms, limit); }, nullptr,
        [&](const auto& events) {
            expect(seqs_of(events) == ledger_.ready(connector, flow, until_ms, limit),
                   fmt::format("the ready events of {} {} are not those that are deliverable", connector, flow));
        });
}

Result<std::optional<std::int64_t>> CheckedJournal::next_available(const std::string& connector,
                                                                   const std::string& flow, std::int64_t after_ms) {
    return call<std::optional<std::int64_t>>(
        "next_available", [&](Journal& journal) { return journal.next_available(connector, flow, after_ms); }, nullptr,
        [&](const auto& at_ms) {
            expect(at_ms == ledger_.next_available(connector, flow, after_ms),
                   fmt::format("the next time at which {} {} has an event is another", connector, flow));
        });
}

void CheckedJournal::check_claims(const std::vector<Claim>& claims, const std::vector<std::int64_t>& expected) const {
    std::vector<std::int64_t> claimed;
    for (const auto& claim : claims) claimed.push_back(to_int(claim.event.seq));
    expect(claimed == expected, "other events were claimed than those that were ready");
    for (const auto& claim : claims) {
        const auto seq = to_int(claim.event.seq);
        const auto& entry = *ledger_.find(seq);
        expect(claim.attempt == entry.attempts,
               fmt::format("event {} was claimed for attempt {}, not {}", seq, claim.attempt, entry.attempts));
        expect(claim.event.attempt_unknown == entry.attempt_unknown,
               fmt::format("event {} was claimed and its doubt is {}", seq, claim.event.attempt_unknown));
        expect(claim.event.counted_failures == entry.counted_failures,
               fmt::format("event {} was claimed with {} counted failures, not {}", seq, claim.event.counted_failures,
                           entry.counted_failures));
        expect(claim.payload == entry.payload && claim.headers == entry.event.headers,
               fmt::format("event {} was claimed with another payload", seq));
        if (entry.event.ordering_key.empty()) continue;
        for (const auto& [other_seq, other] : ledger_.entries()) {
            if (other_seq == seq || Ledger::key_of(other.event) != Ledger::key_of(entry.event)) continue;
            expect(other.state != EventState::claimed,
                   fmt::format("events {} and {} of one key are claimed", other_seq, seq));
            expect(!(other.state == EventState::dead && other.holds_key),
                   fmt::format("event {} was claimed though dead letter {} holds its key", seq, other_seq));
            expect(other_seq > seq || !other.is_unfinished() || other.replayed_at_ms > 0,
                   fmt::format("event {} was claimed before {}, which came earlier", seq, other_seq));
        }
    }
}

Result<std::vector<Claim>> CheckedJournal::claim(const std::vector<Seq>& seqs, const journal::LeaseTerms& terms) {
    const auto now = now_ms();
    return call<std::vector<Claim>>(
        "claim", [&](Journal& journal) { return journal.claim(seqs, terms, now); },
        [=](Ledger& ledger) { ledger.claim(seqs, terms, now); },
        [&](const auto& claims) { check_claims(claims, ledger_.claim(seqs, terms, now)); });
}

std::vector<Result<void>> CheckedJournal::finish_all(const std::vector<journal::Ending>& endings) {
    before_call("finish", true);
    const auto now = now_ms();
    const auto outcomes = journal_->finish_all(endings, now);
    expect(outcomes.size() == endings.size(), "finish_all answered another number");
    const bool is_dead = disk_.is_dead();
    const bool excused = !is_dead && had_trouble();
    for (std::size_t i = 0; i < endings.size(); ++i) {
        const auto& [lease, finish] = endings[i];
        const auto seq = to_int(lease.seq);
        const bool conflict = !outcomes[i] && outcomes[i].error().message.starts_with(journal::state_conflict);
        const bool lost = !outcomes[i] && outcomes[i].error().message.starts_with(journal::lease_lost);
        const Change change = [lease = lease, finish = finish, now](Ledger& ledger) {
            ledger.finish(lease, finish, now);
            ledger.stamp(now);
        };
        if (!outcomes[i] && !conflict && !lost) {
            if (is_dead) die_in_call(change);
            must_be_excused("finish", outcomes[i].error(), excused);
            failed_ = change;
            continue;
        }
        const auto should = ledger_.finish(lease, finish, now);
        ledger_.stamp(now);
        expect(lost == (should == Ledger::Finished::lost),
               fmt::format("the end of attempt {} of event {} was {} though {} has the claim", lease.token, seq,
                           lost ? "refused" : "taken", lost ? "it" : "somebody else"));
        expect(conflict == (should == Ledger::Finished::conflict),
               fmt::format("the end of event {} {} a state conflict", seq, conflict ? "met" : "did not meet"));
        if (outcomes[i]) failed_ = nullptr;
    }
    if (is_dead) die_in_call(nullptr);
    after_call(true);
    return outcomes;
}

Result<std::vector<journal::Lease>> CheckedJournal::renew(const std::vector<journal::Lease>& leases,
                                                          std::int64_t until_ms) {
    return call<std::vector<journal::Lease>>(
        "renew", [&](Journal& journal) { return journal.renew(leases, until_ms); },
        [=](Ledger& ledger) { ledger.renew(leases, until_ms); },
        [&](const auto& lost) {
            expect(lost == ledger_.renew(leases, until_ms), "other leases are lost than those that were taken back");
        });
}

Result<std::vector<EventSummary>> CheckedJournal::expire_leases(const std::string& own_host) {
    const auto now = now_ms();
    return call<std::vector<EventSummary>>(
        "expire_leases", [&](Journal& journal) { return journal.expire_leases(own_host, now); },
        [=](Ledger& ledger) { ledger.expire(own_host, now); },
        [&](const auto& expired) {
            const auto seqs = seqs_of(expired);
            expect(std::set<std::int64_t>(seqs.begin(), seqs.end()) == ledger_.expire(own_host, now),
                   "other leases expired than those that had ended");
            environment_.statistics.hit(Fault::lease_expired, static_cast<std::int64_t>(expired.size()));
        });
}

Result<void> CheckedJournal::shift_available(std::int64_t step_ms) {
    const auto now = now_ms();
    const Change change = [=](Ledger& ledger) { ledger.shift(step_ms, now); };
    const Call<bool> shift = [&](Journal& journal) -> Result<bool> {
        const auto shifted = journal.shift_available(step_ms, now);
        if (!shifted) return std::unexpected(shifted.error());
        return true;
    };
    const auto shifted = call<bool>("shift_available", shift, change, [&](bool) { change(ledger_); });
    if (!shifted) return std::unexpected(shifted.error());
    return {};
}

Result<std::string> CheckedJournal::applied_revision(const EventSummary& event) {
    return call<std::string>(
        "applied_revision",
        [&](Journal& journal) { return journal.applied_revision(event.connector, event.order, event.ordering_key); },
        nullptr,
        [&](const auto& revision) {
            expect(revision == ledger_.applied_revision({event.connector, event.order, event.ordering_key}),
                   fmt::format("the applied revision of {} {} is {}", event.order, event.ordering_key, revision));
        });
}

Result<journal::StateValue> CheckedJournal::get_state(const std::string& connector, const std::string& name) {
    return call<journal::StateValue>(
        "get_state", [&](Journal& journal) { return journal.get_state(connector, name); }, nullptr,
        [&](const auto& state) {
            const auto should = ledger_.state(connector, name);
            expect(state.value == should.value && state.version == should.version,
                   fmt::format("state {} of {} is {} (version {}), not {} (version {})", name, connector, state.value,
                               state.version, should.value, should.version));
        });
}

// ---- people

Result<void> CheckedJournal::decide(const char* what, Seq seq, const Call<void>& function,
                                    const std::function<bool(Ledger&)>& change) {
    const Call<bool> decide = [&](Journal& journal) -> Result<bool> {
        const auto done = function(journal);
        if (done) return true;
        if (done.error().failure == Failure::invalid) return false;  // refused
        return std::unexpected(done.error());
    };
    const auto done = call<bool>(
        what, decide, [change](Ledger& ledger) { (void)change(ledger); },
        [&](bool taken) {
            expect(taken == change(ledger_),
                   fmt::format("{} of event {} was {}", what, to_int(seq), taken ? "taken" : "refused"));
        });
    if (!done) return std::unexpected(done.error());
    return *done ? Result<void>() : fail(Failure::invalid, "refused");
}

Result<void> CheckedJournal::replay(Seq seq) {
    const auto now = now_ms();
    return decide(
        "replay", seq, [&](Journal& journal) { return journal.replay(seq, "operator", now); },
        [=](Ledger& ledger) { return ledger.replay(to_int(seq), now); });
}

Result<void> CheckedJournal::discard(Seq seq) {
    const auto now = now_ms();
    return decide(
        "discard", seq, [&](Journal& journal) { return journal.discard(seq, "operator", "not needed", now); },
        [=](Ledger& ledger) { return ledger.discard(to_int(seq), now); });
}

Result<void> CheckedJournal::edit(Seq seq, const std::string& payload) {
    const auto now = now_ms();
    return decide(
        "edit", seq, [&](Journal& journal) { return journal.edit(seq, payload, "operator", "it was wrong", now); },
        [=](Ledger& ledger) { return ledger.edit(to_int(seq), payload); });
}

Result<std::vector<Seq>> CheckedJournal::decide_all(const char* what, const journal::EventFilter& filter,
                                                    const Call<std::vector<Seq>>& function, bool only_deliverable,
                                                    bool (Ledger::*change)(std::int64_t, std::int64_t)) {
    const auto now = now_ms();
    const Change all = [=](Ledger& ledger) {
        for (const auto seq : ledger.dead_letters(filter, only_deliverable)) (void)(ledger.*change)(seq, now);
    };
    return call<std::vector<Seq>>(what, function, all, [&](const auto& changed) {
        expect(numbers_of(changed) == ledger_.dead_letters(filter, only_deliverable),
               fmt::format("{} took other dead letters than were meant", what));
        all(ledger_);
    });
}

Result<std::vector<Seq>> CheckedJournal::replay_all(const journal::EventFilter& filter) {
    const auto now = now_ms();
    return decide_all(
        "replay_all", filter, [&](Journal& journal) { return journal.replay_all(filter, "operator", now); }, true,
        &Ledger::replay);
}

Result<std::vector<Seq>> CheckedJournal::discard_all(const journal::EventFilter& filter) {
    const auto now = now_ms();
    return decide_all(
        "discard_all", filter,
        [&](Journal& journal) { return journal.discard_all(filter, "operator", "all of them", now); }, false,
        &Ledger::discard);
}

Result<void> CheckedJournal::pause(const journal::Pause& pause) {
    const Change change = [=](Ledger& ledger) { ledger.pause(pause); };
    const Call<bool> function = [&](Journal& journal) -> Result<bool> {
        const auto paused = journal.pause(pause);
        if (!paused) return std::unexpected(paused.error());
        return true;
    };
    const auto paused = call<bool>("pause", function, change, [&](bool) { change(ledger_); });
    if (!paused) return std::unexpected(paused.error());
    return {};
}

Result<bool> CheckedJournal::resume(const std::string& connector, const std::string& flow) {
    return call<bool>(
        "resume", [&](Journal& journal) { return journal.resume(connector, flow); },
        [=](Ledger& ledger) { (void)ledger.resume(connector, flow); },
        [&](bool was_paused) {
            expect(was_paused == ledger_.resume(connector, flow), "a pause was there that should not be, or was not");
        });
}

Result<std::vector<journal::Pause>> CheckedJournal::pauses() {
    return call<std::vector<journal::Pause>>(
        "pauses", [](Journal& journal) { return journal.pauses(); }, nullptr,
        [&](const auto& pauses) { expect(pauses.size() == ledger_.pauses().size(), "the pauses are others"); });
}

Result<journal::Erased> CheckedJournal::erase(const journal::Retention& retention) {
    return call<journal::Erased>(
        "erase", [&](Journal& journal) { return journal.erase(retention); },
        [=](Ledger& ledger) { (void)ledger.erase(retention); },
        [&](const auto& erased) {
            const auto should = ledger_.erase(retention);
            expect(erased.contents == should.contents && erased.events == should.events,
                   fmt::format("retention erased {} contents and {} events, not {} and {}", erased.contents,
                               erased.events, should.contents, should.events));
            environment_.statistics.hit(Fault::contents_erased, erased.contents);
            environment_.statistics.hit(Fault::events_erased, erased.events);
        });
}

}  // namespace sluice::simulation
