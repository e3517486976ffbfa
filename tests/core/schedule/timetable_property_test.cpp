// Random clocks, ends, removals and schedules: what a timetable promises holds always.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "core/schedule/timetable.hpp"
#include "tests/core/schedule/moment_text.hpp"

namespace sluice::schedule::testing {
namespace {

constexpr std::int64_t start_ms = 1'743'285'600'000;  // 2025-03-29T22:00:00Z: Brussels is about to change its clocks
const std::vector<std::string> names = {"catalog", "orders", "stock"};

Schedule any_schedule() {
    const auto kind = *rc::gen::inRange(0, 4);
    if (kind == 0) return every(*rc::gen::inRange<std::int64_t>(1, 90) * minute_ms);
    if (kind == 1) return cron("*/15 * * * *", "Europe/Brussels");
    if (kind == 2) return cron("0,30 1-4 * * *", "Europe/Brussels");
    return cron("7 * * * *");
}

Misfire any_misfire() {
    return *rc::gen::element(Misfire::once, Misfire::skip);
}

std::int64_t moments_within(const Schedule& schedule, std::int64_t after_ms, std::int64_t until_ms) {
    std::int64_t count = 0;
    for (auto next = schedule.next_after(after_ms); next && *next <= until_ms; next = schedule.next_after(*next))
        ++count;
    return count;
}

/// One run: the world around a timetable, which keeps books of its own.
class World {
public:
    World() {
        for (const auto& name : names) add(name, now_ms_);
    }

    void turn() {
        switch (*rc::gen::inRange(0, 8)) {
            case 0:
                now_ms_ += *rc::gen::inRange<std::int64_t>(0, 6 * hour_ms);
                break;
            case 1:
                now_ms_ -= *rc::gen::inRange<std::int64_t>(0, 3 * hour_ms);
                break;
            case 2:
                restart_or_replace(*rc::gen::elementOf(names));
                break;
            case 3:
            case 4:
                end(*rc::gen::elementOf(names));
                break;
            case 5:
                if (const auto wake_ms = timetable_.wake_at(now_ms_)) now_ms_ = *wake_ms;
                break;
            default:
                now_ms_ += *rc::gen::inRange<std::int64_t>(0, 10 * minute_ms);
        }
        ask();
    }

    /// Whatever happened: once everything ended and the clock is past all it ever showed, each job is due again.
    void check_that_all_fire_again() {
        ask();
        for (const auto& name : names) end(name);
        for (const auto& [name, last_ms] : last_due_ms_) now_ms_ = std::max(now_ms_, last_ms);
        std::set<std::string> fired;
        for (const std::int64_t end_ms = now_ms_ + 2 * day_ms; now_ms_ < end_ms && fired.size() < names.size();) {
            const auto wake_ms = timetable_.wake_at(now_ms_);
            RC_ASSERT(wake_ms);
            now_ms_ = *wake_ms;
            for (const auto& name : ask()) fired.insert(name);
            for (const auto& name : fired) end(name);
        }
        RC_ASSERT(fired.size() == names.size());
    }

private:
    struct Book {
        Schedule schedule;
        std::int64_t counted_from_ms;
        std::int64_t counted = 0;  ///< due or said to be missed since then
        bool exact = true;
        std::int64_t latest_ms = counted_from_ms;  ///< what was handled last is not later
    };

    /// A clock that was set back far enough lets moments come again; how many were passed over is then not known here.
    void follow_clock(const std::string& name, Book& book) {
        const auto ahead_ms = book.schedule.follows_clock() ? Timetable::most_repeated_ms : 0;
        if (book.latest_ms > now_ms_ + ahead_ms) {
            book.exact = false;
            book.latest_ms = now_ms_ + ahead_ms;
            last_due_ms_[name] = std::min(last_due_ms_[name], now_ms_);
        }
        book.latest_ms = std::max(book.latest_ms, now_ms_);
    }

    void add(const std::string& name, std::int64_t last_due_ms) {
        const Schedule schedule = any_schedule();
        timetable_.add(name, schedule, last_due_ms, any_misfire());
        last_due_ms_[name] = last_due_ms;
        books_.insert_or_assign(name, Book{.schedule = schedule, .counted_from_ms = last_due_ms});
    }

    void restart_or_replace(const std::string& name) {
        timetable_.remove(name);
        add(name, last_due_ms_.at(name));
    }

    void end(const std::string& name) {
        timetable_.finished(name, now_ms_);
        running_.erase(name);
    }

    std::vector<std::string> ask() {
        const auto wake_ms = timetable_.wake_at(now_ms_);
        const auto due = timetable_.due(now_ms_);
        for (auto& [name, book] : books_) follow_clock(name, book);
        if (!wake_ms || *wake_ms > now_ms_) RC_ASSERT(due.empty());
        std::vector<std::string> fired;
        for (const Due& one : due) {
            Book& book = books_.at(one.name);
            RC_ASSERT(running_.insert(one.name).second);        // never two runs of one job
            RC_ASSERT(one.due_ms > last_due_ms_.at(one.name));  // never twice, unless the clock went back
            RC_ASSERT(one.due_ms <= now_ms_);
            RC_ASSERT(book.schedule.next_after(one.due_ms - 1) == std::optional(one.due_ms));
            book.exact = book.exact && one.missed < Timetable::most_missed;
            book.counted += 1 + one.missed;
            if (book.exact) {  // every moment was due or is said to be missed
                RC_ASSERT(book.counted == moments_within(book.schedule, book.counted_from_ms, one.due_ms));
            }
            last_due_ms_[one.name] = one.due_ms;
            fired.push_back(one.name);
        }
        const auto after_ms = timetable_.wake_at(now_ms_);
        RC_ASSERT(!after_ms || *after_ms > now_ms_);  // nobody is woken for what was just answered
        return fired;
    }

    std::int64_t now_ms_ = start_ms;
    Timetable timetable_;
    std::map<std::string, Book> books_;
    std::map<std::string, std::int64_t> last_due_ms_;
    std::set<std::string> running_;
};

RC_GTEST_PROP(TimetableProperties, NothingFiresTwiceOverlapsOrStops, ()) {
    World world;
    const auto turns = *rc::gen::inRange(0, 60);
    for (int turn = 0; turn < turns; ++turn) world.turn();
    world.check_that_all_fire_again();
}

}  // namespace
}  // namespace sluice::schedule::testing
