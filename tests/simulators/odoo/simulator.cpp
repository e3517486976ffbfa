#include "tests/simulators/odoo/simulator.hpp"

#include "tests/simulators/odoo/control.hpp"
#include "tests/simulators/odoo/http_server.hpp"
#include "tests/simulators/odoo/seed.hpp"
#include "tests/simulators/odoo/sessions.hpp"
#include "tests/simulators/odoo/transaction.hpp"
#include "tests/simulators/odoo/users.hpp"
#include "tests/simulators/odoo/web.hpp"

namespace sluice::sim {

struct OdooSimulator::Impl {
    explicit Impl(SimulatorOptions options)
        : database(options.version, options.database, options.clock ? options.clock : system_clock_us()),
          web(database, faults, stats, options.several_databases) {
        if (!options.store_path.empty()) database.store.open_log(options.store_path);
        install_base(database);
        if (!options.seed.empty()) apply_seed(database, json::parse(options.seed).as_object());
        targets.set_listening = [this](bool open) { server->set_listening(open); };
        HttpServer::Hooks hooks;
        hooks.clock = database.clock;
        hooks.no_sniff = [this] { return database.version >= 17; };
        hooks.keep_hanging = [this](std::int64_t generation) { return faults.generation() == generation; };
        hooks.handle = [this](const HttpRequest& request) {
            return is_control(request) ? control(targets, request) : web.handle(request);
        };
        control_server = std::make_unique<HttpServer>(options.control_port, false, hooks);
        hooks.refuse = [this] {
            stats.connection();
            return faults.refuse();
        };
        server = std::make_unique<HttpServer>(options.port, options.keep_alive, std::move(hooks));
    }

    ~Impl() {
        web.stop();
        server.reset();
        control_server.reset();
    }

    Database database;
    Faults faults;
    Stats stats;
    Web web;
    ControlTargets targets{database, faults, stats, {}};
    std::unique_ptr<HttpServer> server;
    std::unique_ptr<HttpServer> control_server;
};

OdooSimulator::OdooSimulator(SimulatorOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
OdooSimulator::~OdooSimulator() = default;

std::uint16_t OdooSimulator::port() const {
    return impl_->server->port();
}
std::uint16_t OdooSimulator::control_port() const {
    return impl_->control_server->port();
}
std::string OdooSimulator::url() const {
    return "http://127.0.0.1:" + std::to_string(port());
}
const std::string& OdooSimulator::database() const {
    return impl_->database.name;
}
std::string OdooSimulator::login() const {
    return std::string(kDefaultLogin);
}
std::string OdooSimulator::password() const {
    return std::string(kDefaultPassword);
}
std::string OdooSimulator::api_key() const {
    return std::string(kDefaultApiKey);
}

std::int64_t OdooSimulator::uid() const {
    const std::lock_guard lock(impl_->database.mutex);
    return users::login(impl_->database, kDefaultLogin, kDefaultPassword, true);
}

std::int64_t OdooSimulator::inject(Fault fault) {
    return impl_->faults.inject(std::move(fault));
}
void OdooSimulator::clear_faults() {
    impl_->faults.clear();
}
std::int64_t OdooSimulator::faults_fired() const {
    return impl_->faults.fired();
}
std::int64_t OdooSimulator::calls_held() const {
    return impl_->faults.held();
}
std::int64_t OdooSimulator::release() {
    return impl_->faults.release();
}
void OdooSimulator::set_listening(bool open) {
    impl_->server->set_listening(open);
}

void OdooSimulator::seed(std::string_view json_text) {
    apply_seed(impl_->database, json::parse(json_text).as_object());
}
std::string OdooSimulator::dump() const {
    return py_json(sim::dump(impl_->database));
}

std::string OdooSimulator::rows(std::string_view model) const {
    const std::lock_guard lock(impl_->database.mutex);
    json::array out;
    for (const auto& [id, row] : impl_->database.store.rows(model)) {
        json::object record = *row;
        record["id"] = id;
        out.push_back(std::move(record));
    }
    return py_json(out);
}

std::int64_t OdooSimulator::calls(const std::string& name) const {
    return impl_->stats.calls(name);
}
std::int64_t OdooSimulator::total_calls() const {
    return impl_->stats.total();
}
std::int64_t OdooSimulator::calls_listing_databases() const {
    return impl_->stats.listing_databases_count();
}

std::int64_t OdooSimulator::connections() const {
    return impl_->stats.connection_count();
}

std::int64_t OdooSimulator::calls_without_cookie() const {
    return impl_->stats.without_cookie_count();
}
std::int64_t OdooSimulator::not_claimed() const {
    return impl_->stats.not_claimed_count();
}
std::string OdooSimulator::stats() const {
    return py_json(impl_->stats.describe());
}

void OdooSimulator::set_next_id(std::string_view model, std::int64_t id) {
    Transaction transaction(impl_->database);
    impl_->database.store.set_counter(model, id - 1);
    transaction.commit();
}

void OdooSimulator::set_several_databases(bool several) {
    impl_->web.set_several_databases(several);
}

void OdooSimulator::forget_sessions() {
    Transaction transaction(impl_->database);
    sessions::forget_all(impl_->database);
    transaction.commit();
}

void OdooSimulator::revoke_api_keys() {
    Transaction transaction(impl_->database);
    users::revoke_keys(impl_->database, 0);
    transaction.commit();
}

}  // namespace sluice::sim
