#pragma once
// The account Sluice works as: what it may do, against what the enabled contracts need.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/contract/contract.hpp"
#include "core/contract_check/needs.hpp"
#include "core/odoo/client.hpp"
#include "core/odoo/server_version.hpp"

namespace sluice::host {

/// A flow that is on; what it points to outlives the call.
struct EnabledFlow {
    std::string connector;
    const contract::Flow* flow = nullptr;
};

/// What all of these flows need together, and read on ir.model.data, by which an external id is found in one call.
contract_check::Needs rights_of(const std::vector<EnabledFlow>& flows, const contract_check::FieldLists& lists);

/// The least rights as a table for people.
std::string rights_table(const contract_check::Needs& needs);
/// As a CSV an administrator imports into the model ir.model.access. It refers to the group of group_csv(), which is
/// imported first, into res.groups.
std::string rights_csv(const contract_check::Needs& needs);
std::string group_csv();

struct AccountReport {
    std::string odoo, database, login, protocol;
    std::string version;
    std::int64_t uid = 0;
    std::string name;  ///< the user's
    struct Key {
        std::string name, expires;  ///< "": never
    };
    std::vector<Key> keys;        ///< the account's API keys, where Odoo tells
    bool keys_may_expire = true;  ///< false: this Odoo knows no expiry
    struct Lacking {
        std::string connector, flow, model, what;  ///< "write, create"
    };
    std::vector<Lacking> lacking;
    std::vector<std::string> flows;     ///< "shop order", all that were looked at
    std::vector<std::string> warnings;  ///< that it may far more
    std::optional<Error> error;
};

/// Asks as that account. Blocking. What Odoo does not tell is left out.
AccountReport check_account(const odoo::Account& account, odoo::Caller& caller, const odoo::ServerVersion& version,
                            const std::vector<EnabledFlow>& flows, std::int64_t now_ms);

std::string to_text(const AccountReport& report);
void write_json(json::Writer& out, const AccountReport& report);

}  // namespace sluice::host
