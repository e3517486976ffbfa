#include "host/plugins/odoo_access.hpp"

#include "host/plugins/limits.hpp"
#include "host/plugins/plugin_handler.hpp"

namespace sluice::host {
namespace {

odoo::Account for_probing(odoo::Account account) {
    account.timeouts.connect_ms = std::min(account.timeouts.connect_ms, probe_connect_ms);
    account.timeouts.total_ms = std::min(account.timeouts.total_ms, probe_total_ms);
    return account;
}

}  // namespace

LaneOdoo::LaneOdoo(const OdooDatabase& database, std::string connector)
    : client_(database.account, database.session),
      prober_(for_probing(database.account), database.session),
      flights_(database.flights),
      connector_(std::move(connector)) {}

Result<odoo::Written> LaneOdoo::write(odoo::Caller& through, odoo::IdMemory& memory,
                                      const mapping::MappedRecord& record) {
    odoo::RecordWriter writer(through, *flights_, memory, connector_);
    return writer.write(record);
}

void LaneOdoo::cancel() {
    client_.cancel();
    prober_.cancel();
}

}  // namespace sluice::host
