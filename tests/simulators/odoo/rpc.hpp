#pragma once
// The services behind /jsonrpc (common, db, object) and /web/dataset/call_kw: authentication, one transaction a call.

#include <string>
#include <string_view>

#include "tests/simulators/odoo/environment.hpp"
#include "tests/simulators/odoo/faults.hpp"

namespace sluice::sim {

class Rpc {
public:
    explicit Rpc(Database& database) : database_(database) {}

    // odoo.service.common/db/model .dispatch(); raises OdooError.
    json::value dispatch(const std::string& service, const std::string& method, const json::array& args);
    // A call of a logged-in session. `call_kw` says KeyError for an unknown model, /jsonrpc UserError.
    json::value call_kw(std::int64_t uid, const std::string& model, const std::string& method, json::array args,
                        json::object kwargs);
    json::object version_info() const;

    // What a fault would be matched against.
    static FaultSubject subject(const std::string& path, const json::object& params);

private:
    json::value common(const std::string& method, const json::array& args);
    json::value db(const std::string& method, const json::array& args);
    json::value object(const std::string& method, const json::array& args);
    void check_database(const json::value& name) const;
    json::value run(std::int64_t uid, const std::string& model, const std::string& method, json::array args,
                    json::object kwargs);
    std::string server_version() const;

    Database& database_;
};

// PostgreSQL is not reachable (FACTS section 4, transient conditions).
[[noreturn]] void raise_pg_down();

}  // namespace sluice::sim
