#pragma once
// The rim of the engine: threads that carry out its actions against a journal and handlers.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/delivery/engine.hpp"
#include "core/journal/journal.hpp"

namespace sluice::delivery {

/// What a lane runs for an event: blocking, one thread at a time per handler, made once per lane.
class Handler {
public:
    virtual ~Handler() = default;
    virtual Verdict handle(const journal::Claim& claim) = 0;
    /// Several at once, where the flow declares a batch: one verdict each, in order.
    virtual std::vector<Verdict> handle_batch(const std::vector<journal::Claim>& claims) {
        std::vector<Verdict> verdicts;
        for (const auto& claim : claims) verdicts.push_back(handle(claim));
        return verdicts;
    }
    /// Asks a running handle() to return soon (any thread, also just before it begins). There is no handle() after it:
    /// the host stops, or the delivery's lease is lost and the lane makes a new handler. The event stays in the
    /// journal.
    virtual void cancel() = 0;
};

struct ConnectorRun {
    ConnectorPlan plan;
    /// Makes one lane's handler, on that lane's thread, before its first event. An error pauses the connector.
    std::function<Result<std::unique_ptr<Handler>>()> make_handler;
};

/// Runs the engine: one dispatcher thread, `lanes` threads per connector, one prober per Odoo database.
/// Lifecycle: construct, start(), notify() after each append, add() and remove() as the configuration changes, drain()
/// once, destroy.
class Dispatcher {
public:
    /// Between a failed journal call of a lane and its repeat: doubling from the first to the second.
    static constexpr std::int64_t journal_retry_base_ms = 50;
    static constexpr std::int64_t journal_retry_cap_ms = 5'000;
    /// How long a claim is another host's to respect without a renewal, and how often it is renewed.
    static constexpr std::int64_t lease_ms = 300'000;
    static constexpr std::int64_t renewal_ms = lease_ms / 3;
    /// The longest sleep between two looks at the clock, which may jump.
    static constexpr std::int64_t longest_sleep_ms = 10'000;

    /// The functions are called on threads of this object, several at a time; they must be quick and must not throw.
    struct Options {
        std::uint64_t seed = 0;
        /// Unique among the hosts of one journal, also across restarts.
        std::string host;
        /// May a delivery begin? Outlives the dispatcher; null: always.
        Admission* admission = nullptr;
        /// Asks the Odoo database with an authenticated call whether it is there. Blocking. Without one every outage is
        /// over at once.
        std::function<bool(const std::string& odoo)> probe;
        /// Told of every verdict, before the engine decides what it means.
        std::function<void(const journal::EventSummary&, const Verdict&)> on_verdict;
        /// Told of every end that is durable: done, again, or a dead letter.
        std::function<void(const journal::EventSummary&, const journal::Finish&)> on_finished;
        std::function<void(const std::string& connector, const std::string& reason)> on_paused;
        /// An Odoo database does not answer (`reason`: the failure that told), or does again ("").
        std::function<void(const std::string& odoo, bool begun, const std::string& reason)> on_outage;
        /// The same of an external account, named as ConnectorPlan::external does.
        std::function<void(const std::string& account, bool begun, const std::string& reason)> on_external_outage;
        /// Another host may have taken an event that runs here: its verdict will be refused.
        std::function<void(const std::string& connector, const journal::Lease&)> on_lease_lost;
        /// A journal call failed; it is repeated, or its connector paused.
        std::function<void(const std::string& connector, const Error&)> on_journal_failure;
    };
    /// `journal` and `clock` outlive this object.
    Dispatcher(journal::Journal& journal, const Clock& clock, std::vector<ConnectorRun> connectors, Options options);
    ~Dispatcher();

    void start();
    /// Events of this connector's flow ("": of any) were appended, replayed, or freed by a discarded dead letter or by
    /// an append that superseded the first of their key. Any thread, quick.
    void notify(const std::string& connector, const std::string& flow = {});
    /// Starts the lanes of a connector that is not here. Not during drain(); one thread at a time with remove().
    void add(ConnectorRun connector);
    /// Takes no new event of these connectors, gives all their running ones `grace_ms` together, then cancels them, and
    /// ends their lanes; their events stay in the journal. Blocking. True where all ended by themselves.
    bool remove(const std::vector<std::string>& connectors, std::int64_t grace_ms);
    /// Ends the grace of a remove() that waits, and of every later one; not of drain(). Any thread.
    void cut_removals_short();
    /// An operator asks a paused connector to go on. Any thread.
    void resume(const std::string& connector);
    /// An operator's order, from the next claim on: nothing of this flow ("": of the connector) is delivered. Any
    /// thread.
    void hold(const std::string& connector, const std::string& flow, const std::string& reason);
    void release(const std::string& connector, const std::string& flow);
    /// Takes no new event, gives running ones `grace_ms` to finish, then cancels them, and stops all threads. True
    /// where all running deliveries ended by themselves.
    bool drain(std::int64_t grace_ms);
    /// Any thread.
    std::vector<Engine::Status> status() const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::delivery
