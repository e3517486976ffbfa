#pragma once
// What a reconciliation found, for people.

#include <string>

#include "core/json/json.hpp"

namespace sluice::host {

/// The head of a report, of the admin API's answer: where the run stands.
std::string render_reconcile_run(const std::string& subject, const json::Value& report);
/// One page of findings, a line each, the differences below it.
std::string render_findings(const json::Value& report);

}  // namespace sluice::host
