#pragma once
// The Odoo simulator: an HTTP server on 127.0.0.1 that answers as Odoo does, over an in-memory store.
//
//     sluice::sim::OdooSimulator odoo({.version = 17});
//     odoo.seed(R"({"products": [{"name": "Mug", "default_code": "MUG"}]})");
//     odoo.inject({.kind = sluice::sim::FaultKind::die_after_apply, .model = "sale.order", .method = "load"});
//     client.connect(odoo.url());
//
// Lifecycle: the constructor binds, fills an empty store and listens; the destructor ends every connection and joins
// its threads. Every public function may be called from any thread.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tests/simulators/odoo/clock.hpp"
#include "tests/simulators/odoo/faults.hpp"

namespace sluice::sim {

struct SimulatorOptions {
    int version = 17;                // 16 to 19
    std::uint16_t port = 0;          // 0: any free one
    std::uint16_t control_port = 0;  // 0: any free one; the control API is on both ports
    std::string database = "odoo";
    std::string store_path = {};  // empty: memory only
    std::string seed = {};        // JSON, see seed.h
    bool keep_alive = false;      // true: as behind a reverse proxy
    // /web/login then redirects once to bind the cookie, and without a session there is no database to call.
    bool several_databases = false;
    Clock clock = {};  // the system's when empty
};

class OdooSimulator {
public:
    explicit OdooSimulator(SimulatorOptions options = {});
    ~OdooSimulator();
    OdooSimulator(const OdooSimulator&) = delete;
    OdooSimulator& operator=(const OdooSimulator&) = delete;

    std::uint16_t port() const;
    std::uint16_t control_port() const;
    std::string url() const;  // "http://127.0.0.1:PORT"
    const std::string& database() const;
    // The plain service user every fresh store has.
    std::string login() const;
    std::string password() const;
    std::string api_key() const;
    std::int64_t uid() const;

    std::int64_t inject(Fault fault);
    void clear_faults();
    std::int64_t faults_fired() const;
    // Calls that a commit_late holds, and letting them commit; how many they were.
    std::int64_t calls_held() const;
    std::int64_t release();
    // False: connections are refused, as by a server that is down.
    void set_listening(bool open);

    // Adds records, JSON as in seed.h; throws std::invalid_argument.
    void seed(std::string_view json_text);
    // The records as JSON text (GET /_sim/dump).
    std::string dump() const;
    // Rows of a model as a JSON array, each with "id"; "[]" when there are none.
    std::string rows(std::string_view model) const;

    // Answered or not: RPC calls of "model.method" (or "login", or "/web/session/authenticate") that arrived.
    std::int64_t calls(const std::string& name) const;
    std::int64_t total_calls() const;
    std::int64_t calls_without_cookie() const;
    // Calls for which Odoo asks PostgreSQL which databases there are, some 14 ms each (FACTS section 2): neither a
    // session nor, from 19 on, a header tells it.
    std::int64_t calls_listing_databases() const;
    // Accepted so far.
    std::int64_t connections() const;
    std::int64_t not_claimed() const;
    std::string stats() const;

    // As SimulatorOptions::several_databases, from now on.
    void set_several_databases(bool several);
    // For replays: the id the next record of the model gets.
    void set_next_id(std::string_view model, std::int64_t id);
    void forget_sessions();
    void revoke_api_keys();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::sim
