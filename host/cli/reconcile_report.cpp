#include "host/cli/reconcile_report.hpp"

#include <fmt/format.h>

#include "core/reconcile/run.hpp"
#include "host/cli/tables.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t max_text = 200;

std::string line_of(const reconcile::Finding& finding) {
    auto line = fmt::format("  {:<8}  {}", to_string(finding.kind),
                            finding.external_id.empty() ? "record " + finding.record : finding.external_id);
    if (finding.odoo_id > 0) line += fmt::format("  {} {}", finding.model, finding.odoo_id);
    if (!finding.revision.empty()) line += "  of " + finding.revision;
    if (!finding.applied.empty() && finding.applied != finding.revision) line += ", written " + finding.applied;
    if (!finding.guard.empty()) line += "; kept as it is: " + finding.guard;
    if (!finding.why.empty()) line += "; " + finding.why;
    if (finding.repaired) line += "; is written again";
    return one_line(line, 2 * max_text) + "\n";
}

}  // namespace

std::string render_reconcile_run(const std::string& subject, const json::Value& report) {
    const auto value = report.find("run");
    const auto run = value ? reconcile::Run::parse(value->raw()) : std::nullopt;
    if (!run) return subject + ": never reconciled\n";
    const auto stands = run->phase == reconcile::Phase::done
                            ? std::string()
                            : fmt::format(" (it goes on: page {}, {})", run->pages + 1,
                                          run->phase == reconcile::Phase::listed ? "the vendor's" : "Odoo's");
    return fmt::format("{}: {}{}\n", subject, to_sentence(*run), stands);
}

std::string render_findings(const json::Value& report) {
    std::string text;
    const auto findings = report.find("findings");
    for (std::size_t i = 0; findings && i < findings->size(); ++i) {
        const auto finding = reconcile::read_finding(findings->at(i));
        if (!finding) continue;
        text += line_of(*finding);
        for (const auto& one : finding->differences)
            text += one_line(fmt::format("              {}{}{}: {} -> {}", one.record, one.field.empty() ? "" : " ",
                                         one.field, one.now.empty() ? "nothing" : one.now,
                                         one.then.empty() ? "nothing" : one.then),
                             2 * max_text) +
                    "\n";
        if (finding->more > 0) text += fmt::format("              and {} more\n", finding->more);
    }
    return text;
}

}  // namespace sluice::host
