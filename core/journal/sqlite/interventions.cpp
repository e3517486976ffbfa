#include "core/journal/sqlite/interventions.hpp"

#include <fmt/core.h>

#include "core/journal/sqlite/contents.hpp"
#include "core/journal/sqlite/deliveries.hpp"
#include "core/journal/sqlite/reads.hpp"
#include "core/journal/sqlite/rows.hpp"

namespace sluice::journal::sqlite {

namespace {

/// Every dead letter but those appended as such was claimed once.
bool is_deliverable(const EventSummary& event) {
    return event.attempts > 0;
}

Result<EventSummary> find(Database& database, Seq seq, std::string_view doing) {
    auto events = read_summaries(database.query("SELECT " SLUICE_SUMMARY_COLUMNS " FROM events WHERE seq = ?1", seq));
    if (!events) return std::unexpected(events.error());
    if (events->empty())
        return fail(Failure::invalid, fmt::format("cannot {} event {}: there is none", doing, to_int(seq)));
    return std::move(events->front());
}

Error no_dead_letter(const EventSummary& event, std::string_view doing) {
    return {Failure::invalid, fmt::format("cannot {} event {}: it is no dead letter but {}", doing, to_int(event.seq),
                                          to_string(event.state))};
}

Result<EventSummary> dead_letter(Database& database, Seq seq, std::string_view doing) {
    auto event = find(database, seq, doing);
    if (event && event->state != EventState::dead) return std::unexpected(no_dead_letter(*event, doing));
    return event;
}

/// True of what nobody can deliver without a key that is not there.
Result<bool> is_locked(Database& database, const Sealer& sealer, const EventSummary& event) {
    if (event.state != EventState::ready) return false;
    const auto contents = read_delivered(database, sealer, event.seq);
    if (contents) return false;
    if (is_sealed_shut(contents.error())) return true;
    return std::unexpected(contents.error());
}

Result<EventSummary> deliverable_dead_letter(Database& database, Seq seq, std::string_view doing) {
    auto event = dead_letter(database, seq, doing);
    if (!event || is_deliverable(*event)) return event;
    std::string_view reason = event->outcome;
    if (reason.starts_with(appended_dead)) reason.remove_prefix(appended_dead.size());
    return fail(Failure::invalid, fmt::format("event {} cannot be delivered: {}; discard it", to_int(seq), reason));
}

Result<void> replay_one(Database& database, const EventSummary& event, const std::string& who, std::int64_t now_ms) {
    // One that held its key is still its first. One that did not goes behind the key's head, before all others that
    // wait (they came later).
    bool waits = false;
    if (!event.holds_key && !event.ordering_key.empty()) {
        const auto held = has_head(database, event.connector, event.order, event.ordering_key);
        if (!held) return std::unexpected(held.error());
        waits = *held;
    }
    auto changed = database.run(
        "UPDATE events SET state = ?2, holds_key = 0, counted_failures = 0, available_at_ms = ?3, ready_at_ms = ?3,"
        " replayed_at_ms = ?3, ended_at_ms = 0, fingerprint = '' WHERE seq = ?1",
        event.seq, waits ? EventState::waiting : EventState::ready, now_ms);
    if (!changed) return changed;
    return keep_note(database, event.seq,
                     {.at_ms = now_ms, .what = "replayed", .who = who, .message = "it was " + event.outcome});
}

Result<void> discard_one(Database& database, const EventSummary& event, const std::string& who,
                         const std::string& reason, std::int64_t now_ms) {
    auto changed =
        database.run("UPDATE events SET state = 5, holds_key = 0, ended_at_ms = ?2 WHERE seq = ?1", event.seq, now_ms);
    if (!changed) return changed;
    if (event.holds_key || event.state == EventState::ready) {
        changed = promote_next(database, event.connector, event.order, event.ordering_key, now_ms);
        if (!changed) return changed;
    }
    return keep_note(database, event.seq, {.at_ms = now_ms, .what = "discarded", .who = who, .message = reason});
}

Result<void> need_reason(std::string_view what, const std::string& reason) {
    if (!reason.empty()) return {};
    return fail(Failure::invalid, fmt::format("cannot {} without a reason", what));
}

Result<std::vector<EventSummary>> dead_letters(Database& database, EventFilter filter) {
    filter.state = EventState::dead;
    return list(database, filter);
}

}  // namespace

Result<void> replay(Database& database, Seq seq, const std::string& who, std::int64_t now_ms) {
    const auto event = deliverable_dead_letter(database, seq, "replay");
    if (!event) return std::unexpected(event.error());
    return replay_one(database, *event, who, now_ms);
}

Result<void> discard(Database& database, const Sealer& sealer, Seq seq, const std::string& who,
                     const std::string& reason, std::int64_t now_ms) {
    if (auto given = need_reason(fmt::format("discard event {}", to_int(seq)), reason); !given) return given;
    const auto event = find(database, seq, "discard");
    if (!event) return std::unexpected(event.error());
    const auto locked = is_locked(database, sealer, *event);
    if (!locked) return std::unexpected(locked.error());
    if (event->state != EventState::dead && !*locked) return std::unexpected(no_dead_letter(*event, "discard"));
    return discard_one(database, *event, who, reason, now_ms);
}

Result<std::vector<Seq>> replay_all(Database& database, const EventFilter& filter, const std::string& who,
                                    std::int64_t now_ms) {
    const auto events = dead_letters(database, filter);
    if (!events) return std::unexpected(events.error());
    std::vector<Seq> replayed;
    for (const auto& event : *events) {
        if (!is_deliverable(event)) continue;
        if (auto done = replay_one(database, event, who, now_ms); !done) return std::unexpected(done.error());
        replayed.push_back(event.seq);
    }
    return replayed;
}

Result<std::vector<Seq>> discard_all(Database& database, const EventFilter& filter, const std::string& who,
                                     const std::string& reason, std::int64_t now_ms) {
    if (auto given = need_reason("discard dead letters", reason); !given) return std::unexpected(given.error());
    const auto events = dead_letters(database, filter);
    if (!events) return std::unexpected(events.error());
    std::vector<Seq> discarded;
    for (const auto& event : *events) {
        if (auto done = discard_one(database, event, who, reason, now_ms); !done) return std::unexpected(done.error());
        discarded.push_back(event.seq);
    }
    return discarded;
}

Result<void> edit(Database& database, const Sealer& sealer, Seq seq, const Edit& edit) {
    if (auto given = need_reason(fmt::format("edit event {}", to_int(seq)), edit.reason); !given) return given;
    const auto event = deliverable_dead_letter(database, seq, "edit");
    if (!event) return std::unexpected(event.error());
    if (edit.payload.size() > max_event_bytes) {
        return fail(Failure::invalid, fmt::format("cannot edit event {}: {} bytes of payload, more than {}",
                                                  to_int(seq), edit.payload.size(), max_event_bytes));
    }
    if (auto kept = keep_edit(database, sealer, seq, edit); !kept) return kept;
    return keep_note(database, seq, {.at_ms = edit.at_ms, .what = "edited", .who = edit.who, .message = edit.reason});
}

Result<void> pause(Database& database, const Pause& pause) {
    return database.run(
        "INSERT INTO pauses (connector, flow, who, reason, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT DO UPDATE SET who = excluded.who, reason = excluded.reason, at_ms = excluded.at_ms",
        pause.connector, pause.flow, pause.who, pause.reason, pause.at_ms);
}

Result<bool> resume(Database& database, const std::string& connector, const std::string& flow) {
    const auto gone =
        database.number("DELETE FROM pauses WHERE connector = ?1 AND flow = ?2 RETURNING 1", connector, flow);
    if (!gone) return std::unexpected(gone.error());
    return *gone == 1;
}

}  // namespace sluice::journal::sqlite
