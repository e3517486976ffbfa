#pragma once
// How rows become values, shared by what writes and what reads.

#include <functional>
#include <string_view>
#include <vector>

#include "core/journal/sqlite/database.hpp"
#include "core/journal/types.hpp"

namespace sluice::journal::sqlite {

/// The columns of an EventSummary, in read_summary()'s order.
#define SLUICE_SUMMARY_COLUMNS                                                                                  \
    "seq, state, connector, event_id, flow, order_name, ordering_key, topic, revision, record, occurred_at_ms," \
    " appended_at_ms, available_at_ms, ready_at_ms, ended_at_ms, attempts, counted_failures, attempt_unknown,"  \
    " holds_key, fingerprint, outcome, replayed_at_ms"

/// How the outcome of an event begins that was appended as a dead letter.
inline constexpr std::string_view appended_dead = "invalid: ";

EventSummary read_summary(const Query& row);

/// Every row of a query, in order, until there is an error.
Result<void> each_row(Result<Query> rows, const std::function<void(const Query&)>& take);
Result<std::vector<EventSummary>> read_summaries(Result<Query> rows);

/// Adds to an event's notes; of many the last max_notes_kept are kept.
Result<void> keep_note(Database& database, Seq seq, const Note& note);

/// At most `max_message_bytes` of a text, cut between UTF-8 characters.
std::string bounded_message(std::string_view message);

}  // namespace sluice::journal::sqlite
