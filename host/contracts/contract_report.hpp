#pragma once
// The contracts of connectors against an Odoo, and how the outcome is told.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/contract/contract.hpp"
#include "core/contract_check/check.hpp"
#include "core/odoo/client.hpp"
#include "core/odoo/server_version.hpp"

namespace sluice::host {

/// A contract to be checked; what it points to outlives the call.
struct CheckedContract {
    std::string connector;  ///< "" where a file is checked alone
    const contract::Contract* contract = nullptr;
    std::string file;  ///< its name in messages
    std::function<bool(const contract::Flow&)> is_on;
};

/// What was found of one of them.
struct ContractReport {
    std::string connector, contract;
    std::string against;  ///< "Odoo 17.0 (database shop)"
    std::vector<contract_check::Finding> findings;
    std::optional<Error> error;  ///< nothing could be found: Odoo does not answer, or lets nobody in
};

/// Against the lists recorded of a version; Failure::invalid, naming those there are, where there are none of it.
Result<ContractReport> check_recorded(const CheckedContract& contract, int version);
/// Against a database. Blocking: a handful of calls a model.
ContractReport check_live(const CheckedContract& contract, odoo::Caller& odoo, const odoo::ServerVersion& version,
                          const std::string& database);

/// Whether nothing is wrong, warnings aside.
bool is_fine(const ContractReport& report);
/// Lines for people, the last a count.
std::string to_text(const std::vector<ContractReport>& reports);
/// {"contracts":[{"connector","contract","against","error","findings":[{"severity","file","line","column","path",
/// "model","field","message","right"}]}],"errors","warnings"}
std::string to_json(const std::vector<ContractReport>& reports);
/// One finding as an element of it.
void write_finding(json::Writer& out, const contract_check::Finding& finding);

}  // namespace sluice::host
