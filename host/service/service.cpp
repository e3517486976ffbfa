#include "host/service/service.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <optional>
#include <thread>

#include "core/delivery/lanes.hpp"
#include "core/http/server.hpp"
#include "core/journal/sqlite/sqlite_journal.hpp"
#include "core/odoo/session.hpp"
#include "host/admin/admin_api.hpp"
#include "host/ingress/ingress.hpp"
#include "host/plugins/plugin_handler.hpp"
#include "host/queue/queues.hpp"
#include "host/service/backlog_watch.hpp"
#include "host/service/clockwork.hpp"
#include "host/service/contract_watch.hpp"
#include "host/service/controls.hpp"
#include "host/service/fixed_settings.hpp"
#include "host/service/pauses.hpp"
#include "host/service/plans.hpp"
#include "host/service/queue_files.hpp"
#include "host/service/quota_files.hpp"
#include "host/service/retention.hpp"
#include "host/service/running_set.hpp"
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

}  // namespace

struct Service::Impl {
    Impl(Configuration given, const Clock& time, const telemetry::Logger& logger)
        : configuration(std::move(given)),
          clock(time),
          log(logger),
          started_at_ms(time.now_ms()),
          quotas(configuration.host.data_dir / "quota"),
          places(configuration.host.data_dir / "queues"),
          admission(clock, &quotas) {}

    Configuration configuration;  ///< of the thread that starts, reloads and drains
    CurrentSet current;
    const Clock& clock;
    const telemetry::Logger& log;
    const std::int64_t started_at_ms;
    std::atomic<bool> stopping{false};
    std::atomic<bool> ending{false};  ///< cut_reload_short() was called
    std::unique_ptr<journal::Journal> journal;
    QuotaFiles quotas;
    QueueFiles places;
    delivery::AdmissionControl admission;
    std::optional<delivery::Dispatcher> dispatcher;
    std::optional<Ingress> ingress;
    std::optional<BacklogWatch> backlog;
    std::optional<Clockwork> clockwork;
    std::optional<Queues> queues;
    std::optional<Retainer> retainer;
    std::optional<ContractWatch> contracts;
    std::optional<Pauses> pauses;
    std::optional<Controls> controls;
    std::optional<AdminApi> admin;
    std::optional<http::Server> admin_server, ingress_server;
    std::jthread journal_check;

    delivery::ConnectorRun run_of(const RunningSet& set, const std::shared_ptr<const Connector>& connector);
    void make_dispatcher(std::uint64_t seed);
    void make_ingress(const IngressSection& section);
    void make_admin();
    bool probe(const std::string& odoo) const;
    void log_verdict(const journal::EventSummary& event, const delivery::Verdict& verdict) const;
    void notify(const std::string& connector);
    std::string status();
};

delivery::ConnectorRun Service::Impl::run_of(const RunningSet& set, const std::shared_ptr<const Connector>& connector) {
    auto plan = plan_of(*connector);
    // Events outlive the flow that made them.
    const auto known = journal->flow_counts(connector->name).value_or(std::vector<journal::FlowCounts>());
    for (const auto& [flow, counts] : known) plan.flows.try_emplace(flow);
    plan.held = configured_holds(*connector);
    plan.held.merge(held_of(*journal, connector->name));
    // The lanes hold what they use: a reload may replace it while they still run.
    return {.plan = std::move(plan), .make_handler = [this, connector, database = set.database(connector->odoo)] {
                return make_plugin_handler(*connector, *database, admission, *journal, clock, log);
            }};
}

void Service::Impl::make_dispatcher(std::uint64_t seed) {
    const auto set = current.get();
    std::vector<delivery::ConnectorRun> runs;
    for (const auto& connector : set->all_connectors()) runs.push_back(run_of(*set, connector));
    dispatcher.emplace(*journal, clock, std::move(runs),
                       delivery::Dispatcher::Options{
                           .seed = seed,
                           .host = fmt::format("{}.{:x}", started_at_ms, seed),
                           .admission = &admission,
                           .probe = [this](const std::string& odoo) { return probe(odoo); },
                           .on_verdict = [this](const journal::EventSummary& event,
                                                const delivery::Verdict& verdict) { log_verdict(event, verdict); },
                           .on_paused =
                               [this](const std::string& connector, const std::string& reason) {
                                   log.error("connector paused; `sluice resume` lets it go on",
                                             {.connector = connector}, {{"reason", reason}});
                               },
                           .on_outage =
                               [this](const std::string& odoo, bool begun, const std::string& reason) {
                                   if (begun)
                                       return log.error("Odoo does not answer; deliveries wait until it does", {},
                                                        {{"odoo", odoo}, {"reason", reason}});
                                   log.info("Odoo answers again", {}, {{"odoo", odoo}});
                               },
                           .on_external_outage =
                               [this](const std::string& account, bool begun, const std::string& reason) {
                                   if (begun)
                                       return log.error("an external system does not answer; what calls it waits", {},
                                                        {{"account", account}, {"reason", reason}});
                                   log.info("an external system answers again", {}, {{"account", account}});
                               },
                           .on_lease_lost =
                               [this](const std::string& connector, const journal::Lease& lease) {
                                   log.error(
                                       "the lease of a delivery is lost; its end does not count, and whoever has "
                                       "it now looks before writing",
                                       {.connector = connector,
                                        .event = std::to_string(journal::to_int(lease.seq)),
                                        .attempt = lease.token});
                               },
                           .on_journal_failure =
                               [this](const std::string& connector, const Error& error) {
                                   log.error("the journal failed; it is asked again", {.connector = connector},
                                             {{"class", to_string(error.failure)}, {"error", error.message}});
                               }});
}

void Service::Impl::make_ingress(const IngressSection& section) {
    ingress.emplace(*journal, clock, log,
                    Ingress::Options{.max_waiting = section.max_waiting,
                                     .max_in_flight = section.max_in_flight,
                                     .notify = [this](const std::string& connector) { notify(connector); }});
    const auto set = current.get();
    ingress->configure(set->all_connectors(), set->disabled);
    backlog.emplace(*journal, *ingress);
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
    pauses.emplace(*journal, *dispatcher);
    controls.emplace(Controls::Host{.current = current,
                                    .journal = *journal,
                                    .dispatcher = *dispatcher,
                                    .pauses = *pauses,
                                    .admission = admission,
                                    .clock = clock,
                                    .log = log});
    auto hooks = controls->hooks();
    hooks.status = [this] { return status(); };
    admin.emplace(*journal, clock, std::move(hooks));
}

bool Service::Impl::probe(const std::string& odoo) const {
    const auto database = current.get()->database(odoo);
    if (!database) return true;  // a reload took it away: what waits for it is not delivered anyway
    auto account = database->account;
    account.timeouts.connect_ms = std::min(account.timeouts.connect_ms, probe_timeout_ms);
    account.timeouts.total_ms = std::min(account.timeouts.total_ms, probe_timeout_ms);
    // A connection of its own: what it says does not depend on the one that failed.
    return odoo::Client(std::move(account), database->session).probe();
}

void Service::Impl::log_verdict(const journal::EventSummary& event, const delivery::Verdict& verdict) const {
    const auto seq = std::to_string(journal::to_int(event.seq));
    const telemetry::Subject subject{.connector = event.connector,
                                     .flow = event.flow,
                                     .event = seq,
                                     .ordering_key = event.ordering_key,
                                     .attempt = event.attempts};
    if (!verdict.error) {
        // What follows a line break is for programs (shadow.hpp).
        const auto outcome = std::string_view(verdict.outcome).substr(0, verdict.outcome.find('\n'));
        return log.info(verdict.word == "done" ? "delivered" : verdict.word, subject, {{"outcome", outcome}});
    }
    log.warning("delivery failed", subject,
                {{"class", to_string(verdict.error->failure)},
                 {"outage", verdict.outage            ? "Odoo"
                            : verdict.external_outage ? "external"
                                                      : "no"},
                 {"error", verdict.error->message}});
}

void Service::Impl::notify(const std::string& connector) {
    dispatcher->notify(connector);
}

std::string Service::Impl::status() {
    HostStatus host{.started_at_ms = started_at_ms,
                    .now_ms = clock.now_ms(),
                    .stopping = stopping,
                    .other = ingress->other_counters()};
    host.retention = retainer->status();
    const auto engines = dispatcher->status();
    const auto counted = [&](const std::string& name) { return journal->counts(name).value_or(journal::Counts{}); };
    const auto set = current.get();
    for (const auto& [name, connector] : set->connectors) {
        ConnectorStatus one{.name = name,
                            .plugin = connector->plugin->name,
                            .plugin_version = connector->plugin->version,
                            .odoo = connector->odoo,
                            .lanes = connector->lanes,
                            .modes = connector->modes,
                            .rate_limit_group = connector->rate_limit_group,
                            .external = admission.external(name)->status(),
                            .counts = counted(name),
                            .ingress = ingress->counters(name),
                            .queues = queues->status(name)};
        if (contracts) one.contract = contracts->status(name);
        const auto engine = std::ranges::find(engines, name, &delivery::Engine::Status::connector);
        if (engine != engines.end()) one.engine = *engine;
        host.connectors.push_back(std::move(one));
    }
    for (const auto& name : set->disabled) {
        host.connectors.push_back(
            {.name = name, .enabled = false, .counts = counted(name), .ingress = ingress->counters(name)});
    }
    for (const auto& name : journal->connectors().value_or(std::vector<std::string>())) {
        const bool known = std::ranges::find(host.connectors, name, &ConnectorStatus::name) != host.connectors.end();
        if (!known) host.connectors.push_back({.name = name, .configured = false, .counts = counted(name)});
    }
    for (const auto& [name, database] : set->databases) host.odoo.emplace_back(name, admission.odoo(name)->status());
    for (auto& pause : journal->pauses().value_or(std::vector<journal::Pause>())) {
        const auto paused = std::ranges::find(host.connectors, pause.connector, &ConnectorStatus::name);
        if (paused != host.connectors.end()) paused->pauses.push_back(std::move(pause));
    }
    return render_status(host);
}

Service::Service(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Service>> Service::start(const Configuration& configuration, const Setup& setup,
                                                const Clock& clock, std::uint64_t seed, const telemetry::Logger& log) {
    const auto& host = configuration.host;
    for (const auto& connector : setup.connectors) {
        if (!connector.plugin || !setup.odoo.contains(connector.odoo)) {
            return fail(Failure::invalid,
                        fmt::format("connector `{}` has no plugin or no Odoo database", connector.name));
        }
    }
    if (auto made = make_data_dir(host.data_dir); !made) return std::unexpected(made.error());
    auto impl = std::make_unique<Impl>(configuration, clock, log);
    impl->current.replace(make_running_set(setup, RunningSet()));
    auto journal = journal::open_sqlite_journal(host.data_dir / "journal.db", clock,
                                                {.max_bytes = host.journal_max_bytes, .keys = setup.journal_keys});
    if (!journal) return std::unexpected(journal.error());
    impl->journal = std::move(*journal);

    impl->admission.configure(admission_of(setup));
    impl->make_dispatcher(seed);
    impl->make_ingress(configuration.ingress);
    impl->queues.emplace(
        *impl->journal, clock, log, seed, *impl->ingress,
        [made = &*impl](const std::string& connector) { made->notify(connector); }, &impl->places);
    impl->retainer.emplace(*impl->journal, impl->current, clock, log);
    if (host.contract_check_ms > 0)
        impl->contracts.emplace(impl->current, impl->admission, clock, log, host.contract_check_ms);
    impl->make_admin();
    impl->admin_server.emplace(http::ListenUnix{host.admin_socket},
                               http::ServerLimits{.max_body_bytes = max_admin_body_bytes},
                               [admin = &*impl->admin](http::ServerRequest request, http::Respond respond) {
                                   admin->handle(std::move(request), std::move(respond));
                               });
    std::unique_ptr<Service> service(new Service(std::move(impl)));
    auto& made = *service->impl_;
    made.dispatcher->start();
    if (auto served = made.admin_server->start(); !served) return std::unexpected(served.error());
    if (auto served = made.ingress_server->start(); !served) return std::unexpected(served.error());
    made.clockwork.emplace(*made.journal, clock, log,
                           [&made](const std::string& connector) { made.notify(connector); });
    made.clockwork->configure(made.current.get()->all_connectors(), made.current.get()->installations());
    made.queues->configure(made.current.get()->all_connectors(), made.current.get()->nats);
    // Opening looked at the tables; the payloads, which may be as large as the disk, are read while the host works.
    made.journal_check = std::jthread([&made](const std::stop_token& stop) {
        const auto checked = made.journal->check(stop);
        if (!checked && checked.error().failure != Failure::cancelled)
            made.log.error("the journal is damaged; make a backup before anything else", {},
                           {{"error", checked.error().message}});
    });
    return service;
}

void Service::reload(const Configuration& configuration, const Setup& setup) {
    auto& it = *impl_;
    for (const auto& what : fixed_differences(it.configuration, configuration))
        it.log.warning("a changed setting needs a restart of the host", {}, {{"setting", what}});
    it.configuration.host.drain_ms = configuration.host.drain_ms;
    const auto before = it.current.get();
    const auto after = make_running_set(setup, *before);
    const auto change = difference(*before, *after);

    // Webhooks are taken throughout: what they bring waits in the journal until the lanes are there again.
    it.ingress->configure(after->all_connectors(), after->disabled);
    it.clockwork->configure(after->all_connectors(), after->installations());
    it.queues->configure(after->all_connectors(), after->nats);
    auto leaving = change.stopped;
    leaving.insert(leaving.end(), change.restarted.begin(), change.restarted.end());
    if (!leaving.empty()) {
        it.log.info("stopping connectors; their running deliveries may end", {},
                    {{"connectors", std::to_string(leaving.size())}});
        it.dispatcher->remove(leaving, it.configuration.host.drain_ms);
    }
    it.current.replace(after);
    it.admission.configure(admission_of(setup));
    if (it.contracts) it.contracts->look_now();
    if (it.ending) return it.log.warning("the host ends before its configuration is read again");
    for (const auto* coming : {&change.started, &change.restarted}) {
        for (const auto& name : *coming) it.pauses->add(it.run_of(*after, after->connector(name)));
    }
    const auto tell = [&](const std::vector<std::string>& names, std::string_view what) {
        for (const auto& name : names) it.log.info(what, {.connector = name});
    };
    tell(change.stopped, "connector stopped");
    tell(change.started, "connector started");
    tell(change.restarted, "connector restarted with its new configuration");
    it.log.info("configuration read again", {},
                {{"connectors_changed",
                  std::to_string(change.stopped.size() + change.started.size() + change.restarted.size())}});
}

void Service::cut_reload_short() {
    impl_->ending = true;
    impl_->dispatcher->cut_removals_short();
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
    it.clockwork.reset();
    it.controls->stop();
    it.ingress->stop_accepting();
    it.queues->configure({}, {});
    const bool by_themselves = it.dispatcher->drain(grace_ms);
    it.ingress_server->stop(close_grace_ms);
    it.ingress->wait_idle();
    it.admin_server->stop(close_grace_ms);
    it.admin->stop();
    it.contracts.reset();
    it.queues.reset();
    it.controls.reset();
    it.pauses.reset();
    it.retainer.reset();
    it.backlog.reset();
    if (it.journal_check.joinable()) {
        it.journal_check.request_stop();
        it.journal_check.join();
    }
    it.dispatcher.reset();
    it.journal.reset();
    return by_themselves;
}

}  // namespace sluice::host
