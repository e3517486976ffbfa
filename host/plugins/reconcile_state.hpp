#pragma once
// How the journal keeps a reconciliation: connector state "reconcile/FLOW/...".

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/journal/journal.hpp"
#include "core/reconcile/run.hpp"

namespace sluice::host {

/// The run under way, or the last one (core/reconcile/run.hpp).
std::string reconcile_run_state(std::string_view flow);
/// When its timetable started one last: Unix milliseconds in decimal.
std::string reconcile_scheduled_state(std::string_view flow);
/// The findings of one page, by number: {"run","findings":[...]}. A later run writes over those of an earlier one.
std::string reconcile_findings_state(std::string_view flow, std::int64_t page);
std::string findings_text(const std::string& run, const std::vector<reconcile::Finding>& findings);

/// A run and a page of what it found.
struct ReconcileReport {
    std::optional<reconcile::Run> run;  ///< nothing: there was none yet
    std::vector<reconcile::Finding> findings;
    std::optional<std::int64_t> next;  ///< the page to ask for next; nothing: these are the last
};
/// `page` is 0 for the first.
Result<ReconcileReport> read_reconcile_report(journal::ConnectorMemory& journal, const std::string& connector,
                                              std::string_view flow, std::int64_t page);
/// {"run":{...},"findings":[...],"next":1 or null}
std::string to_json(const ReconcileReport& report);

}  // namespace sluice::host
