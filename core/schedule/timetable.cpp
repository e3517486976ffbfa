#include "core/schedule/timetable.hpp"

#include <algorithm>
#include <tuple>

namespace sluice::schedule {

void Timetable::handle(Job& job, std::int64_t moment_ms) {
    job.handled_ms = moment_ms;
    job.next_ms = job.schedule.next_after(moment_ms);
}

/// What was handled lies in the future only where the clock was set back, now or while nobody was there.
void Timetable::follow_clock(Job& job, std::int64_t now_ms) {
    const auto ahead_ms = job.schedule.follows_clock() ? most_repeated_ms : 0;
    if (job.handled_ms <= now_ms + ahead_ms) return;
    job.repeats_until_ms = std::max(job.repeats_until_ms.value_or(job.handled_ms), job.handled_ms);
    handle(job, now_ms);
}

void Timetable::pass_over(Job& job, std::int64_t until_ms) {
    while (job.next_ms && *job.next_ms <= until_ms && job.missed < most_missed) {
        ++job.missed;
        handle(job, *job.next_ms);
    }
    // More than the limit: the rest in one step.
    if (job.next_ms && *job.next_ms <= until_ms) handle(job, *job.schedule.latest_within(job.handled_ms, until_ms));
}

void Timetable::add(const std::string& name, const Schedule& schedule, std::int64_t last_due_ms, Misfire misfire) {
    Job job{.schedule = schedule,
            .misfire = misfire,
            .handled_ms = last_due_ms,
            .next_ms = std::nullopt,
            .repeats_until_ms = std::nullopt};
    if (const auto known = jobs_.find(name); known != jobs_.end()) {
        // Not the later of the two: what has become due since and nobody has asked for yet would be dropped.
        job.handled_ms = known->second.handled_ms;
        job.missed = known->second.missed;
        job.repeats_until_ms = known->second.repeats_until_ms;
    }
    handle(job, job.handled_ms);
    jobs_.insert_or_assign(name, job);
}

void Timetable::remove(const std::string& name) {
    jobs_.erase(name);
}

std::vector<Due> Timetable::due(std::int64_t now_ms) {
    std::vector<Due> answer;
    for (auto& [name, job] : jobs_) {
        follow_clock(job, now_ms);
        if (!job.next_ms || *job.next_ms > now_ms || running_.contains(name)) continue;
        const std::int64_t due_ms = *job.schedule.latest_within(job.handled_ms, now_ms);
        if (job.misfire == Misfire::skip && now_ms - due_ms > grace_ms) {
            pass_over(job, due_ms);
            continue;
        }
        pass_over(job, due_ms - 1);
        handle(job, due_ms);
        if (job.repeats_until_ms && due_ms > *job.repeats_until_ms) job.repeats_until_ms.reset();
        answer.push_back(
            {.name = name, .due_ms = due_ms, .missed = job.missed, .repeated = job.repeats_until_ms.has_value()});
        job.missed = 0;
        running_.insert(name);
    }
    std::ranges::sort(answer, {}, [](const Due& one) { return std::tie(one.due_ms, one.name); });
    return answer;
}

void Timetable::finished(const std::string& name, std::int64_t now_ms) {
    if (running_.erase(name) == 0) return;
    // What came while it ran is passed over here, whether or not somebody asked for it meanwhile.
    if (const auto job = jobs_.find(name); job != jobs_.end()) pass_over(job->second, now_ms);
}

std::optional<std::int64_t> Timetable::wake_at(std::int64_t now_ms) const {
    std::optional<std::int64_t> earliest;
    for (const auto& [name, job] : jobs_) {
        if (!job.next_ms || running_.contains(name)) continue;
        earliest = std::min(earliest.value_or(*job.next_ms), *job.next_ms);
    }
    return earliest ? std::optional(std::max(*earliest, now_ms)) : std::nullopt;
}

}  // namespace sluice::schedule
