#include "host/service/clockwork.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "core/schedule/cron.hpp"
#include "core/schedule/interval.hpp"
#include "core/schedule/schedule.hpp"
#include "host/plugins/capture_run.hpp"
#include "host/plugins/delivery_state.hpp"
#include "host/plugins/reconcile_run.hpp"
#include "host/plugins/reconcile_state.hpp"
#include "host/service/trigger_events.hpp"

namespace sluice::host {
namespace {

/// How often one moment may come again.
constexpr int most_repeats = 100;

/// The moment of the last run, as its delivery left it in this state; nothing where there was none.
std::optional<std::int64_t> last_run_ms(journal::Journal& journal, const Connector& connector,
                                        const std::string& state) {
    const auto kept = journal.get_state(connector.name, state);
    if (!kept || kept->value.empty()) return std::nullopt;
    std::int64_t moment_ms = 0;
    const auto& text = kept->value;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), moment_ms);
    return read.ec == std::errc() ? std::optional(moment_ms) : std::nullopt;
}

}  // namespace

Clockwork::Clockwork(journal::Journal& journal, const Clock& clock, const telemetry::Logger& log,
                     std::function<void(const std::string& connector)> notify)
    : journal_(journal),
      clock_(clock),
      log_(log),
      notify_(std::move(notify)),
      started_at_ms_(clock.now_ms()),
      thread_([this] { run(); }) {}

Clockwork::~Clockwork() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        wake_.notify_one();
    }
    thread_.join();
}

void Clockwork::add(const std::string& name, const Job& job, const schedule::Schedule& when, std::int64_t last_due_ms,
                    schedule::Misfire misfire) {
    jobs_.insert_or_assign(name, job);
    timetable_.add(name, when, last_due_ms, misfire);
}

void Clockwork::add_flow(const std::shared_ptr<const Connector>& connector, const contract::Flow& flow,
                         const std::string& installation, std::map<std::string, bool>& wanted) {
    const auto now_ms = clock_.now_ms();
    const auto add_interval = [&](Kind kind, std::string_view word, std::int64_t every_ms, std::int64_t last_due_ms,
                                  schedule::Misfire misfire) {
        const auto name = fmt::format("{}/{}/{}", connector->name, flow.name, word);
        const auto interval = schedule::Interval::create(every_ms, fmt::format("{} {}", installation, name));
        if (!interval) return;  // the contract's parser has checked it
        wanted[name] = true;
        add(name, {.connector = connector, .flow = flow.name, .kind = kind}, *interval, last_due_ms, misfire);
    };
    if (flow.odoo_change) {
        const auto& change = *flow.odoo_change;
        // A host that starts looks at once.
        add_interval(Kind::poll, "poll", change.every_ms, now_ms - change.every_ms, schedule::Misfire::once);
        // Also where it was never swept: nobody knows what was missed, and a watch that is new has nothing to compare.
        const auto last_ms = last_run_ms(journal_, *connector, last_sweep_state(flow.name));
        add_interval(Kind::sweep, "sweep", change.sweep_ms, last_ms.value_or(now_ms - change.sweep_ms),
                     schedule::Misfire::once);
    }
    const auto add_timetable = [&](Kind kind, std::string_view word, const contract::ScheduleTrigger& schedule,
                                   const std::string& state) {
        const auto misfire = schedule.skips_missed ? schedule::Misfire::skip : schedule::Misfire::once;
        const auto last_ms = last_run_ms(journal_, *connector, state).value_or(now_ms);
        if (schedule.cron.empty()) return add_interval(kind, word, schedule.every_ms, last_ms, misfire);
        const auto cron = schedule::Cron::parse(schedule.cron, schedule.zone);
        if (!cron) return;
        const auto name = fmt::format("{}/{}/{}", connector->name, flow.name, word);
        wanted[name] = true;
        add(name, {.connector = connector, .flow = flow.name, .kind = kind}, *cron, last_ms, misfire);
    };
    if (flow.schedule)
        add_timetable(Kind::schedule, "schedule", *flow.schedule,
                      std::string(DeliveryState::schedule_prefix) + flow.name);
    if (can_reconcile(*connector, flow) && flow.reconcile->schedule)
        add_timetable(Kind::reconcile, "reconcile", *flow.reconcile->schedule, reconcile_scheduled_state(flow.name));
}

void Clockwork::configure(const std::vector<std::shared_ptr<const Connector>>& connectors,
                          const std::map<std::string, std::string>& installations) {
    const std::lock_guard lock(mutex_);
    std::map<std::string, bool> wanted;
    for (const auto& connector : connectors) {
        const auto known = installations.find(connector->odoo);
        const auto installation = known == installations.end() ? std::string() : known->second;
        for (const auto& [name, flow] : connector->plugin->contract.flows) {
            if (is_on(*connector, flow)) add_flow(connector, flow, installation, wanted);
        }
    }
    std::erase_if(jobs_, [&](const auto& job) {
        if (wanted.contains(job.first)) return false;
        timetable_.remove(job.first);
        return true;
    });
    changed_ = true;
    wake_.notify_one();
}

Result<journal::Seq> Clockwork::append(const schedule::Due& due, const Job& job) {
    const auto& flow = job.connector->plugin->contract.flows.at(job.flow);
    const auto make = job.kind == Kind::poll        ? poll_event
                      : job.kind == Kind::sweep     ? sweep_event
                      : job.kind == Kind::reconcile ? scheduled_reconcile_event
                                                    : schedule_event;
    const auto event = make(*job.connector, flow, due.due_ms);
    journal::Seq last{};
    for (int time = 1; time <= most_repeats; ++time) {
        auto one = event;
        if (time > 1) one.event_id += fmt::format("/{}", time);
        std::vector<journal::NewEvent> events;
        events.push_back(std::move(one));
        const auto appended = journal_.append(std::move(events));
        if (!appended) return std::unexpected(appended.error());
        last = appended->front().seq;
        if (!appended->front().duplicate) break;
        const auto known = journal_.find(last);
        if (!known) return std::unexpected(known.error());
        const bool done = *known && (*known)->state == journal::EventState::done;
        // A host that starts meets moments it has served before, and leaves them. One that was served "later" than this
        // start was served by a clock that was ahead.
        if (!done || (!due.repeated && (*known)->appended_at_ms <= started_at_ms_)) break;
    }
    return last;
}

void Clockwork::start(const schedule::Due& due) {
    const auto& job = jobs_.at(due.name);
    const auto appended = append(due, job);
    if (!appended) {
        log_.error("a scheduled event could not be journalled", {.connector = job.connector->name, .flow = job.flow},
                   {{"error", appended.error().message}});
        return timetable_.finished(due.name, clock_.now_ms());
    }
    running_[due.name] = *appended;
    notify_(job.connector->name);
}

void Clockwork::look_after_running() {
    std::erase_if(running_, [this](const auto& job) {
        const auto event = journal_.find(job.second);  // not show(): it waits for what people read
        if (!event) return false;
        const bool finished = !*event || (*event)->state == journal::EventState::done ||
                              (*event)->state == journal::EventState::discarded ||
                              (*event)->state == journal::EventState::superseded;
        if (finished) timetable_.finished(job.first, clock_.now_ms());
        return finished;
    });
}

void Clockwork::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        look_after_running();
        for (const auto& due : timetable_.due(clock_.now_ms())) start(due);
        const auto now_ms = clock_.now_ms();
        const auto wake_at_ms = timetable_.wake_at(now_ms);
        auto sleep_ms = longest_sleep_ms;
        if (wake_at_ms) sleep_ms = std::clamp<std::int64_t>(*wake_at_ms - now_ms, 1, longest_sleep_ms);
        wake_.wait_for(lock, std::chrono::milliseconds(sleep_ms), [this] { return stopping_ || changed_; });
        changed_ = false;
    }
}

}  // namespace sluice::host
