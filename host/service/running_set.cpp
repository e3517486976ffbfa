#include "host/service/running_set.hpp"

#include <algorithm>

namespace sluice::host {
namespace {

bool same(const Secret& left, const Secret& right) {
    return left.reveal() == right.reveal();
}

bool same(const odoo::Account& left, const odoo::Account& right) {
    const auto parts = [](const odoo::Account& account) {
        return std::tie(account.endpoint, account.database, account.login, account.protocol, account.timeouts,
                        account.max_response_bytes);
    };
    return parts(left) == parts(right) && same(left.api_key, right.api_key) && same(left.password, right.password);
}

bool same(const std::map<std::string, Secret>& left, const std::map<std::string, Secret>& right) {
    return std::ranges::equal(left, right, [](const auto& one, const auto& other) {
        return one.first == other.first && same(one.second, other.second);
    });
}

bool same(const std::map<std::string, contract::Retry>& left, const std::map<std::string, contract::Retry>& right) {
    return std::ranges::equal(left, right, [](const auto& one, const auto& other) {
        return one.first == other.first && one.second.base_ms == other.second.base_ms &&
               one.second.cap_ms == other.second.cap_ms && one.second.limit == other.second.limit;
    });
}

/// An extended plugin is made anew each time the configuration is read.
bool same_plugin(const Connector& left, const Connector& right) {
    const bool extended = !left.extension.empty() && left.plugin->table == right.plugin->table;
    return left.extension == right.extension && (left.plugin == right.plugin || extended);
}

bool same(const Connector& left, const Connector& right) {
    return left.name == right.name && same_plugin(left, right) && left.lanes == right.lanes &&
           left.odoo == right.odoo && left.limits == right.limits && left.rate_limit_group == right.rate_limit_group &&
           left.nats == right.nats && left.context == right.context && left.config == right.config &&
           same(left.secrets, right.secrets) && same(left.retry, right.retry) && left.retention == right.retention &&
           left.modes == right.modes;
}

/// The guards of a database are one, whatever accounts and tables speak to it: two that each make a new guest would
/// make two.
std::shared_ptr<odoo::SingleFlight> flights_of(const odoo::Account& account, const RunningSet& set,
                                               const RunningSet& before) {
    const auto where = [](const odoo::Account& one) {
        return std::tuple(std::string_view(one.endpoint.host), std::string_view(one.endpoint.port),
                          std::string_view(one.endpoint.base_path), std::string_view(one.database));
    };
    for (const auto* known : {&set, &before}) {
        for (const auto& [name, database] : known->databases) {
            if (where(database->account) == where(account)) return database->flights;
        }
    }
    return std::make_shared<odoo::SingleFlight>();
}

}  // namespace

std::shared_ptr<const Connector> RunningSet::connector(const std::string& name) const {
    const auto found = connectors.find(name);
    return found == connectors.end() ? nullptr : found->second;
}

std::shared_ptr<const OdooDatabase> RunningSet::database(const std::string& name) const {
    const auto found = databases.find(name);
    return found == databases.end() ? nullptr : found->second;
}

std::vector<std::shared_ptr<const Connector>> RunningSet::all_connectors() const {
    std::vector<std::shared_ptr<const Connector>> all;
    for (const auto& [name, connector] : connectors) all.push_back(connector);
    return all;
}

std::map<std::string, std::string> RunningSet::installations() const {
    std::map<std::string, std::string> all;
    for (const auto& [name, database] : databases) {
        const auto& endpoint = database->account.endpoint;
        all.emplace(name, endpoint.name() + endpoint.base_path + " " + database->account.database);
    }
    return all;
}

std::shared_ptr<const RunningSet> make_running_set(const Setup& setup, const RunningSet& before) {
    auto set = std::make_shared<RunningSet>();
    for (const auto& [name, account] : setup.odoo) {
        auto known = before.database(name);
        if (!known || !same(known->account, account)) {
            known = std::make_shared<const OdooDatabase>(OdooDatabase{.account = account,
                                                                      .session = odoo::make_shared_session(),
                                                                      .flights = flights_of(account, *set, before)});
        }
        set->databases.emplace(name, std::move(known));
    }
    for (const auto& connector : setup.connectors) {
        auto known = before.connector(connector.name);
        if (!known || !same(*known, connector)) known = std::make_shared<const Connector>(connector);
        set->connectors.emplace(connector.name, std::move(known));
    }
    set->disabled = setup.disabled;
    set->nats = setup.nats;
    return set;
}

SetChange difference(const RunningSet& before, const RunningSet& after) {
    SetChange change;
    for (const auto& [name, connector] : before.connectors) {
        const auto next = after.connector(name);
        if (!next)
            change.stopped.push_back(name);
        else if (next != connector || before.database(connector->odoo) != after.database(next->odoo))
            change.restarted.push_back(name);
    }
    for (const auto& [name, connector] : after.connectors) {
        if (!before.connector(name)) change.started.push_back(name);
    }
    return change;
}

}  // namespace sluice::host
