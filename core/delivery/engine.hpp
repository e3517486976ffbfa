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
#include <utility>
#include <variant>
#include <vector>

#include "core/base/random.hpp"
#include "core/delivery/admission.hpp"
#include "core/delivery/breakers.hpp"
#include "core/delivery/event_age.hpp"
#include "core/journal/types.hpp"

namespace sluice::delivery {

/// A flow's answer to failure (contract: `retry`, `dead_letter`).
struct RetryPolicy {
    std::int64_t base_ms = 1'000;
    std::int64_t cap_ms = 300'000;
    int limit = 8;          ///< counted failures after which the event is a dead letter
    bool holds_key = true;  ///< a dead letter keeps its ordering key waiting
};

/// A flow's share of its connector's lanes: where all have events, high gets four turns for each of normal's.
enum class Priority : std::uint8_t { high, normal, low };

/// What the engine must know of a flow.
struct FlowPlan {
    RetryPolicy retry;
    Priority priority = Priority::normal;
    std::string order;  ///< namespace of its ordering keys: events of these flows wait for each other
    /// After its append, or its replay, an event is a dead letter undelivered; 0: none.
    std::int64_t deadline_ms = 0;
    int batch_max = 1;               ///< events handed over at once, each of another key
    std::int64_t batch_wait_ms = 0;  ///< how long the first of a batch waits for others
};

/// What the engine must know of a connector.
struct ConnectorPlan {
    std::string name;
    int lanes = 4;
    std::string odoo;      ///< the Odoo database it writes to: connectors of one share an outage
    std::string external;  ///< the account at its external system, shared likewise; "": outages of it are not known
    /// Also those that the contract has no more and the journal has events of.
    std::map<std::string, FlowPlan> flows;
    /// What an operator holds of it from the first claim on, as hold() says it: flow ("" is all) and reason.
    std::map<std::string, std::string> held;
};

/// How a lane saw a delivery end.
struct Verdict {
    /// Nothing: done. Otherwise what failed and why.
    std::optional<Error> error;
    /// An independent authenticated probe of Odoo failed too: an outage.
    bool outage = false;
    /// The external system does not answer, nor does it answer a probe.
    bool external_outage = false;
    /// It answered a call of this delivery, or a probe after one, whatever it said.
    bool external_answered = false;
    std::string outcome;        ///< for done: what was done, for the operator
    std::string word = "done";  ///< for done: the attempt's verdict in the journal
    std::vector<journal::NewEvent> emitted;
    std::vector<journal::StatePut> state;
    std::string applied_revision;
};

// ---- actions, in the order they must be carried out
/// journal.ready -> on_loaded, or on_load_failed.
struct Load {
    std::string connector, flow;
    int limit;
};
/// journal.claim -> deliver on one lane -> on_verdict for each; or on_unclaimed.
struct ClaimEvents {
    std::string connector;
    std::vector<journal::Seq> seqs;
};
/// journal.finish -> on_finished, or on_state_conflict.
struct FinishEvent {
    std::string connector;
    journal::Seq seq;
    journal::Finish finish;
};
/// journal.claim, then journal.finish at once with end_of() -> on_finished; or on_unclaimed. Nothing is delivered: too
/// many of the event's attempts took their process with them, or its deadline has passed.
struct DeadLetterEvent {
    std::string connector;
    journal::Seq seq;
    journal::Finish finish;
    int counted_failures = 0;  ///< on which it was decided
    /// Where the claim finds other failures counted (it was replayed meanwhile, through another host of the journal),
    /// the event is given back instead.
    journal::Finish end_of(const journal::EventSummary& claimed, std::int64_t now_ms) const;
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
/// Tell the operator: the Odoo database or the external account does not answer, or does again.
struct OutageChanged {
    std::string odoo;  ///< "": it is one of `external`
    bool begun = false;
    std::string reason;    ///< of its begin
    std::string external;  ///< as ConnectorPlan says it
};
using Action = std::variant<Load, ClaimEvents, FinishEvent, DeadLetterEvent, Probe, Paused, OutageChanged>;

/// What a verdict means for an event: pure, but for the jitter drawn from `random`. `stopping`: the host ends.
/// The class of the failure decides; an outage counts no attempt that did not reach Odoo (README.md, "What a verdict
/// means").
journal::Finish decide(const RetryPolicy& policy, const journal::EventSummary& event, Verdict& verdict, bool outage,
                       bool stopping, std::int64_t now_ms, Random& random);

class Engine {
public:
    /// Ready events kept in memory per flow, whatever waits in the journal.
    static constexpr int window = 256;
    /// After a Load that failed.
    static constexpr std::int64_t load_retry_ms = 1'000;
    /// A Retry-After is believed up to this.
    static constexpr std::int64_t max_retry_after_ms = 24 * 60 * 60 * 1'000;

    /// `admission`, where there is one, outlives the engine.
    Engine(std::vector<ConnectorPlan> plans, std::uint64_t seed, Admission* admission = nullptr);

    /// Something was appended, replayed or discarded for this flow ("": any flow of the connector); the window may miss
    /// what is ready now. An append that superseded others (journal::Appended) may have freed events of any flow.
    void on_appended(const std::string& connector, const std::string& flow = {});
    /// The journal's answer to Load: the events ready at the time of asking, and when the next one after that time is.
    void on_loaded(const std::string& connector, const std::string& flow, std::vector<journal::EventSummary> events,
                   std::optional<std::int64_t> next_available_ms);
    void on_load_failed(const std::string& connector, const std::string& flow, std::int64_t now_ms);
    /// ClaimEvents found the event gone, or could not be carried out: it is not running.
    void on_unclaimed(const std::string& connector, journal::Seq seq);
    void on_verdict(const std::string& connector, const journal::EventSummary& event, Verdict verdict,
                    std::int64_t now_ms);
    /// The end is durable (or given up: the journal refused it for good, or the lease is lost): a successor of the key
    /// may be ready now.
    void on_finished(const std::string& connector, journal::Seq seq);
    /// FinishEvent met a state conflict (`message` says which): deliver again.
    void on_state_conflict(const std::string& connector, const journal::EventSummary& event, std::string message,
                           std::int64_t now_ms);
    void on_probe(const std::string& odoo, bool healthy, std::int64_t now_ms) {
        breakers_.on_probe(odoo, healthy, now_ms);  // what became ready meanwhile was noted in `reload`
    }
    /// The wall clock went back by `step_ms` to `now_ms`; the journal's times were shifted with it.
    void on_clock_set_back(std::int64_t step_ms, std::int64_t now_ms);
    /// The wall clock was set forward by `step_ms` to `now_ms`: what waits is no older for it.
    void on_clock_set_forward(std::int64_t step_ms, std::int64_t now_ms) { age_.on_set_forward(step_ms, now_ms); }
    /// The connector cannot work (its handler cannot be made, the journal refuses): nothing of it is claimed until
    /// resume().
    void pause(const std::string& connector, std::string reason);
    /// Ends pause().
    void resume(const std::string& connector);
    /// An operator's order, apart from pause(): nothing of this flow ("": of the connector) is claimed while it holds.
    void hold(const std::string& connector, const std::string& flow, std::string reason);
    void release(const std::string& connector, const std::string& flow);
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
        std::map<std::string, std::string> held;  ///< by an operator: flow ("" is the connector) and reason
        bool outage = false;
        std::string external_outage;      ///< why nothing that calls the external system is delivered; "": it is
        bool external_half_open = false;  ///< one event may go first, or has gone
        int running = 0;
    };
    std::vector<Status> status() const;

    /// Ready events in memory, over all connectors: at most `window` each flow.
    std::size_t buffered() const;

private:
    struct Flow {
        FlowPlan plan;
        std::deque<journal::EventSummary> ready;  ///< by available_at_ms
        bool reload = true;                       ///< the journal may hold ready events the window lacks
        bool loading = false;
        std::optional<std::int64_t> next_available_ms;
        std::int64_t pass = 0;        ///< of stride scheduling: the flow with the lowest goes next
        bool calls_external = false;  ///< a delivery of it was seen to call the external system
    };
    /// An event that was claimed, or is being.
    struct InFlight {
        std::int64_t lane = 0;  ///< a number for the batch it is delivered with
        std::string order;      ///< "": of no key
        bool own_order = true;  ///< it is the one of its flow
        /// The flows its emitted events belong to (known from its verdict on), with their connectors.
        std::set<std::pair<std::string, std::string>> emits;
    };
    struct Connector {
        ConnectorPlan plan;
        std::map<std::string, Flow> flows;
        std::map<journal::Seq, InFlight> in_flight;
        std::map<std::int64_t, int> lanes;          ///< busy ones: events that have no durable verdict yet
        std::int64_t pass = 0;                      ///< of the flow that was served last
        std::optional<std::int64_t> not_before_ms;  ///< admission said so
        std::string paused_because;
        std::map<std::string, std::string> held;
        bool retired = false;
    };

    static Connector make_connector(ConnectorPlan plan);
    Connector* find(const std::string& connector);
    Flow* find(const std::string& connector, const std::string& flow);
    static const FlowPlan& plan_of(const Connector& connector, const std::string& flow);
    bool may_deliver(const Connector& connector) const;
    bool may_deliver(const Connector& connector, const std::string& name, const Flow& flow) const {
        return !connector.held.contains(name) &&
               (!flow.calls_external || external_breakers_.lets_pass(connector.plan.external));
    }
    /// Opens or closes the breakers by what a delivery of this flow saw. True where Odoo is in an outage.
    bool learn(Connector& connector, const journal::EventSummary& event, const Verdict& verdict, std::int64_t now_ms);
    void leave(Connector& connector, journal::Seq seq);
    void decide_and_finish(Connector& connector, const journal::EventSummary& event, Verdict verdict,
                           std::int64_t now_ms);
    // engine_step.cpp
    void step_claims(std::vector<Action>& actions, std::int64_t now_ms);
    bool claim_next(Connector& connector, std::vector<Action>& actions, std::int64_t now_ms);
    Flow* next_flow(Connector& connector, std::int64_t now_ms);
    static std::optional<std::int64_t> deliverable_at_ms(const Flow& flow);
    std::optional<journal::Finish> undeliverable(const FlowPlan& plan, const journal::EventSummary& event,
                                                 std::int64_t now_ms) const;
    void step_loads(std::vector<Action>& actions, std::int64_t now_ms);

    std::map<std::string, Connector> connectors_;
    Breakers breakers_;            ///< of Odoo databases
    Breakers external_breakers_;   ///< of external accounts
    std::vector<Action> decided_;  ///< actions born from inputs, handed out by the next step()
    Random random_;
    Admission* admission_;
    std::string served_first_;  ///< the connector whose turn the last round of claims began with
    std::int64_t last_lane_ = 0;
    bool stopping_ = false;
    EventAge age_;
};

}  // namespace sluice::delivery
