#pragma once
// The engine: pure logic over time. It decides which event goes to which lane now, and what a verdict means.
//
// Correct use: one thread calls step() and the on_*() inputs, carries out the actions it gets, and feeds the results
// back. No socket, thread, clock or journal inside; the same code runs in the service and under virtual time.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/base/random.hpp"
#include "core/journal/types.hpp"

namespace sluice::delivery {

/// A flow's answer to failure (contract: `retry`, `dead_letter`).
struct RetryPolicy {
    std::int64_t base_ms = 1'000;
    std::int64_t cap_ms = 300'000;
    int limit = 8;          ///< counted failures after which the event is a dead letter
    bool holds_key = true;  ///< a dead letter keeps its ordering key waiting
};

/// What the engine must know of a connector.
struct ConnectorPlan {
    std::string name;
    int lanes = 4;
    std::string odoo;  ///< the Odoo database it writes to: connectors of one share an outage
    std::map<std::string, RetryPolicy> flows;
};

/// How a lane saw a delivery end.
struct Verdict {
    /// Nothing: done. Otherwise what failed and why.
    std::optional<Error> error;
    /// An independent authenticated probe of Odoo failed too: an outage.
    bool outage = false;
    /// The external system does not answer, nor does it answer a probe.
    bool external_outage = false;
    std::string outcome;  ///< for done: what was done, for the operator
    std::vector<journal::NewEvent> emitted;
    std::vector<journal::StatePut> state;
    std::string applied_revision;
};

// ---- actions, in the order they must be carried out
/// journal.ready -> on_loaded, or on_load_failed.
struct Load {
    std::string connector;
    int limit;
};
/// journal.claim -> deliver on a lane -> on_verdict; or on_unclaimed.
struct ClaimEvent {
    std::string connector;
    journal::Seq seq;
};
/// journal.finish -> on_finished, or on_state_conflict.
struct FinishEvent {
    std::string connector;
    journal::Seq seq;
    journal::Finish finish;
};
/// journal.claim, then journal.finish at once -> on_finished; or on_unclaimed. Nothing is delivered: too many of the
/// event's attempts took their process with them.
struct DeadLetterEvent {
    std::string connector;
    journal::Seq seq;
    journal::Finish finish;
};
/// Ask the Odoo database whether it is there -> on_probe.
struct Probe {
    std::string odoo;
};
/// Tell the operator.
struct Paused {
    std::string connector;
    std::string reason;
};
/// Tell the operator: the Odoo database does not answer, or does again.
struct OutageChanged {
    std::string odoo;
    bool begun = false;
    std::string reason;  ///< of its begin
};
using Action = std::variant<Load, ClaimEvent, FinishEvent, DeadLetterEvent, Probe, Paused, OutageChanged>;

/// What a verdict means for an event: pure, but for the jitter drawn from `random`. `stopping`: the host ends.
/// The class of the failure decides; an outage counts no attempt that did not reach Odoo (README.md, "What a verdict
/// means").
journal::Finish decide(const RetryPolicy& policy, const journal::EventSummary& event, Verdict& verdict, bool outage,
                       bool stopping, std::int64_t now_ms, Random& random);

class Engine {
public:
    /// Ready events kept in memory per connector, whatever waits in the journal.
    static constexpr int window = 256;
    static constexpr std::int64_t outage_probe_base_ms = 500;
    static constexpr std::int64_t outage_probe_cap_ms = 30'000;
    /// After a Load that failed.
    static constexpr std::int64_t load_retry_ms = 1'000;
    /// A Retry-After is believed up to this.
    static constexpr std::int64_t max_retry_after_ms = 24 * 60 * 60 * 1'000;

    Engine(std::vector<ConnectorPlan> plans, std::uint64_t seed);

    /// Something was appended, replayed or discarded for this connector; the window may miss what is ready now.
    void on_appended(const std::string& connector);
    /// The journal's answer to Load: the events ready at the time of asking, and when the next one after that time is.
    void on_loaded(const std::string& connector, std::vector<journal::EventSummary> events,
                   std::optional<std::int64_t> next_available_ms);
    void on_load_failed(const std::string& connector, std::int64_t now_ms);
    /// ClaimEvent found the event gone, or could not be carried out: the lane is free again.
    void on_unclaimed(const std::string& connector, journal::Seq seq);
    void on_verdict(const std::string& connector, const journal::EventSummary& event, Verdict verdict,
                    std::int64_t now_ms);
    /// The end is durable (or given up: the journal refused it for good): the lane is free; a successor of the key may
    /// be ready now.
    void on_finished(const std::string& connector, journal::Seq seq);
    /// FinishEvent met a state conflict (`message` says which): deliver again.
    void on_state_conflict(const std::string& connector, const journal::EventSummary& event, std::string message,
                           std::int64_t now_ms);
    void on_probe(const std::string& odoo, bool healthy, std::int64_t now_ms);
    /// The wall clock went back by `step_ms`; the journal's times were shifted with it.
    void on_clock_set_back(std::int64_t step_ms);
    /// The connector cannot work (its handler cannot be made, the journal refuses): nothing of it is claimed until
    /// resume().
    void pause(const std::string& connector, std::string reason);
    /// An operator asks a paused connector to go on.
    void resume(const std::string& connector);
    /// A connector that is new, or was removed before. Its events may be in the journal already.
    void add(ConnectorPlan plan);
    /// Nothing of this connector is claimed any more; what runs may finish.
    void retire(const std::string& connector);
    /// Forgets a connector of which nothing runs.
    void remove(const std::string& connector);
    /// No new claims from now on; what runs may finish.
    void stop() { stopping_ = true; }
    bool stopping() const { return stopping_; }

    /// What to do now. Call again after feeding results.
    std::vector<Action> step(std::int64_t now_ms);
    /// When step() should be called again though nothing is fed; nothing: only on input.
    std::optional<std::int64_t> wake_at(std::int64_t now_ms) const;

    /// Deliveries that have no durable verdict yet.
    int running() const;
    int running(const std::string& connector) const;
    struct Status {
        std::string connector;
        std::string paused_because;
        bool outage = false;
        int running = 0;
    };
    std::vector<Status> status() const;

    /// Ready events in memory, over all connectors: at most `window` each.
    std::size_t buffered() const;

private:
    struct Connector {
        ConnectorPlan plan;
        std::deque<journal::EventSummary> ready;  ///< by available_at_ms
        /// Claimed or being claimed, with the connectors its emitted events belong to (known from its verdict on).
        std::map<journal::Seq, std::set<std::string>> in_flight;
        bool reload = true;  ///< the journal may hold ready events the window lacks
        bool loading = false;
        std::optional<std::int64_t> next_available_ms;
        std::string paused_because;
        bool retired = false;
    };
    /// An open breaker. Once a probe succeeds one event goes first and alone: should it be what takes Odoo down, it
    /// takes nobody with it.
    struct Outage {
        int failed_probes = 0;
        std::int64_t next_probe_ms = 0;
        bool probing = false;
        bool half_open = false;
        std::optional<journal::Seq> canary;  ///< the event that runs while half open
    };

    Connector* find(const std::string& connector);
    const RetryPolicy& policy(const Connector& connector, const std::string& flow) const;
    bool may_deliver(const Connector& connector) const;
    void open_breaker(const std::string& odoo, const std::string& reason, std::int64_t now_ms);
    /// The end of a canary: whatever it came to, Odoo was there to say it.
    void close_breaker(const std::string& odoo, journal::Seq canary);
    /// It ended and nothing was learned of Odoo: another event may go first.
    void forget_canary(const std::string& odoo, journal::Seq seq);
    void decide_and_finish(Connector& connector, const journal::EventSummary& event, Verdict verdict,
                           std::int64_t now_ms);
    void step_probes(std::vector<Action>& actions, std::int64_t now_ms);
    void step_claims(std::vector<Action>& actions, std::int64_t now_ms);
    bool claim_next(Connector& connector, std::vector<Action>& actions, std::int64_t now_ms);
    void step_loads(std::vector<Action>& actions, std::int64_t now_ms);

    std::map<std::string, Connector> connectors_;
    std::map<std::string, Outage> outages_;  ///< open breakers, by Odoo database
    std::vector<Action> decided_;            ///< actions born from inputs, handed out by the next step()
    Random random_;
    std::string served_first_;  ///< the connector whose turn the last round of claims began with
    bool stopping_ = false;
};

}  // namespace sluice::delivery
