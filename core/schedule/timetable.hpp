#pragma once
// Which jobs are due now, and what becomes of the moments nobody was there for.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/schedule/moments.hpp"
#include "core/schedule/schedule.hpp"

namespace sluice::schedule {

/// What a job does about moments that were missed: the host was down, asleep or late, or its clock went forward.
enum class Misfire : std::uint8_t {
    once,  ///< due once, for the latest missed
    skip,  ///< one that is more than Timetable::grace_ms late is passed over
};

/// A job to be run now.
struct Due {
    std::string name;
    /// The moment it is due for. Of one job it grows, so that it identifies the run, except where `repeated`.
    std::int64_t due_ms = 0;
    /// Moments passed over since the Due before this one; at Timetable::most_missed: at least as many.
    std::int64_t missed = 0;
    /// It may have been due before: the clock was set back since.
    bool repeated = false;

    friend bool operator==(const Due&, const Due&) = default;
};

/// Jobs by name, each with a schedule. Pure logic over time: the caller brings the clock and runs what is due.
///
/// Correct use: one owner calls due(), runs what it answers, says finished() for each, however it ended, and comes back
/// at wake_at(). No two runs of one job overlap: a moment that comes while a job runs is passed over and counted. The
/// clock may jump both ways. Set back, an interval goes on from where the clock is now; a cron expression too where the
/// step is larger than `most_repeated_ms`, else it waits for its next moment, so that a small correction runs no
/// nightly job twice.
class Timetable {
public:
    /// How late a job of Misfire::skip may start.
    static constexpr std::int64_t grace_ms = minute_ms;
    /// How far a clock may be set back without a cron expression's moments being due again: an hour that is repeated,
    /// and some.
    static constexpr std::int64_t most_repeated_ms = 2 * hour_ms;
    /// Where counting passed-over moments ends.
    static constexpr std::int64_t most_missed = 1'000;

    /// Adds a job that is next due after `last_due_ms`: the `due_ms` of its last Due, which the caller keeps, or for a
    /// job that never ran, now. Of a job that is there already this changes schedule and policy; its run and what was
    /// due of it stand, whatever `last_due_ms` says.
    void add(const std::string& name, const Schedule& schedule, std::int64_t last_due_ms,
             Misfire misfire = Misfire::once);
    /// Forgets a job; a run of it that goes on still keeps a job added under its name waiting. An unknown name is no
    /// error.
    void remove(const std::string& name);

    /// The jobs to run now, the longest due first; each is running from here on. A job that is not wanted after all is
    /// finished() too.
    std::vector<Due> due(std::int64_t now_ms);
    /// The run ended, well or not. A name that is not running is no error.
    void finished(const std::string& name, std::int64_t now_ms);

    /// When due() should be called again though nothing is finished: `now_ms` where something is due already. Nothing:
    /// only after add() or finished().
    std::optional<std::int64_t> wake_at(std::int64_t now_ms) const;

private:
    struct Job {
        Schedule schedule;
        Misfire misfire;
        std::int64_t handled_ms;              ///< the last moment that was due or passed over
        std::optional<std::int64_t> next_ms;  ///< the first one after that
        std::int64_t missed = 0;
        std::optional<std::int64_t> repeats_until_ms;  ///< where the clock was before it was set back
    };

    static void follow_clock(Job& job, std::int64_t now_ms);
    static void handle(Job& job, std::int64_t moment_ms);
    static void pass_over(Job& job, std::int64_t until_ms);

    std::map<std::string, Job> jobs_;
    std::set<std::string> running_;
};

}  // namespace sluice::schedule
