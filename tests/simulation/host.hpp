#pragma once
// One host: the engine and what carries out its actions, as core/delivery's lanes do it, each as a step of its own.

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/delivery/clock_steps.hpp"
#include "core/delivery/lanes.hpp"
#include "tests/simulation/attempt.hpp"
#include "tests/simulation/checked_engine.hpp"
#include "tests/simulation/timeline.hpp"

namespace sluice::simulation {

/// Now and then nothing of a flow may begin: a function of time alone.
class SimulatedAdmission final : public delivery::Admission {
public:
    SimulatedAdmission(const Environment& environment, bool closes) : environment_(environment), closes_(closes) {}
    std::optional<std::int64_t> earliest_start_ms(const std::string& connector, const std::string& flow,
                                                  std::int64_t now_ms) override;

private:
    Environment environment_;
    bool closes_;
};

/// Lifecycle: start() when the journal is open; die() drops all that is in memory, and start() begins anew with
/// another life.
class Host final : public AttemptContext {
public:
    struct Surroundings {
        Environment environment;
        Timeline& timeline;
        CheckedJournal& journal;
        std::map<std::string, Remote>& remotes;
        /// Something of these was finished or appended: what other hosts of the journal would be told of.
        std::function<void(const std::string& connector)> changed;
        /// An event kills the process that handles it.
        std::function<void(int host)> kill;
        /// What another host had claimed was taken back.
        std::function<void()> took_over;
        /// A connector paused by itself.
        std::function<void(int host, const std::string& connector)> paused;
    };
    Host(Surroundings surroundings, int number);

    void start();
    void die();
    bool is_alive() const { return engine_ != nullptr; }
    int life() const { return life_; }
    /// Stands still until then (steady): its steps wait.
    void freeze_until(std::int64_t at_ms) { frozen_until_ms_ = at_ms; }
    std::int64_t frozen_until_ms() const { return frozen_until_ms_; }

    void notify(const std::string& connector, const std::string& flow = {});
    void resume(const std::string& connector);
    void hold(const std::string& connector, const std::string& flow);
    void release(const std::string& connector, const std::string& flow);
    /// Stops a connector and starts it again as `plan`.
    void reload(const delivery::ConnectorPlan& plan, std::int64_t grace_ms);
    /// Stops in order; `stopped` when nothing runs any more.
    void stop(std::int64_t grace_ms, std::function<void()> stopped);
    bool is_stopping() const { return stopping_; }

    /// How far the clock was set back and nobody has noticed; a process that dies now never will.
    std::int64_t unseen_step_ms() { return clock_steps_ ? clock_steps_->set_back_ms() : 0; }
    int running() const { return engine_ == nullptr ? 0 : engine_->running(); }
    const CheckedEngine& engine() const { return *engine_; }
    const std::string& name() const { return name_; }
    int number() const { return number_; }

private:
    struct Part {
        journal::Claim claim;
        std::optional<journal::Finish> decided;
        bool reported = false, ended = false;
    };
    /// One ClaimEvents or DeadLetterEvent on its lane.
    struct Job {
        std::string connector;
        std::vector<journal::Seq> seqs;
        std::optional<delivery::DeadLetterEvent> dead_letter;
        std::vector<Part> parts;
        std::size_t handling = 0;
        std::vector<delivery::Verdict> verdicts;
        std::shared_ptr<Attempt> attempt;
        std::int64_t deadline_ms = 0;
        int failures = 0;
        bool finishing = false;
    };

    // AttemptContext
    CheckedJournal& journal() override { return around_.journal; }
    Remote& remote(const ConnectorScript& connector, const FlowScript& flow) override;
    int& session_with(const Remote& remote) override { return sessions_[remote.name()]; }
    std::int64_t call(Remote& remote, Remote::Call call) override;

    // the dispatcher
    void wake(std::int64_t delay_ms);
    void dispatch();
    void look_at_the_clock();
    void keep_leases();
    void carry_out(delivery::Action& action);
    void load(const delivery::Load& load);
    void probe(const std::string& odoo);
    void add(const delivery::ConnectorPlan& plan);
    /// An input of the engine, in a step of its own.
    void feed(const char* what, std::function<void(CheckedEngine&)> input);
    void when_idle(const std::string& connector, std::int64_t cancel_at_ms, const std::function<void()>& then);

    // lanes (host_jobs.cpp)
    void submit(Job job);
    void claim(std::int64_t id);
    void give_back(std::int64_t id);
    void handle(std::int64_t id);
    void on_verdict(std::int64_t id, delivery::Verdict verdict);
    void decide(const delivery::FinishEvent& action);
    void finish_where_decided(std::int64_t id);
    void finish(std::int64_t id);
    void end(Job& job, Part& part);
    void cancel(const std::string& connector);
    std::int64_t backoff_ms(int failures) const;
    bool takes_no_more(const std::string& connector) const { return stopping_ || leaving_.contains(connector); }

    void later(std::int64_t delay_ms, const char* what, std::function<void()> run);
    std::int64_t short_delay_ms() { return around_.environment.dice.skewed(1'000); }
    std::int64_t steady_ms() const { return around_.environment.clock.steady_ms(); }

    Surroundings around_;
    int number_;
    std::string name_;  ///< another one in every life
    int life_ = 0;
    std::int64_t frozen_until_ms_ = 0;
    SimulatedAdmission admission_;
    std::unique_ptr<CheckedEngine> engine_;
    std::optional<delivery::ClockSteps> clock_steps_;
    std::int64_t renewed_at_ms_ = 0, last_job_ = 0;
    std::int64_t last_wake_ = 0;               ///< the dispatch that is planned; earlier ones are void
    std::optional<std::int64_t> wakes_at_ms_;  ///< steady
    std::map<std::int64_t, Job> jobs_;
    std::map<journal::Seq, journal::Lease> leases_;
    std::map<std::string, delivery::ConnectorPlan> plans_;
    std::map<std::string, int> sessions_;
    std::set<std::string> leaving_, cancelled_;
    bool stopping_ = false;
};

}  // namespace sluice::simulation
