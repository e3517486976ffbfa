#include <fmt/core.h>

#include "core/journal/fingerprint.hpp"
#include "core/journal/sqlite/coalesce.hpp"
#include "core/journal/sqlite/contents.hpp"
#include "core/journal/sqlite/deliveries.hpp"
#include "core/journal/sqlite/rows.hpp"

namespace sluice::journal::sqlite {

namespace {

Result<void> check(const NewEvent& event) {
    if (event.connector.empty()) return fail(Failure::invalid, "cannot append an event without a connector");
    if (event.event_id.empty()) {
        return fail(Failure::invalid,
                    fmt::format("cannot append an event of connector {} without an event_id", event.connector));
    }
    if (text_bytes(event) > max_event_text_bytes) {
        return fail(Failure::invalid, fmt::format("cannot append an event of connector {}: its ids, key and names have "
                                                  "{} bytes, more than {}",
                                                  event.connector, text_bytes(event), max_event_text_bytes));
    }
    if (content_bytes(event) > max_event_bytes) {
        return fail(Failure::invalid,
                    fmt::format("cannot append event {} of connector {}: {} bytes of payload and headers, more than {}",
                                event.event_id, event.connector, content_bytes(event), max_event_bytes));
    }
    return {};
}

Result<EventState> first_state(Database& database, const NewEvent& event) {
    if (!event.dead_letter_reason.empty()) return EventState::dead;
    if (event.ordering_key.empty()) return EventState::ready;
    const auto held = has_head(database, event.connector, event.order, event.ordering_key);
    if (!held) return std::unexpected(held.error());
    return *held ? EventState::waiting : EventState::ready;
}

/// An event's row as it begins.
struct Begin {
    EventState state = EventState::ready;
    bool attempt_unknown = false;
    std::string outcome;
};

Result<Seq> insert(Database& database, const Sealer& sealer, const NewEvent& event, const Begin& begin,
                   std::int64_t now_ms) {
    const bool ended = begin.state == EventState::dead || begin.state == EventState::superseded;
    const auto seq = database.number(
        "INSERT INTO events (state, connector, event_id, flow, order_name, ordering_key, topic, revision, record,"
        " occurred_at_ms, appended_at_ms, available_at_ms, ready_at_ms, ended_at_ms, attempt_unknown, fingerprint,"
        " outcome, coalesces) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12, ?13, ?14, ?15, ?16, ?17)"
        " RETURNING seq",
        begin.state, event.connector, event.event_id, event.flow, event.order, event.ordering_key, event.topic,
        event.revision, event.record, event.occurred_at_ms, now_ms, begin.state == EventState::ready ? now_ms : 0,
        ended ? now_ms : 0, begin.attempt_unknown,
        begin.state == EventState::dead ? fingerprint(begin.outcome) : std::string(), begin.outcome, event.coalesce);
    if (!seq) return std::unexpected(seq.error());
    if (auto kept = keep_contents(database, sealer, Seq{*seq}, event.payload, event.headers); !kept) {
        return std::unexpected(kept.error());
    }
    return Seq{*seq};
}

Result<Appended> append_one(Database& database, const Sealer& sealer, const NewEvent& event, std::int64_t now_ms) {
    if (auto checked = check(event); !checked) return std::unexpected(checked.error());
    // Asked first, not by ON CONFLICT: there is one writer, and a refused insert would still use up a number.
    const auto known = database.number("SELECT seq FROM events WHERE connector = ?1 AND event_id = ?2", event.connector,
                                       event.event_id);
    if (!known) return std::unexpected(known.error());
    if (*known != 0) return Appended{.seq = Seq{*known}, .duplicate = true};

    Coalesced coalesced;
    if (event.coalesce && !event.ordering_key.empty() && event.dead_letter_reason.empty()) {
        auto done = coalesce(database, event, now_ms);
        if (!done) return std::unexpected(done.error());
        coalesced = std::move(*done);
    }
    Begin begin;
    begin.attempt_unknown = coalesced.attempt_unknown;
    if (coalesced.newer) {
        begin.state = EventState::superseded;
        begin.outcome = fmt::format("superseded by event {}, whose revision is newer", to_int(*coalesced.newer));
    } else {
        const auto state = first_state(database, event);
        if (!state) return std::unexpected(state.error());
        begin.state = *state;
        if (*state == EventState::dead) {
            begin.outcome = bounded_message(std::string(appended_dead) + event.dead_letter_reason);
        }
    }
    const auto seq = insert(database, sealer, event, begin, now_ms);
    if (!seq) return std::unexpected(seq.error());
    for (const Seq old : coalesced.older) {
        if (auto told = tell_superseded(database, old, *seq, now_ms); !told) return std::unexpected(told.error());
    }
    return Appended{.seq = *seq, .duplicate = false, .superseded = static_cast<int>(coalesced.older.size())};
}

}  // namespace

Result<bool> has_head(Database& database, std::string_view connector, std::string_view order,
                      std::string_view ordering_key) {
    const auto found = database.number(
        "SELECT seq FROM events WHERE connector = ?1 AND order_name = ?2 AND ordering_key = ?3 AND head = 1", connector,
        order, ordering_key);
    if (!found) return std::unexpected(found.error());
    return *found != 0;
}

Result<std::vector<Appended>> append(Database& database, const Sealer& sealer, const std::vector<NewEvent>& events,
                                     std::int64_t now_ms) {
    std::vector<Appended> appended;
    appended.reserve(events.size());
    for (const auto& event : events) {
        const auto one = append_one(database, sealer, event, now_ms);
        if (!one) return std::unexpected(one.error());
        appended.push_back(*one);
    }
    return appended;
}

}  // namespace sluice::journal::sqlite
