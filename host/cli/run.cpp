#include "host/cli/run.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <systemd/sd-daemon.h>

#include <condition_variable>
#include <functional>
#include <iostream>
#include <mutex>
#include <random>
#include <thread>

#include "core/telemetry/log.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/load.hpp"
#include "host/service/service.hpp"

namespace sluice::host {
namespace {

/// Blocks the signals that end the host, or make it read its configuration again, in this thread and all it starts
/// later: one thread waits for them.
class Signals {
public:
    Signals() {
        sigemptyset(&signals_);
        for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals_, signal);
        pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
        ::signal(SIGPIPE, SIG_IGN);
    }
    /// The next one that comes.
    int wait() const {
        int signal = 0;
        sigwait(&signals_, &signal);
        return signal;
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

/// systemd.service(5), Type=notify-reload.
void notify_reloading() {
    const auto steady_us = system_clock().steady_ms() * 1'000;
    sd_notify(0, fmt::format("RELOADING=1\nMONOTONIC_USEC={}", steady_us).c_str());
}

/// Reads everything again. What is wrong is logged, and then nothing changes.
void reload(const std::filesystem::path& file, Service& service, PluginSet& plugins, const telemetry::Logger& log) {
    auto loaded = load_everything(file, plugins);
    for (const auto& problem : loaded.plugins.problems) log.warning("plugin", {}, {{"detail", problem}});
    plugins = loaded.plugins;
    plugins.problems.clear();
    for (const auto& problem : loaded.problems) log.error("configuration", {}, {{"detail", problem}});
    if (!loaded.problems.empty()) return log.error("the host goes on with the configuration it has");
    service.reload(loaded.configuration, loaded.setup);
}

/// Reloads on a thread of its own, so that the host hears meanwhile that it is to end.
class Reloader {
public:
    explicit Reloader(std::function<void()> reload) : reload_(std::move(reload)), thread_([this] { run(); }) {}
    ~Reloader() {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
            wake_.notify_one();
        }
        thread_.join();
    }
    Reloader(const Reloader&) = delete;
    Reloader& operator=(const Reloader&) = delete;
    /// Returns at once. Where a reload runs, one more follows, however often this is called.
    void request() {
        const std::scoped_lock lock(mutex_);
        wanted_ = true;
        wake_.notify_one();
    }

private:
    void run() {
        for (std::unique_lock lock(mutex_);;) {
            wake_.wait(lock, [this] { return wanted_ || stopping_; });
            if (stopping_) return;
            wanted_ = false;
            lock.unlock();
            reload_();
            lock.lock();
        }
    }

    const std::function<void()> reload_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool wanted_ = false, stopping_ = false;
    std::thread thread_;
};

}  // namespace

int run_host(const std::filesystem::path& file) {
    const Signals signals;
    auto loaded = load_everything(file);
    if (!loaded.problems.empty()) {
        for (const auto& problem : loaded.problems) std::cerr << problem << '\n';
        // A plugin that could not be loaded may be why one is missing.
        for (const auto& problem : loaded.plugins.problems) std::cerr << problem << '\n';
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

    sd_notify(0, "READY=1");
    {
        Reloader reloader([&, plugins = std::move(loaded.plugins)]() mutable {
            notify_reloading();
            reload(file, **service, plugins, log);
            sd_notify(0, "READY=1");
        });
        while (signals.wait() == SIGHUP) reloader.request();
        signals.release();
        log.info("stopping; a second signal ends the host at once");
        (*service)->cut_reload_short();
    }
    sd_notify(0, "STOPPING=1");
    const bool by_themselves = (*service)->drain(configuration.host.drain_ms);
    log.info("stopped", {}, {{"deliveries_cancelled", by_themselves ? "no" : "yes"}});
    return exit_done;
}

}  // namespace sluice::host
