#include "tests/bench/noop_delivery.hpp"

#include <stdexcept>

namespace sluice::bench {

NoopDelivery::NoopDelivery(journal::Journal& journal, const telemetry::Logger& log,
                           std::function<void(const journal::EventSummary&)> on_done) {
    auto loaded = host::load_plugin(SLUICE_NOOP_PLUGIN);
    if (!loaded) throw std::runtime_error(loaded.error().message);
    plugin_ = *loaded;
    connector_.name = "shop";
    connector_.plugin = plugin_;
    connector_.lanes = lanes;
    database_.session = odoo::make_shared_session();
    database_.flights = std::make_shared<odoo::SingleFlight>();

    delivery::ConnectorRun run;
    run.plan = {.name = "shop", .lanes = lanes, .odoo = "", .flows = {{"order", {.order = "order"}}}};
    run.make_handler = [this, &journal, &log] {
        return host::make_plugin_handler(connector_, database_, admission_, journal, system_clock(), log);
    };
    delivery::Dispatcher::Options options;
    options.host = "bench";
    options.on_finished = [this, on_done = std::move(on_done)](const journal::EventSummary& event,
                                                               const journal::Finish& finish) {
        if (finish.kind != journal::Finish::Kind::done) return;
        if (on_done) on_done(event);
        ++done_;
        const std::scoped_lock lock(mutex_);
        changed_.notify_all();
    };
    dispatcher_ = std::make_unique<delivery::Dispatcher>(journal, system_clock(),
                                                         std::vector<delivery::ConnectorRun>{run}, std::move(options));
    dispatcher_->start();
}

NoopDelivery::~NoopDelivery() {
    dispatcher_->drain(60'000);
}

void NoopDelivery::wait_for(std::int64_t done) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return done_ >= done; });
}

}  // namespace sluice::bench
