#pragma once
// The real journal on the simulated disk: every call may meet a fault, and every answer is held against the ledger.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/journal/sqlite/sqlite_journal.hpp"
#include "tests/simulation/clock.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/disk_vfs.hpp"
#include "tests/simulation/faults.hpp"
#include "tests/simulation/ledger.hpp"
#include "tests/simulation/scenario.hpp"
#include "tests/simulation/trace.hpp"

namespace sluice::simulation {

/// What a run and its parts share.
struct Environment {
    SimulatedClock& clock;
    Dice& dice;
    Trace& trace;
    Statistics& statistics;
    const Scenario& scenario;
    bool& calm;  ///< nothing goes wrong any more

    bool trouble(int per_mille) const { return !calm && dice.chance(per_mille); }
    void hit(Fault fault) const { statistics.hit(fault); }
};

/// Lifecycle: open() until it succeeds, calls, then crash() after a Death or close() in order, and again. A call that
/// the process does not survive throws Death; an answer that is not what the ledger says throws Violation.
///
/// What a crash leaves open: the call it came in, and the last one that failed before it (a transaction whose sync
/// failed may still be found whole in the log). The next open() tells which; any third outcome is a Violation.
class CheckedJournal {
public:
    explicit CheckedJournal(const Environment& environment, std::uint64_t seed);
    ~CheckedJournal();

    // ---- the process that has the journal open
    bool is_open() const { return journal_ != nullptr; }
    /// The last open() had to tell what became of a call that a crash came in.
    bool found_an_open_call() const { return found_an_open_call_; }
    /// False where the journal could not be opened now.
    bool open();
    void close();
    void crash(Death::How how);

    // ---- calls, as journal::Journal has them
    /// `acknowledged` runs where the journal says that the events are durable: a moment that a crash in the same call
    /// may follow.
    Result<void> append(const std::vector<journal::NewEvent>& events, bool async,
                        const std::function<void(const std::vector<journal::Appended>&)>& acknowledged);
    Result<std::vector<journal::EventSummary>> ready(const std::string& connector, const std::string& flow,
                                                     std::int64_t until_ms, int limit);
    Result<std::optional<std::int64_t>> next_available(const std::string& connector, const std::string& flow,
                                                       std::int64_t after_ms);
    Result<std::vector<journal::Claim>> claim(const std::vector<journal::Seq>& seqs, const journal::LeaseTerms& terms);
    std::vector<Result<void>> finish_all(const std::vector<journal::Ending>& endings);
    Result<std::vector<journal::Lease>> renew(const std::vector<journal::Lease>& leases, std::int64_t until_ms);
    Result<std::vector<journal::EventSummary>> expire_leases(const std::string& own_host);
    Result<void> shift_available(std::int64_t step_ms);
    Result<std::string> applied_revision(const journal::EventSummary& event);
    Result<journal::StateValue> get_state(const std::string& connector, const std::string& name);
    Result<void> replay(journal::Seq seq);
    Result<void> discard(journal::Seq seq);
    Result<void> edit(journal::Seq seq, const std::string& payload);
    Result<std::vector<journal::Seq>> replay_all(const journal::EventFilter& filter);
    Result<std::vector<journal::Seq>> discard_all(const journal::EventFilter& filter);
    Result<void> pause(const journal::Pause& pause);
    Result<bool> resume(const std::string& connector, const std::string& flow);
    Result<std::vector<journal::Pause>> pauses();
    Result<journal::Erased> erase(const journal::Retention& retention);

    // ---- checks
    /// The whole list against the ledger, and what must be true of any list.
    void check_list();
    /// Everything there is: contents, history, counts, SQLite's own check.
    void check_everything();
    /// Asks the journal, which is open; nothing goes wrong.
    journal::EventDetail show(journal::Seq seq);
    const Ledger& ledger() const { return ledger_; }
    Disk& disk() { return disk_; }

private:
    using Change = std::function<void(Ledger&)>;
    template <class T>
    using Call = std::function<Result<T>(journal::Journal&)>;
    /// Runs a call with what may go wrong around it and in it. `change` is what it does where it is durable; `check`
    /// runs where it succeeded, does it to the ledger and compares the answer.
    template <class T>
    Result<T> call(const char* what, const Call<T>& function, const Change& change,
                   const std::function<void(const T&)>& check);
    Result<void> decide(const char* what, journal::Seq seq, const Call<void>& function,
                        const std::function<bool(Ledger&)>& change);
    Result<std::vector<journal::Seq>> decide_all(const char* what, const journal::EventFilter& filter,
                                                 const Call<std::vector<journal::Seq>>& function, bool only_deliverable,
                                                 bool (Ledger::*change)(std::int64_t, std::int64_t));
    void before_call(const char* what, bool writes);
    /// True where the disk gave the call a reason to fail.
    bool had_trouble();
    void after_call(bool writes);
    void arm_disk(int deaths_per_mille);
    [[noreturn]] void die_in_call(const Change& change);
    [[noreturn]] void die(Fault fault, Death death = {}) const;
    void keep_possible(const Change& change);
    void keep_possible_recovery();
    void pick_outcome();
    bool has_same_contents(const Ledger& ledger, std::string& difference);
    bool is_as(const Ledger& ledger, const std::vector<journal::EventSummary>& listed, std::string& difference);
    void check_claims(const std::vector<journal::Claim>& claims, const std::vector<std::int64_t>& expected) const;
    void check_keys(const std::vector<journal::EventSummary>& listed) const;
    void must_be_excused(const char* what, const Error& error, bool excused) const;
    void expect(bool holds, const std::string& what) const;
    std::int64_t now_ms() const { return environment_.clock.now_ms(); }

    Environment environment_;
    Disk disk_;
    DiskVfs vfs_;
    std::unique_ptr<journal::SqliteJournal> journal_;
    Ledger ledger_;
    bool armed_full_ = false, found_an_open_call_ = false;
    Change failed_;                 ///< the last call that failed and may still turn out to be durable
    std::vector<Ledger> possible_;  ///< after a crash: what the journal may say
};

template <class T>
Result<T> CheckedJournal::call(const char* what, const Call<T>& function, const Change& change,
                               const std::function<void(const T&)>& check) {
    before_call(what, change != nullptr);
    const auto now = now_ms();
    const Change committed = change == nullptr ? change : [change, now](Ledger& ledger) {
        change(ledger);
        ledger.stamp(now);
    };
    const auto writes_before = disk_.writes();
    auto result = function(*journal_);
    if (disk_.is_dead()) die_in_call(committed);
    const bool excused = had_trouble();
    if (!result) {
        environment_.trace.note(environment_.clock.steady_ms(), what, "failed:", result.error().message);
        must_be_excused(what, result.error(), excused);
        if (disk_.writes() > writes_before) failed_ = committed;
    } else {
        check(*result);
        if (change != nullptr) ledger_.stamp(now);
        if (disk_.writes() > writes_before) failed_ = nullptr;
    }
    after_call(change != nullptr);
    return result;
}

/// The image of a disk with an empty journal on it.
const Disk::Image& formatted_image();

}  // namespace sluice::simulation
