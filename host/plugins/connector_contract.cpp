#include "host/plugins/connector_contract.hpp"

namespace sluice::host {

CheckedContract contract_of(const Connector& connector) {
    return {.connector = connector.name,
            .contract = &connector.plugin->contract,
            .file = connector.plugin->name + ".contract.toml",
            .is_on = [&connector](const contract::Flow& flow) { return is_on(connector, flow); }};
}

}  // namespace sluice::host
