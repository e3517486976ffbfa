#include "host/service/contract_watch.hpp"

#include <algorithm>
#include <chrono>

#include "host/plugins/connector_contract.hpp"
#include "host/plugins/gated_access.hpp"

namespace sluice::host {
namespace {

using contract_check::Severity;

void tell(const telemetry::Logger& log, const std::string& connector, const ContractReport& report,
          const ContractReport* before) {
    for (const auto& finding : report.findings) {
        if (before != nullptr && std::ranges::find(before->findings, finding) != before->findings.end()) continue;
        if (finding.severity == Severity::error)
            log.error("the contract does not fit Odoo", {.connector = connector}, {{"finding", finding.to_string()}});
        else
            log.warning("the contract may not fit Odoo", {.connector = connector}, {{"finding", finding.to_string()}});
    }
    const bool was_wrong = before != nullptr && !is_fine(*before);
    if (is_fine(report) && (before == nullptr || was_wrong))
        log.info("the contract fits Odoo", {.connector = connector}, {{"against", report.against}});
}

}  // namespace

ContractWatch::ContractWatch(const CurrentSet& current, delivery::AdmissionControl& admission, const Clock& clock,
                             const telemetry::Logger& log, std::int64_t every_ms)
    : current_(current), admission_(admission), clock_(clock), log_(log), every_ms_(every_ms), thread_([this] {
          run();
      }) {}

ContractWatch::~ContractWatch() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        if (cancel_) cancel_();
        wake_.notify_one();
    }
    thread_.join();
}

void ContractWatch::look_now() {
    const std::lock_guard lock(mutex_);
    now_ = true;
    wake_.notify_one();
}

std::optional<ContractStatus> ContractWatch::status(const std::string& connector) const {
    const std::lock_guard lock(mutex_);
    const auto found = known_.find(connector);
    return found == known_.end() ? std::nullopt : std::optional(found->second);
}

ContractReport ContractWatch::report_of(const Connector& connector, const OdooDatabase& database) {
    const auto contract = contract_of(connector);
    http::Client http(database.account.endpoint);
    GatedOdoo odoo(std::make_unique<LaneOdoo>(database, connector.name, connector.context),
                   admission_.odoo(connector.odoo), connector.name);
    {
        const std::lock_guard lock(mutex_);
        cancel_ = [&] {
            http.cancel();
            odoo.cancel();
        };
        if (stopping_) cancel_();
    }
    ContractReport report{
        .connector = connector.name, .contract = contract.contract->name, .against = "", .findings = {}};
    const auto version = database.version->refresh(http, database.account.timeouts);
    if (version)
        report = check_live(contract, odoo.caller(), *version, database.account.database);
    else
        report.error = version.error();
    const std::lock_guard lock(mutex_);
    cancel_ = nullptr;
    return report;
}

void ContractWatch::keep(const std::string& connector, ContractReport report) {
    std::optional<ContractReport> before;
    if (auto known = status(connector)) before = std::move(known->report);
    if (report.error && before) report.findings = before->findings;
    {
        const std::lock_guard lock(mutex_);
        known_.insert_or_assign(connector, ContractStatus{.at_ms = clock_.now_ms(), .report = report});
    }
    if (!report.error) return tell(log_, connector, report, before ? &*before : nullptr);
    if (before && before->error && before->error->message == report.error->message) return;
    log_.warning("the contract could not be held against Odoo; it is tried again", {.connector = connector},
                 {{"error", report.error->message}});
}

bool ContractWatch::look() {
    const auto set = current_.get();
    bool all_answered = true;
    for (const auto& connector : set->all_connectors()) {
        const auto database = set->database(connector->odoo);
        if (!database) continue;
        auto report = report_of(*connector, *database);
        {
            const std::lock_guard lock(mutex_);
            if (stopping_) return true;
        }
        all_answered = all_answered && !report.error;
        keep(connector->name, std::move(report));
    }
    const std::lock_guard lock(mutex_);
    std::erase_if(known_, [&](const auto& one) { return !set->connector(one.first); });
    return all_answered;
}

void ContractWatch::run() {
    std::int64_t due_ms = 0;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        if (now_ || clock_.now_ms() >= due_ms) {
            now_ = false;
            lock.unlock();
            const bool answered = look();
            due_ms = clock_.now_ms() + (answered ? every_ms_ : std::min(retry_ms, every_ms_));
            lock.lock();
            continue;
        }
        const auto sleep_ms = std::clamp<std::int64_t>(due_ms - clock_.now_ms(), 1, longest_sleep_ms);
        wake_.wait_for(lock, std::chrono::milliseconds(sleep_ms), [this] { return stopping_ || now_; });
    }
}

}  // namespace sluice::host
