#include "host/plugins/odoo_access.hpp"

#include "host/contracts/odoo_lists.hpp"
#include "host/plugins/limits.hpp"
#include "host/plugins/plugin_handler.hpp"

namespace sluice::host {
namespace {

odoo::Account for_probing(odoo::Account account) {
    account.timeouts.connect_ms = std::min(account.timeouts.connect_ms, probe_connect_ms);
    account.timeouts.total_ms = std::min(account.timeouts.total_ms, probe_total_ms);
    return account;
}

odoo::Account with_context(odoo::Account account, const odoo::CallContext& context) {
    account.context = context;
    return account;
}

}  // namespace

std::vector<Result<odoo::Written>> OdooAccess::write_all(odoo::Caller& through,
                                                         const std::vector<odoo::RecordWriter::Write>& writes) {
    std::vector<Result<odoo::Written>> out;
    bool go_on = true;
    for (const auto& one : writes) {
        out.push_back(go_on ? write(through, *one.memory, *one.record) : fail(Failure::retry, "not tried"));
        go_on = go_on && (out.back() || odoo::concerns_one_record(out.back().error().failure));
    }
    return out;
}

LaneOdoo::LaneOdoo(const OdooDatabase& database, std::string connector, const odoo::CallContext& context)
    : client_(with_context(database.account, context), database.session),
      prober_(for_probing(database.account), database.session),
      flights_(database.flights),
      version_(database.version),
      lookups_(database.lookups),
      version_client_(database.account.endpoint),
      timeouts_(database.account.timeouts),
      connector_(std::move(connector)) {}

Result<odoo::Written> LaneOdoo::write(odoo::Caller& through, odoo::IdMemory& memory,
                                      const mapping::MappedRecord& record) {
    odoo::RecordWriter writer(through, *flights_, memory, connector_, lookups_.get());
    return writer.write(record);
}

std::vector<Result<odoo::Written>> LaneOdoo::write_all(odoo::Caller& through,
                                                       const std::vector<odoo::RecordWriter::Write>& writes) {
    if (writes.empty()) return {};
    odoo::RecordWriter writer(through, *flights_, *writes.front().memory, connector_, lookups_.get());
    return writer.write_all(writes);
}

Result<mapping::MappedRecord> LaneOdoo::in_its_names(const mapping::MappedRecord& record) {
    if (!version_names().concern(record)) return record;
    const auto version = version_->get(version_client_, timeouts_);
    if (!version) return std::unexpected(version.error());
    return version_names().in_version(record, version->major);
}

void LaneOdoo::cancel() {
    client_.cancel();
    prober_.cancel();
    version_client_.cancel();
}

}  // namespace sluice::host
