#include "host/cli/run.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <iostream>
#include <random>

#include "core/telemetry/log.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/load.hpp"
#include "host/service/service.hpp"

namespace sluice::host {
namespace {

/// Blocks the signals that end the host in this thread and all it starts later: one thread waits for them.
class EndSignals {
public:
    EndSignals() {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGTERM);
        sigaddset(&signals_, SIGINT);
        pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
        ::signal(SIGPIPE, SIG_IGN);
    }
    void wait() const {
        int signal = 0;
        sigwait(&signals_, &signal);
    }
    /// From now on one of them ends the process as if it were not handled.
    void release() const { pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr); }

private:
    sigset_t signals_{};
};

std::uint64_t random_seed() {
    std::random_device device;
    return (static_cast<std::uint64_t>(device()) << 32U) | device();
}

std::string url_of(const http::ListenTcp& listen, std::uint16_t port) {
    const bool is_ipv6 = listen.address.find(':') != std::string::npos;
    return fmt::format("http://{}{}{}:{}", is_ipv6 ? "[" : "", listen.address, is_ipv6 ? "]" : "", port);
}

}  // namespace

int run_host(const std::filesystem::path& file) {
    const EndSignals signals;
    auto loaded = load_everything(file);
    if (!loaded.problems.empty()) {
        for (const auto& problem : loaded.problems) std::cerr << problem << '\n';
        return exit_failed;
    }
    const auto& configuration = loaded.configuration;
    const auto level = telemetry::parse_level(configuration.host.log_level).value_or(telemetry::Level::info);
    const telemetry::Logger log(system_clock(), level, telemetry::Format::key_value);
    for (const auto& problem : loaded.plugins.problems) log.warning("plugin left out", {}, {{"detail", problem}});

    auto service = Service::start(configuration, std::move(loaded.setup), system_clock(), random_seed(), log);
    if (!service) {
        std::cerr << service.error().message << '\n';
        return exit_failed;
    }
    std::cout << "listening on " << url_of(configuration.ingress.listen, (*service)->port()) << std::endl;

    signals.wait();
    signals.release();
    log.info("stopping; a second signal ends the host at once");
    const bool by_themselves = (*service)->drain(configuration.host.drain_ms);
    log.info("stopped", {}, {{"deliveries_cancelled", by_themselves ? "no" : "yes"}});
    return exit_done;
}

}  // namespace sluice::host
