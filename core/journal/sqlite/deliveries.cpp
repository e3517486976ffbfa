#include "core/journal/sqlite/deliveries.hpp"

#include <fmt/core.h>

#include "core/base/timestamp.hpp"
#include "core/journal/fingerprint.hpp"
#include "core/journal/journal.hpp"
#include "core/journal/sqlite/coalesce.hpp"
#include "core/journal/sqlite/contents.hpp"
#include "core/journal/sqlite/rows.hpp"

namespace sluice::journal::sqlite {

namespace {

/// The event whose attempt ends, or Failure::invalid where it is not claimed under this lease.
Result<EventSummary> claimed_event(Database& database, const Lease& lease) {
    const auto events =
        read_summaries(database.query("SELECT " SLUICE_SUMMARY_COLUMNS " FROM events WHERE seq = ?1", lease.seq));
    if (!events) return std::unexpected(events.error());
    if (events->empty()) {
        return fail(Failure::invalid, fmt::format("cannot finish event {}: there is none", to_int(lease.seq)));
    }
    const auto& event = events->front();
    if (event.state != EventState::claimed || event.attempts != lease.token) {
        return fail(Failure::invalid,
                    fmt::format("{}: event {} is {} after {} attempts, not claimed for attempt {}", lease_lost,
                                to_int(lease.seq), to_string(event.state), event.attempts, lease.token));
    }
    return event;
}

Result<void> put_states(Database& database, const Sealer& sealer, const std::string& connector,
                        const std::vector<StatePut>& puts) {
    // All versions are compared before anything is written, so that two puts of one name in one delivery do not meet
    // each other.
    for (const auto& put : puts) {
        const auto version =
            database.number("SELECT version FROM state WHERE connector = ?1 AND name = ?2", connector, put.name);
        if (!version) return std::unexpected(version.error());
        if (put.expected_version != StatePut::any_version && *version != put.expected_version) {
            return fail(Failure::retry, fmt::format("{}: {}", state_conflict, put.name));
        }
    }
    for (const auto& put : puts) {
        const Sealed kept(sealer, Place::of_state(connector, put.name), put.value);
        auto written = database.run(
            "INSERT INTO state (connector, name, value, version, sealed) VALUES (?1, ?2, ?3, 1, ?4)"
            " ON CONFLICT DO UPDATE SET value = excluded.value, version = version + 1, sealed = excluded.sealed",
            connector, put.name, Blob{kept.bytes}, kept.key_id);
        if (!written) return written;
    }
    return {};
}

Result<void> keep_newest_revision(Database& database, const EventSummary& event, const std::string& revision) {
    if (revision.empty() || event.ordering_key.empty()) return {};
    auto rows =
        database.query("SELECT revision FROM revisions WHERE connector = ?1 AND order_name = ?2 AND ordering_key = ?3",
                       event.connector, event.order, event.ordering_key);
    if (!rows) return std::unexpected(rows.error());
    const auto row = rows->next();
    if (!row) return std::unexpected(row.error());
    if (*row && compare_revisions(revision, rows->bytes(0)) <= 0) return {};
    return database.run(
        "INSERT INTO revisions (connector, order_name, ordering_key, revision, seq) VALUES (?1, ?2, ?3, ?4, ?5)"
        " ON CONFLICT DO UPDATE SET revision = excluded.revision, seq = excluded.seq",
        event.connector, event.order, event.ordering_key, revision, event.seq);
}

Result<void> finish_done(Database& database, const Sealer& sealer, const EventSummary& event, const Finish& finish,
                         std::int64_t now_ms) {
    if (auto put = put_states(database, sealer, event.connector, finish.state); !put) return put;
    if (const auto emitted = append(database, sealer, finish.emitted, now_ms); !emitted) {
        return std::unexpected(emitted.error());
    }
    if (auto kept = keep_newest_revision(database, event, finish.applied_revision); !kept) return kept;
    auto ended =
        database.run("UPDATE events SET state = 3, attempt_unknown = 0, ended_at_ms = ?3, outcome = ?2 WHERE seq = ?1",
                     event.seq, bounded_message(finish.message), now_ms);
    if (!ended) return ended;
    return promote_next(database, event.connector, event.order, event.ordering_key, now_ms);
}

Result<void> finish_again(Database& database, const EventSummary& event, const Finish& finish, std::int64_t now_ms) {
    const auto outcome = bounded_message(finish.verdict + ": " + finish.message);
    const auto gave_way = give_way_to_newer(database, event, outcome, finish.unknown, now_ms);
    if (!gave_way) return std::unexpected(gave_way.error());
    if (*gave_way) return {};
    return database.run(
        "UPDATE events SET state = 0, available_at_ms = ?2, counted_failures = counted_failures + ?3,"
        " attempt_unknown = ?4, outcome = ?5 WHERE seq = ?1",
        event.seq, finish.available_at_ms, finish.counts, finish.unknown, outcome);
}

Result<void> finish_dead(Database& database, const EventSummary& event, const Finish& finish, std::int64_t now_ms) {
    const auto outcome = bounded_message(finish.verdict + ": " + finish.message);
    const auto gave_way = give_way_to_newer(database, event, outcome, finish.unknown, now_ms);
    if (!gave_way) return std::unexpected(gave_way.error());
    if (*gave_way) return {};
    auto ended = database.run(
        "UPDATE events SET state = 4, holds_key = ?2, counted_failures = counted_failures + ?3, attempt_unknown = ?4,"
        " outcome = ?5, ended_at_ms = ?6, fingerprint = ?7 WHERE seq = ?1",
        event.seq, finish.holds_key, finish.counts, finish.unknown, outcome, now_ms, fingerprint(outcome));
    if (!ended || finish.holds_key) return ended;
    return promote_next(database, event.connector, event.order, event.ordering_key, now_ms);
}

Result<std::optional<Claim>> claim_one(Database& database, const Sealer& sealer, Seq seq, const LeaseTerms& terms,
                                       std::int64_t now_ms) {
    auto events = read_summaries(
        database.query("UPDATE events SET state = 2, attempts = attempts + 1, leased_until_ms = ?2, leased_by = ?3"
                       " WHERE seq = ?1 AND state = 0 RETURNING " SLUICE_SUMMARY_COLUMNS,
                       seq, terms.until_ms, terms.host));
    if (!events) return std::unexpected(events.error());
    if (events->empty()) return std::nullopt;
    Claim claim{.event = std::move(events->front())};
    claim.attempt = claim.event.attempts;
    auto kept = database.run("INSERT INTO attempts (seq, number, started_at_ms) VALUES (?1, ?2, ?3)", seq,
                             claim.attempt, now_ms);
    if (!kept) return std::unexpected(kept.error());
    // Attempts that count against no limit (rate limits, outages) go on for as long as their cause: only the last are
    // kept.
    if (claim.attempt > max_attempts_kept) {
        kept = database.run("DELETE FROM attempts WHERE seq = ?1 AND number <= ?2", seq,
                            claim.attempt - max_attempts_kept);
        if (!kept) return std::unexpected(kept.error());
    }
    auto contents = read_delivered(database, sealer, seq);
    if (!contents && contents.error().failure == Failure::rejected) {
        // No repeat reads it, and the events of other keys must not wait for it.
        auto buried = finish(database, sealer, claim.lease(),
                             {.kind = Finish::Kind::dead_letter,
                              .verdict = "unreadable",
                              .message = contents.error().message,
                              .unknown = claim.event.attempt_unknown},
                             now_ms);
        if (!buried) return std::unexpected(buried.error());
        return std::nullopt;
    }
    if (!contents) return std::unexpected(contents.error());
    claim.payload = std::move(contents->payload);
    claim.headers = std::move(contents->headers);
    return claim;
}

}  // namespace

Result<void> promote_next(Database& database, std::string_view connector, std::string_view order,
                          std::string_view ordering_key, std::int64_t now_ms) {
    if (ordering_key.empty()) return {};
    return database.run(
        "UPDATE events SET state = 0, ready_at_ms = ?4 WHERE seq = (SELECT seq FROM events WHERE connector = ?1"
        " AND order_name = ?2 AND ordering_key = ?3 AND state = 1 ORDER BY seq LIMIT 1)",
        connector, order, ordering_key, now_ms);
}

Result<std::vector<Claim>> claim(Database& database, const Sealer& sealer, const std::vector<Seq>& seqs,
                                 const LeaseTerms& terms, std::int64_t now_ms) {
    std::vector<Claim> claims;
    for (const Seq seq : seqs) {
        auto one = claim_one(database, sealer, seq, terms, now_ms);
        if (!one) return std::unexpected(one.error());
        if (*one) claims.push_back(std::move(**one));
    }
    return claims;
}

Result<void> finish(Database& database, const Sealer& sealer, const Lease& lease, const Finish& finish,
                    std::int64_t now_ms) {
    const auto event = claimed_event(database, lease);
    if (!event) return std::unexpected(event.error());
    auto kept = database.run(
        "UPDATE attempts SET finished_at_ms = ?3, verdict = ?4, message = ?5 WHERE seq = ?1 AND number = ?2", lease.seq,
        lease.token, now_ms, finish.verdict, bounded_message(finish.message));
    if (!kept) return kept;
    switch (finish.kind) {
        case Finish::Kind::done:
            return finish_done(database, sealer, *event, finish, now_ms);
        case Finish::Kind::again:
            return finish_again(database, *event, finish, now_ms);
        case Finish::Kind::dead_letter:
            return finish_dead(database, *event, finish, now_ms);
    }
    return fail(Failure::invalid, fmt::format("cannot finish event {}: no such kind of end", to_int(lease.seq)));
}

}  // namespace sluice::journal::sqlite
