#include "host/plugins/reconcile_state.hpp"

#include <fmt/format.h>

#include "host/plugins/delivery_state.hpp"

namespace sluice::host {

std::string reconcile_run_state(std::string_view flow) {
    return fmt::format("{}{}/run", DeliveryState::reconcile_prefix, flow);
}

std::string reconcile_scheduled_state(std::string_view flow) {
    return fmt::format("{}{}/scheduled", DeliveryState::reconcile_prefix, flow);
}

std::string reconcile_findings_state(std::string_view flow, std::int64_t page) {
    return fmt::format("{}{}/found/{:09}", DeliveryState::reconcile_prefix, flow, page);
}

std::string findings_text(const std::string& run, const std::vector<reconcile::Finding>& findings) {
    json::Writer out;
    out.begin_object().key("run").string(run).key("findings").begin_array();
    for (const auto& finding : findings) reconcile::write_json(out, finding);
    return out.end_array().end_object().take();
}

Result<ReconcileReport> read_reconcile_report(journal::ConnectorMemory& journal, const std::string& connector,
                                              std::string_view flow, std::int64_t page) {
    ReconcileReport report;
    const auto run = journal.get_state(connector, reconcile_run_state(flow));
    if (!run) return std::unexpected(run.error());
    report.run = reconcile::Run::parse(run->value);
    if (!report.run || page < 0 || page >= report.run->finding_pages) return report;
    const auto kept = journal.get_state(connector, reconcile_findings_state(flow, page));
    if (!kept) return std::unexpected(kept.error());
    const auto document = json::Document::parse(kept->value);
    const auto of_run = document ? document->root().find("run") : std::nullopt;
    // Otherwise a newer run has begun to write over it since.
    if (of_run && of_run->text() == report.run->id) {
        const auto findings = document->root().find("findings");
        for (std::size_t i = 0; findings && i < findings->size(); ++i) {
            if (auto finding = reconcile::read_finding(findings->at(i))) report.findings.push_back(std::move(*finding));
        }
    }
    if (page + 1 < report.run->finding_pages) report.next = page + 1;
    return report;
}

std::string to_json(const ReconcileReport& report) {
    json::Writer out;
    out.begin_object().key("run");
    if (report.run) {
        out.raw(report.run->to_json());
    } else {
        out.null();
    }
    out.key("findings").begin_array();
    for (const auto& finding : report.findings) reconcile::write_json(out, finding);
    out.end_array().key("next");
    if (report.next) {
        out.integer(*report.next);
    } else {
        out.null();
    }
    return out.end_object().take();
}

}  // namespace sluice::host
