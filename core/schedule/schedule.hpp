#pragma once
// When something is due, however it was said.

#include <cstdint>
#include <optional>
#include <variant>

#include "core/schedule/cron.hpp"
#include "core/schedule/interval.hpp"

namespace sluice::schedule {

/// A cron expression or an interval. Due moments are milliseconds since the Unix epoch; any number may be asked about.
/// A value; any thread.
class Schedule {
public:
    /// How far back previous_or_at() looks: as long as the longest interval.
    static constexpr std::int64_t look_back_ms = longest_every_ms;

    // Not explicit: a Cron is a Schedule.
    Schedule(Cron cron) : rule_(cron) {}
    Schedule(Interval interval) : rule_(interval) {}

    /// A cron expression: its moments are those of a wall clock.
    bool follows_clock() const { return std::holds_alternative<Cron>(rule_); }

    /// The first due moment strictly after `unix_ms`; nothing where none comes (Cron::next_after).
    std::optional<std::int64_t> next_after(std::int64_t unix_ms) const;
    /// The latest due moment at or before `now_ms`; nothing where none was within `look_back_ms`.
    std::optional<std::int64_t> previous_or_at(std::int64_t now_ms) const;
    /// The latest due moment after `after_ms` and at or before `until_ms`.
    std::optional<std::int64_t> latest_within(std::int64_t after_ms, std::int64_t until_ms) const;

private:
    std::variant<Cron, Interval> rule_;
};

}  // namespace sluice::schedule
