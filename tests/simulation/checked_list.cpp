// What must be true of everything the journal has.

#include <fmt/core.h>

#include <map>
#include <set>

#include "core/base/timestamp.hpp"
#include "tests/simulation/checked_journal.hpp"

namespace sluice::simulation {

using journal::EventState;
using journal::EventSummary;

/// At most one event of a key makes the others wait, and none waits without one.
void CheckedJournal::check_keys(const std::vector<EventSummary>& listed) const {
    std::map<std::tuple<std::string_view, std::string_view, std::string_view>, int> heads;
    for (const auto& event : listed) {
        if (event.ordering_key.empty()) continue;
        const bool head = event.state == EventState::ready || event.state == EventState::claimed ||
                          (event.state == EventState::dead && event.holds_key);
        if (head && ++heads[{event.connector, event.order, event.ordering_key}] > 1) {
            throw Violation(
                fmt::format("key {} of {} {} has two first events", event.ordering_key, event.connector, event.order));
        }
    }
    for (const auto& event : listed) {
        if (event.state != EventState::waiting) continue;
        expect(heads.contains({event.connector, event.order, event.ordering_key}),
               fmt::format("event {} waits for nobody: its key has no event that goes first and no dead letter",
                           to_int(event.seq)));
    }
}

void CheckedJournal::check_list() {
    if (journal_ == nullptr) return;
    const auto listed = journal_->list({.limit = journal::max_listed_events});
    if (!listed) throw Violation("the list cannot be read: " + listed.error().message);
    ++environment_.statistics.checks;
    if (const auto difference = ledger_.difference(*listed)) throw Violation(*difference);
    check_keys(*listed);
    for (const auto& [seq, entry] : ledger_.entries()) {
        if (entry.state != EventState::superseded) continue;
        const auto* by = ledger_.find(entry.superseded_by);
        if (by == nullptr) continue;  // erased since
        const int newer = compare_revisions(by->event.revision, entry.event.revision);
        expect(newer > 0 || (newer == 0 && entry.superseded_by > seq),
               fmt::format("event {} is superseded by {}, which is not newer", seq, entry.superseded_by));
    }
}

journal::EventDetail CheckedJournal::show(journal::Seq seq) {
    auto shown = journal_->show(seq);
    expect(shown && *shown, fmt::format("event {} cannot be shown", to_int(seq)));
    return std::move(**shown);
}

void CheckedJournal::check_everything() {
    check_list();
    const auto sound = journal_->check();
    expect(sound.has_value(), "the journal's check fails: " + (sound ? "" : sound.error().message));
    const auto counts = journal_->counts("");
    const auto should = ledger_.counts();
    expect(counts && counts->ready == should.ready && counts->waiting == should.waiting &&
               counts->claimed == should.claimed && counts->done == should.done && counts->dead == should.dead &&
               counts->discarded == should.discarded && counts->superseded == should.superseded,
           "the counts are not those of the events");
    for (const auto& [seq, entry] : ledger_.entries()) {
        const auto detail = show(journal::Seq{seq});
        expect(detail.contents_erased == entry.contents_erased,
               fmt::format("the contents of event {} are {}", seq, detail.contents_erased ? "gone" : "still there"));
        if (!entry.contents_erased) {
            expect(detail.payload == entry.event.payload && detail.delivered_payload() == entry.payload,
                   fmt::format("event {} has another payload", seq));
        }
        expect(static_cast<int>(detail.attempts.size()) == std::min(entry.attempts, journal::max_attempts_kept),
               fmt::format("event {} has {} attempts on record, not {}", seq, detail.attempts.size(), entry.attempts));
        int dones = 0;
        for (const auto& attempt : detail.attempts) {
            dones += attempt.verdict == "done" ? 1 : 0;
            expect(!attempt.verdict.empty() || entry.state == EventState::claimed,
                   fmt::format("attempt {} of event {} has no verdict and does not run", attempt.number, seq));
        }
        expect(dones == (entry.state == EventState::done ? 1 : 0),
               fmt::format("event {} was done {} times", seq, dones));
        const auto& event = entry.event;
        const auto revision = journal_->applied_revision(event.connector, event.order, event.ordering_key);
        expect(revision && *revision == ledger_.applied_revision(Ledger::key_of(event)),
               fmt::format("the applied revision of {} {} is {}", event.order, event.ordering_key,
                           revision.value_or("not readable")));
    }
    const auto groups = journal_->dead_letter_groups({.limit = journal::max_listed_events});
    std::int64_t grouped = 0;
    for (const auto& group : groups.value_or(std::vector<journal::DeadLetterGroup>{})) grouped += group.count;
    expect(grouped == should.dead, fmt::format("{} dead letters are in groups, not {}", grouped, should.dead));
}

}  // namespace sluice::simulation
