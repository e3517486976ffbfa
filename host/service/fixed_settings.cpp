#include "host/service/fixed_settings.hpp"

namespace sluice::host {

std::vector<std::string> fixed_differences(const Configuration& before, const Configuration& after) {
    std::vector<std::string> different;
    const auto compare = [&](bool same, const char* name) {
        if (!same) different.emplace_back(name);
    };
    compare(before.host.data_dir == after.host.data_dir, "host.data_dir");
    compare(before.host.admin_socket == after.host.admin_socket, "host.admin_socket");
    compare(before.host.log_level == after.host.log_level, "host.log_level");
    compare(before.host.journal_max_bytes == after.host.journal_max_bytes, "host.journal_max_bytes");
    compare(before.host.contract_check_ms == after.host.contract_check_ms, "host.contract_check_ms");
    compare(before.host.journal_keys == after.host.journal_keys, "host.journal_key");
    const auto &old = before.ingress, &now = after.ingress;
    compare(old.listen.address == now.listen.address && old.listen.port == now.listen.port, "ingress.listen");
    compare(old.max_body_bytes == now.max_body_bytes, "ingress.max_body_bytes");
    compare(old.max_connections == now.max_connections, "ingress.max_connections");
    compare(old.max_waiting == now.max_waiting, "ingress.max_waiting");
    compare(old.max_in_flight == now.max_in_flight, "ingress.max_in_flight");
    compare(old.request_timeout_ms == now.request_timeout_ms, "ingress.request_timeout_ms");
    return different;
}

}  // namespace sluice::host
