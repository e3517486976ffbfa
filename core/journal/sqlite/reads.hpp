#pragma once
// What is asked of the journal. Each function reads one snapshot of what was committed.

#include <vector>

#include "core/journal/sqlite/database.hpp"
#include "core/journal/sqlite/sealer.hpp"
#include "core/journal/types.hpp"

namespace sluice::journal::sqlite {

Result<std::vector<EventSummary>> ready(Database& database, const std::string& connector, const std::string& flow,
                                        std::int64_t until_ms, int limit);
Result<std::optional<std::int64_t>> next_available(Database& database, const std::string& connector,
                                                   const std::string& flow, std::int64_t after_ms);
Result<std::string> applied_revision(Database& database, const std::string& connector, const std::string& order,
                                     const std::string& ordering_key);
Result<StateValue> get_state(Database& database, const Sealer& sealer, const std::string& connector,
                             const std::string& name);
Result<std::vector<NamedState>> states(Database& database, const Sealer& sealer, const std::string& connector,
                                       const std::string& after, const std::string& up_to, int limit);
Result<std::vector<EventSummary>> list(Database& database, const EventFilter& filter);
Result<std::optional<EventDetail>> show(Database& database, const Sealer& sealer, Seq seq);
Result<Counts> counts(Database& database, const std::string& connector);
Result<std::vector<FlowCounts>> flow_counts(Database& database, const std::string& connector);
Result<std::vector<std::string>> connectors(Database& database);
Result<std::vector<DeadLetterGroup>> dead_letter_groups(Database& database, const EventFilter& filter);
Result<std::vector<Pause>> pauses(Database& database);
Result<std::optional<EventSummary>> find(Database& database, Seq seq);

}  // namespace sluice::journal::sqlite
