#include "host/contracts/contract_report.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/contract_check/live.hpp"
#include "host/contracts/odoo_lists.hpp"

namespace sluice::host {
namespace {

using contract_check::FieldLists;
using contract_check::Finding;
using contract_check::Severity;

ContractReport report_of(const CheckedContract& contract, const FieldLists& lists) {
    return {.connector = contract.connector,
            .contract = fmt::format("{} {}", contract.contract->name, contract.contract->version),
            .against = lists.source,
            .findings = contract_check::check(*contract.contract, contract.file,
                                              {.lists = lists, .recorded = recorded_fields(), .names = version_names()},
                                              contract.is_on),
            .error = std::nullopt};
}

std::size_t count(const std::vector<ContractReport>& reports, Severity severity) {
    std::size_t sum = 0;
    for (const auto& report : reports) sum += contract_check::count(report.findings, severity);
    return sum;
}

}  // namespace

Result<ContractReport> check_recorded(const CheckedContract& contract, int version) {
    const auto& lists = recorded_fields().of(version);
    if (lists.version != version) {
        std::vector<std::string> known;
        for (const auto one : recorded_fields().versions()) known.push_back(std::to_string(one));
        return fail(Failure::invalid,
                    fmt::format("there are no lists of Odoo {}, only of {}", version, list_names(known)));
    }
    return report_of(contract, lists);
}

ContractReport check_live(const CheckedContract& contract, odoo::Caller& odoo, const odoo::ServerVersion& version,
                          const std::string& database) {
    FieldLists lists{
        .version = version.major, .source = fmt::format("Odoo {} (database {})", version.text, database), .models = {}};
    std::vector<const contract::Flow*> flows;
    for (const auto& [name, flow] : contract.contract->flows) {
        if (contract.is_on(flow)) flows.push_back(&flow);
    }
    const auto asked = contract_check::ask_needed(odoo, flows, recorded_fields().of(version.major), lists);
    if (asked) return report_of(contract, lists);
    return {.connector = contract.connector,
            .contract = fmt::format("{} {}", contract.contract->name, contract.contract->version),
            .against = lists.source,
            .findings = {},
            .error = asked.error()};
}

bool is_fine(const ContractReport& report) {
    return !report.error && contract_check::count(report.findings, Severity::error) == 0;
}

std::string to_text(const std::vector<ContractReport>& reports) {
    std::string text;
    for (const auto& report : reports) {
        const auto name =
            report.connector.empty() ? report.contract : fmt::format("{} ({})", report.connector, report.contract);
        if (report.error) {
            text += fmt::format("{}: not checked: {}\n", name, report.error->message);
            continue;
        }
        text += fmt::format("{} against {}: {}\n", name, report.against,
                            report.findings.empty() ? "fine"
                            : is_fine(report)       ? "fine, with warnings"
                                                    : "does not fit");
        for (const auto& finding : report.findings) text += "  " + finding.to_string() + "\n";
    }
    const auto errors = count(reports, Severity::error), warnings = count(reports, Severity::warning);
    return text + fmt::format("{} error{}, {} warning{}\n", errors, errors == 1 ? "" : "s", warnings,
                              warnings == 1 ? "" : "s");
}

void write_finding(json::Writer& out, const Finding& finding) {
    out.begin_object();
    out.key("severity").string(finding.severity == Severity::error ? "error" : "warning");
    out.key("file").string(finding.file).key("line").integer(finding.line).key("column").integer(finding.column);
    out.key("path").string(finding.path).key("model").string(finding.model).key("field").string(finding.field);
    out.key("message").string(finding.message).key("right").string(finding.right);
    out.end_object();
}

std::string to_json(const std::vector<ContractReport>& reports) {
    json::Writer out;
    out.begin_object().key("contracts").begin_array();
    for (const auto& report : reports) {
        out.begin_object();
        out.key("connector").string(report.connector).key("contract").string(report.contract);
        out.key("against").string(report.against);
        out.key("error");
        if (report.error)
            out.string(report.error->message);
        else
            out.null();
        out.key("findings").begin_array();
        for (const auto& finding : report.findings) write_finding(out, finding);
        out.end_array().end_object();
    }
    out.end_array();
    out.key("errors").integer(static_cast<std::int64_t>(count(reports, Severity::error)));
    out.key("warnings").integer(static_cast<std::int64_t>(count(reports, Severity::warning)));
    return out.end_object().take();
}

}  // namespace sluice::host
