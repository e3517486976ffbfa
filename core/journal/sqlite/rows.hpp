#pragma once
// How rows become values, shared by what writes and what reads.

#include <string_view>

#include "core/journal/sqlite/database.hpp"
#include "core/journal/types.hpp"

namespace sluice::journal::sqlite {

/// The columns of an EventSummary, in read_summary()'s order.
#define SLUICE_SUMMARY_COLUMNS                                                                                  \
    "seq, state, connector, event_id, flow, order_name, ordering_key, topic, revision, record, occurred_at_ms," \
    " appended_at_ms, available_at_ms, attempts, counted_failures, attempt_unknown, holds_key, outcome"

/// How the outcome of an event begins that was appended as a dead letter.
inline constexpr std::string_view appended_dead = "invalid: ";

EventSummary read_summary(const Query& row);

/// Adds payload and headers of an event.
Result<void> read_contents(Database& database, Seq seq, std::string& payload, std::string& headers);

}  // namespace sluice::journal::sqlite
