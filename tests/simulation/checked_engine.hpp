#pragma once
// The real engine, whose every action is held against what may be done now.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/checked_journal.hpp"
#include "tests/simulation/policy.hpp"

namespace sluice::simulation {

/// One host's engine. Inputs as delivery::Engine has them; step() throws Violation where an action is not allowed.
class CheckedEngine {
public:
    CheckedEngine(const Environment& environment, const CheckedJournal& journal,
                  std::vector<delivery::ConnectorPlan> plans, std::uint64_t seed, delivery::Admission* admission);

    void on_appended(const std::string& connector, const std::string& flow);
    void on_loaded(const delivery::Load& load, std::vector<journal::EventSummary> events,
                   std::optional<std::int64_t> next_available_ms);
    void on_load_failed(const delivery::Load& load);
    void on_unclaimed(const std::string& connector, journal::Seq seq);
    void on_verdict(const std::string& connector, const journal::EventSummary& event, delivery::Verdict verdict);
    void on_finished(const std::string& connector, journal::Seq seq);
    void on_state_conflict(const std::string& connector, const journal::EventSummary& event, std::string message);
    void on_probe(const std::string& odoo, bool healthy);
    void on_clock_set_back(std::int64_t step_ms);
    void on_clock_set_forward(std::int64_t step_ms);
    void pause(const std::string& connector, const std::string& reason);
    void resume(const std::string& connector);
    void hold(const std::string& connector, const std::string& flow);
    void release(const std::string& connector, const std::string& flow);
    void add(const delivery::ConnectorPlan& plan);
    void retire(const std::string& connector);
    void remove(const std::string& connector);
    void stop();

    std::vector<delivery::Action> step();
    std::optional<std::int64_t> wake_at() const;
    int running() const { return engine_.running(); }
    int running(const std::string& connector) const { return engine_.running(connector); }
    /// Why nothing of this flow may be claimed at this moment; "" where it may, and a lane is free.
    std::string closed_because(const std::string& connector, const std::string& flow) const;
    /// Since when (steady) nothing was in the way of this flow, as far as each step saw; nothing where something is
    /// now.
    std::optional<std::int64_t> open_since_ms(const std::string& connector, const std::string& flow) const;
    /// It was claimed here and has no durable end.
    bool has_in_flight(const std::string& connector, std::int64_t seq) const;

private:
    struct Breaker {
        bool open = false, half_open = false, probing = false;
        std::optional<std::int64_t> canary;
    };
    /// Of an external account: nobody is asked, one event goes first when its time has come.
    struct VendorBreaker {
        bool open = false, half_open = false;
        int tried = 0;
        std::int64_t try_at_ms = 0;
        std::optional<std::int64_t> canary;
    };
    struct Connector {
        delivery::ConnectorPlan plan;
        std::map<std::int64_t, int> in_flight;                 ///< the lane of each
        std::map<std::string, std::set<std::int64_t>> window;  ///< by flow: what was loaded and not claimed since
        std::map<std::string, int> passed_over;  ///< turns others had since this flow had something deliverable
        std::map<std::string, std::int64_t> closed_at_ms;  ///< steady, by flow: when something was last in its way
        std::set<std::string> held;
        std::set<std::string> calls_vendor;  ///< flows of which a delivery was seen to
        bool paused = false, retired = false;
    };

    void check(const delivery::Load& load);
    void check(const delivery::ClaimEvents& claim);
    void check(const delivery::FinishEvent& finish);
    void check(const delivery::DeadLetterEvent& end);
    void check(const delivery::Probe& probe);
    void check(const delivery::Paused& paused);
    void check(const delivery::OutageChanged& changed);
    void check_may_begin(const std::string& connector, const std::vector<std::int64_t>& seqs);
    void check_batch(const delivery::FlowPlan& plan, const std::vector<std::int64_t>& seqs) const;
    bool is_admitted(const std::string& connector, const std::string& flow) const;
    /// Failed too often, or certainly too old, or perhaps: what a clock said that was set does not make it older.
    bool is_over(const delivery::FlowPlan& plan, const Entry& entry) const;
    bool may_be_over(const delivery::FlowPlan& plan, const Entry& entry) const;
    VendorBreaker& vendor_breaker(const Connector& connector) { return vendor_breakers_[connector.plan.external]; }
    /// Only one event may find out, if any.
    bool is_vendor_away(const Connector& connector, const std::string& flow) const;
    void check_vendor(Connector& connector, const std::string& flow, const std::vector<std::int64_t>& seqs);
    void learn_of_vendor(Connector& connector, const journal::EventSummary& event, const delivery::Verdict& verdict);
    void let_vendors_be_tried();
    void leave(const std::string& connector, std::int64_t seq);
    void know(const delivery::ConnectorPlan& plan);
    void note_what_is_closed();
    void take_turn(Connector& connector, const std::string& flow);
    const delivery::FlowPlan& plan_of(const std::string& connector, const std::string& flow) const;
    void expect_end(const journal::EventSummary& event, const VerdictSeen& seen);
    void expect(bool holds, const std::string& what) const;
    template <class... Values>
    void note(const char* what, const Values&... values) const {
        environment_.trace.note(environment_.clock.steady_ms(), what, values...);
    }
    std::int64_t now_ms() const { return environment_.clock.now_ms(); }

    Environment environment_;
    const CheckedJournal& journal_;
    delivery::Admission* admission_;
    delivery::Engine engine_;
    std::map<std::string, Connector> connectors_;
    std::map<std::string, Breaker> breakers_;
    std::map<std::string, VendorBreaker> vendor_breakers_;
    struct Expected {
        ExpectedEnd end;
        bool holds_key;
    };
    std::map<std::int64_t, Expected> ends_;  ///< of verdicts that no FinishEvent has answered yet
    std::multiset<std::string> outages_begun_, outages_ended_, pauses_;  ///< of which the operator is to be told
    std::int64_t began_at_ms_, began_steady_ms_;                         ///< this engine's life, by both clocks
    std::int64_t forward_ms_ = 0;  ///< by which the wall clock was set forward since
    int last_lane_ = 0;
    bool stopping_ = false;
    bool fed_ = true;  ///< since the last step
    std::optional<std::int64_t> promised_wake_ms_;
    bool promised_ = false;
};

}  // namespace sluice::simulation
