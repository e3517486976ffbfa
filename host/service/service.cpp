#include "host/service/service.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <optional>

#include "core/delivery/lanes.hpp"
#include "core/http/server.hpp"
#include "core/journal/sqlite/sqlite_journal.hpp"
#include "host/admin/admin_api.hpp"
#include "host/ingress/ingress.hpp"
#include "host/plugins/plugin_handler.hpp"
#include "host/service/backlog_watch.hpp"
#include "host/service/status.hpp"

namespace sluice::host {
namespace {

Result<void> make_data_dir(const std::filesystem::path& folder) {
    std::error_code code;
    if (std::filesystem::is_directory(folder, code)) return {};
    std::filesystem::create_directories(folder.parent_path(), code);
    if (::mkdir(folder.c_str(), S_IRWXU) == 0 || std::filesystem::is_directory(folder, code)) return {};
    return fail(Failure::invalid, fmt::format("cannot make the folder {}: {}", folder.string(),
                                              std::error_code(errno, std::generic_category()).message()));
}

delivery::ConnectorPlan plan_of(const Connector& connector) {
    delivery::ConnectorPlan plan{.name = connector.name, .lanes = connector.lanes, .odoo = connector.odoo};
    for (const auto& [name, flow] : connector.plugin->contract.flows) {
        const auto own = connector.retry.find(name);
        const auto& retry = own == connector.retry.end() ? flow.retry : own->second;
        plan.flows.emplace(name, delivery::RetryPolicy{.base_ms = retry.base_ms,
                                                       .cap_ms = retry.cap_ms,
                                                       .limit = retry.limit,
                                                       .holds_key = flow.dead_letter_holds_key});
    }
    return plan;
}

}  // namespace

struct Service::Impl {
    Impl(Setup given, const Clock& time, const telemetry::Logger& logger)
        : setup(std::move(given)), clock(time), log(logger), started_at_ms(time.now_ms()) {}

    const Setup setup;  // lanes and ingress point into it
    const Clock& clock;
    const telemetry::Logger& log;
    const std::int64_t started_at_ms;
    std::atomic<bool> stopping{false};
    std::map<std::string, OdooDatabase> databases;
    std::unique_ptr<journal::Journal> journal;
    std::optional<delivery::Dispatcher> dispatcher;
    std::optional<Ingress> ingress;
    std::optional<BacklogWatch> backlog;
    std::optional<AdminApi> admin;
    std::optional<http::Server> admin_server, ingress_server;

    const Connector* find(const std::string& name) const {
        const auto found = std::ranges::find(setup.connectors, name, &Connector::name);
        return found == setup.connectors.end() ? nullptr : &*found;
    }

    void make_dispatcher(std::uint64_t seed);
    void make_ingress(const IngressSection& section);
    void make_admin();
    bool probe(const std::string& odoo) const;
    void log_verdict(const journal::EventSummary& event, const delivery::Verdict& verdict) const;
    void notify(const std::string& connector);
    Result<void> resume(const std::string& connector);
    std::string status() const;
};

void Service::Impl::make_dispatcher(std::uint64_t seed) {
    for (const auto& [name, account] : setup.odoo) {
        databases.emplace(name, OdooDatabase{.account = account,
                                             .session = odoo::make_shared_session(),
                                             .flights = std::make_shared<odoo::SingleFlight>()});
    }
    std::vector<delivery::ConnectorRun> runs;
    for (const auto& connector : setup.connectors) {
        const auto& database = databases.at(connector.odoo);
        runs.push_back({.plan = plan_of(connector), .make_handler = [this, &connector, &database] {
                            return make_plugin_handler(connector, database, *journal, clock, log);
                        }});
    }
    dispatcher.emplace(*journal, clock, std::move(runs),
                       delivery::Dispatcher::Options{
                           .seed = seed,
                           .probe = [this](const std::string& odoo) { return probe(odoo); },
                           .on_verdict = [this](const journal::EventSummary& event,
                                                const delivery::Verdict& verdict) { log_verdict(event, verdict); },
                           .on_paused =
                               [this](const std::string& connector, const std::string& reason) {
                                   log.error("connector paused; `sluice connectors resume` lets it go on",
                                             {.connector = connector}, {{"reason", reason}});
                               },
                           .on_outage =
                               [this](const std::string& odoo, bool begun, const std::string& reason) {
                                   if (begun)
                                       return log.error("Odoo does not answer; deliveries wait until it does", {},
                                                        {{"odoo", odoo}, {"reason", reason}});
                                   log.info("Odoo answers again", {}, {{"odoo", odoo}});
                               },
                           .on_journal_failure =
                               [this](const std::string& connector, const Error& error) {
                                   log.error("the journal failed; it is asked again", {.connector = connector},
                                             {{"class", to_string(error.failure)}, {"error", error.message}});
                               }});
}

void Service::Impl::make_ingress(const IngressSection& section) {
    ingress.emplace(*journal, clock, setup.connectors, setup.disabled, log,
                    Ingress::Options{.max_waiting = section.max_waiting,
                                     .max_in_flight = section.max_in_flight,
                                     .notify = [this](const std::string& connector) { notify(connector); }});
    std::vector<std::string> names;
    for (const auto& connector : setup.connectors) names.push_back(connector.name);
    backlog.emplace(*journal, *ingress, std::move(names));
    ingress_server.emplace(section.listen,
                           http::ServerLimits{.max_body_bytes = static_cast<std::size_t>(section.max_body_bytes),
                                              .header_timeout_ms = section.request_timeout_ms,
                                              .body_timeout_ms = section.request_timeout_ms,
                                              .max_connections = section.max_connections},
                           [this](http::ServerRequest request, http::Respond respond) {
                               ingress->handle(std::move(request), std::move(respond));
                           });
}

void Service::Impl::make_admin() {
    admin.emplace(*journal, clock,
                  AdminHooks{.status = [this] { return status(); },
                             .resume = [this](const std::string& connector) { return resume(connector); },
                             .notify = [this](const std::string& connector) { notify(connector); },
                             .error_owner =
                                 [this](const std::string& name, const std::string& flow) {
                                     const auto* connector = find(name);
                                     if (!connector) return std::string();
                                     const auto& flows = connector->plugin->contract.flows;
                                     const auto found = flows.find(flow);
                                     return found == flows.end() ? std::string() : found->second.error_owner;
                                 }});
}

bool Service::Impl::probe(const std::string& odoo) const {
    const auto& database = databases.at(odoo);
    auto account = database.account;
    account.timeouts.connect_ms = std::min(account.timeouts.connect_ms, probe_timeout_ms);
    account.timeouts.total_ms = std::min(account.timeouts.total_ms, probe_timeout_ms);
    // A connection of its own: what it says does not depend on the one that failed.
    return odoo::Client(std::move(account), database.session).probe();
}

void Service::Impl::log_verdict(const journal::EventSummary& event, const delivery::Verdict& verdict) const {
    const auto seq = std::to_string(journal::to_int(event.seq));
    const telemetry::Subject subject{.connector = event.connector,
                                     .flow = event.flow,
                                     .event = seq,
                                     .ordering_key = event.ordering_key,
                                     .attempt = event.attempts};
    if (!verdict.error) return log.info("delivered", subject, {{"outcome", verdict.outcome}});
    log.warning("delivery failed", subject,
                {{"class", to_string(verdict.error->failure)},
                 {"outage", verdict.outage ? "yes" : "no"},
                 {"error", verdict.error->message}});
}

void Service::Impl::notify(const std::string& connector) {
    if (find(connector)) dispatcher->notify(connector);
}

Result<void> Service::Impl::resume(const std::string& connector) {
    if (std::ranges::find(setup.disabled, connector) != setup.disabled.end()) {
        return fail(Failure::invalid, fmt::format("connector `{}` is disabled in the configuration", connector));
    }
    if (!find(connector)) return fail(Failure::invalid, fmt::format("there is no connector `{}`", connector));
    const auto engines = dispatcher->status();
    const auto engine = std::ranges::find(engines, connector, &delivery::Engine::Status::connector);
    if (engine == engines.end() || engine->paused_because.empty())
        return fail(Failure::rejected, fmt::format("connector `{}` is not paused", connector));
    dispatcher->resume(connector);
    log.info("connector resumed", {.connector = connector});
    return {};
}

std::string Service::Impl::status() const {
    HostStatus host{.started_at_ms = started_at_ms, .stopping = stopping, .other = ingress->other_counters()};
    const auto engines = dispatcher->status();
    const auto counted = [&](const std::string& name) { return journal->counts(name).value_or(journal::Counts{}); };
    for (const auto& connector : setup.connectors) {
        ConnectorStatus one{.name = connector.name,
                            .plugin = connector.plugin->name,
                            .plugin_version = connector.plugin->version,
                            .odoo = connector.odoo,
                            .lanes = connector.lanes,
                            .counts = counted(connector.name),
                            .ingress = ingress->counters(connector.name)};
        const auto engine = std::ranges::find(engines, connector.name, &delivery::Engine::Status::connector);
        if (engine != engines.end()) one.engine = *engine;
        host.connectors.push_back(std::move(one));
    }
    for (const auto& name : setup.disabled) {
        host.connectors.push_back(
            {.name = name, .enabled = false, .counts = counted(name), .ingress = ingress->counters(name)});
    }
    for (const auto& name : journal->connectors().value_or(std::vector<std::string>())) {
        const bool known = std::ranges::find(host.connectors, name, &ConnectorStatus::name) != host.connectors.end();
        if (!known) host.connectors.push_back({.name = name, .configured = false, .counts = counted(name)});
    }
    return render_status(host);
}

Service::Service(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Service>> Service::start(const Configuration& configuration, Setup setup, const Clock& clock,
                                                std::uint64_t seed, const telemetry::Logger& log) {
    const auto& host = configuration.host;
    for (const auto& connector : setup.connectors) {
        if (!connector.plugin || !setup.odoo.contains(connector.odoo)) {
            return fail(Failure::invalid,
                        fmt::format("connector `{}` has no plugin or no Odoo database", connector.name));
        }
    }
    if (auto made = make_data_dir(host.data_dir); !made) return std::unexpected(made.error());
    auto impl = std::make_unique<Impl>(std::move(setup), clock, log);
    auto journal = journal::open_sqlite_journal(host.data_dir / "journal.db", clock);
    if (!journal) return std::unexpected(journal.error());
    impl->journal = std::move(*journal);

    impl->make_dispatcher(seed);
    impl->make_ingress(configuration.ingress);
    impl->make_admin();
    impl->admin_server.emplace(http::ListenUnix{host.admin_socket}, http::ServerLimits{},
                               [admin = &*impl->admin](http::ServerRequest request, http::Respond respond) {
                                   admin->handle(std::move(request), std::move(respond));
                               });
    std::unique_ptr<Service> service(new Service(std::move(impl)));
    auto& made = *service->impl_;
    made.dispatcher->start();
    if (auto served = made.admin_server->start(); !served) return std::unexpected(served.error());
    if (auto served = made.ingress_server->start(); !served) return std::unexpected(served.error());
    return service;
}

Service::~Service() {
    if (impl_) drain(0);
}

std::uint16_t Service::port() const {
    return impl_->ingress_server->port();
}

bool Service::drain(std::int64_t grace_ms) {
    auto& it = *impl_;
    if (it.stopping.exchange(true)) return true;
    // New webhooks are told to come back while what runs here may end; status stays askable meanwhile.
    it.ingress->stop_accepting();
    const bool by_themselves = it.dispatcher->drain(grace_ms);
    it.ingress_server->stop(close_grace_ms);
    it.ingress->wait_idle();
    it.admin_server->stop(close_grace_ms);
    it.admin->stop();
    it.backlog.reset();
    it.dispatcher.reset();
    it.journal.reset();
    return by_themselves;
}

}  // namespace sluice::host
