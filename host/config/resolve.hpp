#pragma once
// The configuration against the plugins that are there: what the service runs with.

#include <map>
#include <string>
#include <vector>

#include "core/odoo/client.hpp"
#include "host/config/configuration.hpp"
#include "host/plugins/plugin_handler.hpp"
#include "host/queue/nats_account.hpp"

namespace sluice::host {

/// Everything the service needs of the outside, secrets read.
struct Setup {
    std::vector<Connector> connectors;                      ///< the enabled ones, by name
    std::vector<std::string> disabled;                      ///< names of the others
    std::map<std::string, odoo::Account> odoo;              ///< by the NAME of [odoo.NAME]
    std::map<std::string, delivery::CallCeiling> ceilings;  ///< of these; the default where there is none
    std::map<std::string, NatsAccount> nats;                ///< by the NAME of [nats.NAME]
    std::vector<Secret> journal_keys;                       ///< 32 bytes each; the first seals, any opens
};

struct ResolvedSetup {
    Setup setup;
    std::vector<Problem> problems;  ///< where there is one, `setup` is incomplete
};

/// Finds each connector's plugin and Odoo database, checks its keys against the contract's (unknown, missing, of
/// another type, no choice), and reads the secrets of what is enabled. Every problem at once; none of them holds a
/// secret.
ResolvedSetup resolve(const Configuration& configuration, const PluginSet& plugins);

/// What keeps a host from working in this data directory: "" where it is a folder this process may write to, or can be
/// made one.
std::string data_dir_problem(const std::filesystem::path& data_dir);

}  // namespace sluice::host
