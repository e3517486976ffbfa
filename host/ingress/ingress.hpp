#pragma once
// POST /webhooks/{connector}: from a vendor's request to a durable event, and only then a 2xx.

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/http/server.hpp"
#include "core/journal/journal.hpp"
#include "core/telemetry/log.hpp"
#include "host/ingress/webhook.hpp"

namespace sluice::host {

/// A snapshot of what came in since the start.
struct IngressCounters {
    std::int64_t accepted = 0;    ///< new events, dead letters included
    std::int64_t duplicates = 0;  ///< repeats of an event that is known
    std::int64_t unreadable = 0;  ///< of the accepted: signed, and no event by the contract
    std::array<std::int64_t, refusal_count> refused{};
};

/// Lifecycle: construct, configure(), serve with handle(), configure() again as often as the configuration changes,
/// stop_accepting(), wait_idle(), destroy. handle() runs on the server's thread and does not block; the other members
/// are for any thread. Journal, clock and log outlive the object.
class Ingress {
public:
    /// How long a refused sender is asked to wait.
    static constexpr int backlog_retry_after_s = 60;
    static constexpr int busy_retry_after_s = 5;
    /// How long readyz says 503 after a commit failed and none has succeeded since.
    static constexpr std::int64_t unready_ms = 10'000;
    /// At most one line of the log in this time for each connector and reason to refuse: a stranger must not fill the
    /// disk with it.
    static constexpr std::int64_t log_interval_ms = 1'000;

    struct Options {
        std::int64_t max_waiting = 100'000;  ///< unfinished events per connector beyond which: 429
        int max_in_flight = 512;             ///< webhooks waiting for their commit beyond which: 503
        /// Told after each new event is durable and answered, on the journal's thread.
        std::function<void(const std::string& connector)> notify;
    };

    Ingress(journal::Intake& journal, const Clock& clock, const telemetry::Logger& log, Options options);

    /// From now on webhooks are taken for these connectors, and counted on from where each was; of the disabled ones it
    /// is known that they exist. A webhook under way keeps the connector it came for.
    void configure(const std::vector<std::shared_ptr<const Connector>>& connectors,
                   const std::vector<std::string>& disabled);
    /// The names of the connectors that are taken.
    std::vector<std::string> names() const;

    /// Also answers GET /healthz (the process serves) and GET /readyz (it would take a webhook now).
    void handle(http::ServerRequest request, http::Respond respond);

    /// From now on webhooks are answered 503, so that the vendor comes back.
    void stop_accepting() { stopping_ = true; }
    /// Returns when every webhook that was handed to the journal has been answered.
    void wait_idle();

    /// How many unfinished events a connector has, as the journal counted them; between two calls accepted events are
    /// added.
    void set_unfinished(const std::string& connector, std::int64_t unfinished);
    /// How many more events of a connector may wait unfinished; 0 where it is not taken.
    std::int64_t room(const std::string& connector) const;
    /// Events that did not come as webhooks, and wait like those.
    void add_unfinished(const std::string& connector, std::int64_t events);
    /// Whether the journal answered when it was last asked; readyz says 503 while not.
    void set_journal_answers(bool answers) { journal_answers_ = answers; }

    /// Of one connector; all zero where there is none.
    IngressCounters counters(const std::string& connector) const;
    /// Of requests that name no connector that runs.
    IngressCounters other_counters() const { return snapshot(other_); }

private:
    struct Tally {
        std::atomic<std::int64_t> accepted{0}, duplicates{0}, unreadable{0}, unfinished{0};
        std::array<std::atomic<std::int64_t>, refusal_count> refused{}, logged_at_ms{};  ///< steady; 0: never
    };
    struct Entry {
        std::shared_ptr<const Connector> connector;  ///< null: disabled
        std::shared_ptr<Tally> tally;
    };
    using Entries = std::map<std::string, Entry, std::less<>>;
    std::shared_ptr<const Entries> entries() const;
    static IngressCounters snapshot(const Tally& tally);

    void webhook(std::string_view name, http::ServerRequest request, http::Respond respond);
    void append(const Entry& entry, journal::NewEvent event, http::Respond respond);
    void answer(const Entry& entry, const std::string& unreadable, const Result<std::vector<journal::Appended>>& result,
                const http::Respond& respond);
    void log_refusal(Tally& tally, std::string_view connector, const Refused& refused);
    void refuse(Tally& tally, std::string_view connector, const Refused& refused, const http::Respond& respond);
    bool enter();
    void leave();

    journal::Intake& journal_;
    const Clock& clock_;
    const telemetry::Logger& log_;
    Options options_;
    mutable std::mutex entries_mutex_;
    std::shared_ptr<const Entries> entries_;  ///< under entries_mutex_; replaced whole
    Tally other_;
    std::atomic<bool> stopping_{false}, journal_answers_{true};
    std::atomic<std::int64_t> unready_until_ms_{0};  ///< steady; after a failed commit
    std::mutex mutex_;
    std::condition_variable idle_;
    int in_flight_ = 0;  ///< under mutex_
};

}  // namespace sluice::host
