#pragma once
// The host in one object: journal, lanes, ingress and admin API, wired.

#include <cstdint>
#include <memory>
#include <string>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/telemetry/log.hpp"
#include "host/config/configuration.hpp"
#include "host/config/resolve.hpp"

namespace sluice::host {

/// Lifecycle: start() answers a running host; reload() as often as wanted; drain() once; destroy. Nothing in it knows
/// signals or the command line, so a test may run several in one process, each with its own data directory.
class Service {
public:
    /// How long requests already being answered may take when the servers close.
    static constexpr std::int64_t close_grace_ms = 2'000;
    /// How long the probe that tells an outage from a refusal waits for Odoo.
    static constexpr std::int64_t probe_timeout_ms = 10'000;

    /// Of an admin request: the largest payload, as a JSON text.
    static constexpr std::size_t max_admin_body_bytes = 128 * 1024 * 1024;

    /// Makes the data directory (mode 0700) where it is missing, opens the journal, starts lanes, admin socket and
    /// ingress, in this order. Of `configuration` it uses `host` and `ingress`. Errors name what could not be opened
    /// and why. Clock and logger outlive the service.
    static Result<std::unique_ptr<Service>> start(const Configuration& configuration, const Setup& setup,
                                                  const Clock& clock, std::uint64_t seed, const telemetry::Logger& log);
    /// drain(0) where it was not called.
    ~Service();

    /// Takes over what a new configuration changes, and nothing else: connectors that are new, gone or different are
    /// started, stopped (their running deliveries get `drain_ms`, all together) or restarted; the others go on, and
    /// webhooks are taken throughout. Settings that only a restart changes are named in the log. Blocking; not during
    /// drain().
    void reload(const Configuration& configuration, const Setup& setup);
    /// drain() comes next: a reload under way, or a later one, gives what it stops no time and starts nothing. Any
    /// thread.
    void cut_reload_short();
    /// The port ingress listens on, also where the configuration said 0.
    std::uint16_t port() const;
    /// Answers 503 to new webhooks, gives running deliveries `grace_ms`, then cancels them, closes everything and the
    /// journal. True where all ended by themselves.
    bool drain(std::int64_t grace_ms);

private:
    struct Impl;
    explicit Service(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::host
