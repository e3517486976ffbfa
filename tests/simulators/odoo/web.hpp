#pragma once
// Routes: JSON-RPC endpoints, the login page and its cookie, health, and Odoo's HTML for everything else.

#include <atomic>
#include <functional>

#include "tests/simulators/odoo/environment.hpp"
#include "tests/simulators/odoo/faults.hpp"
#include "tests/simulators/odoo/http_message.hpp"
#include "tests/simulators/odoo/odoo_error.hpp"
#include "tests/simulators/odoo/rpc.hpp"
#include "tests/simulators/odoo/stats.hpp"

namespace sluice::sim {

class Web {
public:
    Web(Database& database, Faults& faults, Stats& stats, bool several_databases)
        : database_(database), faults_(faults), stats_(stats), rpc_(database), several_databases_(several_databases) {}

    // Any thread.
    HttpReply handle(const HttpRequest& request);
    void stop() { stopping_ = true; }
    void set_several_databases(bool several) { several_databases_ = several; }

private:
    HttpReply json_route(const HttpRequest& request);
    HttpReply http_route(const HttpRequest& request);
    HttpReply login_page(const HttpRequest& request);
    HttpReply login_post(const HttpRequest& request);
    HttpReply json2_route(const HttpRequest& request);
    // How a protocol runs the call and says what came of it.
    struct Spoken {
        FaultSubject subject;
        std::function<json::value(HttpReply&)> run;
        std::function<void(HttpReply&, json::value)> succeed;
        std::function<void(HttpReply&, const OdooError&)> fail;
    };
    HttpReply answer(const HttpRequest& request, const Spoken& spoken, const std::optional<Fault>& fault);
    Spoken json_rpc(const HttpRequest& request, const json::value& id, const json::object& params);
    json::value call(const HttpRequest& request, const json::object& params, HttpReply& reply);
    json::value session_call(const HttpRequest& request, const json::object& params);
    json::value authenticate(const HttpRequest& request, const json::object& params, HttpReply& reply);
    // By the header (from 19 on); by that or otherwise.
    bool names_database(const HttpRequest& request) const;
    bool knows_database(const HttpRequest& request);
    // The answer to a session's call while PostgreSQL is down.
    HttpReply without_database(const HttpRequest& request);
    void before_call(const Fault& fault);
    void wait(std::int64_t delay_ms) const;
    json::object error_body(const json::value& id, const OdooError& error);
    void give_cookie(const HttpRequest& request, HttpReply& reply);

    Database& database_;
    Faults& faults_;
    Stats& stats_;
    Rpc rpc_;
    std::atomic<bool> several_databases_;
    std::atomic<bool> stopping_{false};
};

}  // namespace sluice::sim
