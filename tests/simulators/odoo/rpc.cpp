#include "tests/simulators/odoo/rpc.hpp"

#include "tests/simulators/odoo/methods.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/transaction.hpp"
#include "tests/simulators/odoo/users.hpp"

namespace sluice::sim {

namespace {

const json::value& at(const json::array& args, std::size_t index) {
    if (index >= args.size()) throw OdooError("builtins.IndexError", "list index out of range");
    return args[index];
}

std::int64_t to_uid(const json::value& value) {
    if (const auto id = as_id(value)) return *id;
    throw type_error("int() argument must be a string, a bytes-like object or a real number, not '" +
                     py_type_name(value) + "'");
}

}  // namespace

void raise_pg_down() {
    throw OdooError(
        "psycopg2.OperationalError",
        "connection to server at \"127.0.0.1\", port 5432 failed: Connection refused\n\tIs the server running on that "
        "host and accepting TCP/IP connections?\n");
}

std::string Rpc::server_version() const {
    return std::to_string(database_.version) + ".0";
}

json::object Rpc::version_info() const {
    return {{"server_version", server_version()},
            {"server_version_info", json::array{database_.version, 0, 0, "final", 0, ""}},
            {"server_serie", server_version()},
            {"protocol_version", 1}};
}

FaultSubject Rpc::subject(const std::string& path, const json::object& params) {
    FaultSubject subject{path, {}, {}};
    const auto text = [&](std::string_view key) {
        const auto* value = params.if_contains(key);
        return value != nullptr && value->is_string() ? as_text(*value) : std::string();
    };
    subject.method = path == "/web/session/authenticate" ? "authenticate" : text("method");
    subject.model = text("model");
    const auto* args = params.if_contains("args");
    if (path == "/jsonrpc" && text("service") == "object" && args != nullptr && args->is_array() &&
        args->get_array().size() > 4) {
        subject.model = as_text(args->get_array()[3]);
        subject.method = as_text(args->get_array()[4]);
    }
    return subject;
}

void Rpc::check_database(const json::value& name) const {
    if (py_str(name) == database_.name) return;
    throw OdooError("psycopg2.OperationalError",
                    "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  database \"" + py_str(name) +
                        "\" does not exist\n");
}

json::value Rpc::dispatch(const std::string& service, const std::string& method, const json::array& args) {
    if (service == "common") return common(method, args);
    if (service == "db") return db(method, args);
    if (service == "object") return object(method, args);
    throw key_error(service);
}

json::value Rpc::common(const std::string& method, const json::array& args) {
    if (method == "version") return version_info();
    if (method == "login" || method == "authenticate") {
        check_database(at(args, 0));
        const Transaction transaction(database_);
        const auto uid = users::login(database_, py_str(at(args, 1)), py_str(at(args, 2)), false);
        return uid == 0 ? json::value(false) : json::value(uid);
    }
    if (method == "about" || method == "set_loglevel") throw not_claimed("common." + method);
    throw OdooError("builtins.Exception", "Method not found: " + method);
}

json::value Rpc::db(const std::string& method, const json::array& args) {
    if (method == "server_version") return json::value(server_version());
    if (method == "list") return json::array{json::value(database_.name)};
    if (method == "db_exist") return json::value(py_str(at(args, 0)) == database_.name);
    throw not_claimed("db." + method);
}

json::value Rpc::object(const std::string& method, const json::array& args) {
    if (database_.version >= 19 && args.size() < 5) {
        throw value_error("not enough values to unpack (expected at least 5, got " + std::to_string(args.size()) + ")");
    }
    const auto& name = at(args, 0);
    const auto uid = to_uid(at(args, 1));
    const auto& secret = at(args, 2);
    if (method != "execute_kw" && method != "execute") {
        throw OdooError("builtins.NameError", "Method not available " + method);
    }
    check_database(name);
    if (args.size() < 5) throw type_error(method + "() missing required positional arguments");
    {
        const Transaction transaction(database_);
        users::check_secret(database_, uid, py_str(secret));
    }
    json::array positional;
    json::object kwargs;
    if (method == "execute") {
        positional = json::array(args.begin() + 5, args.end());
    } else {
        if (args.size() < 6) throw type_error("execute_kw() missing 1 required positional argument: 'args'");
        if (!args[5].is_array()) throw type_error("Value after * must be an iterable, not " + py_type_name(args[5]));
        positional = args[5].get_array();
        if (args.size() > 6 && args[6].is_object()) kwargs = args[6].get_object();
    }
    const auto model = py_str(args[3]);
    if (database_.schema.find(model) == nullptr && !Schema::is_odoo_model(model)) {
        throw user_error("Object " + model + " doesn't exist");
    }
    return run(uid, model, py_str(args[4]), std::move(positional), std::move(kwargs));
}

json::value Rpc::call_kw(std::int64_t uid, const std::string& model, const std::string& method, json::array args,
                         json::object kwargs) {
    if (database_.schema.find(model) == nullptr && !Schema::is_odoo_model(model)) {
        if (database_.version >= 18) {
            throw OdooError("werkzeug.exceptions.NotFound",
                            "404 Not Found: The requested URL was not found on the server. If you entered the URL "
                            "manually please check your spelling and try again.",
                            json::array());
        }
        throw key_error(model);
    }
    return run(uid, model, method, std::move(args), std::move(kwargs));
}

json::value Rpc::run(std::int64_t uid, const std::string& model, const std::string& method, json::array args,
                     json::object kwargs) {
    Transaction transaction(database_);
    Env env(database_, uid, {});
    json::value result = call_method(env, model, method, std::move(args), std::move(kwargs));
    transaction.commit();
    return result;
}

}  // namespace sluice::sim
