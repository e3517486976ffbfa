#pragma once
// A cron expression in a time zone.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/schedule/cron_fields.hpp"
#include "core/schedule/zone.hpp"

namespace sluice::schedule {

/// When a job is due that follows a wall clock: at the first second of every minute that matches. A value; any thread.
///
/// Where the zone's clocks change (daylight saving), vixie cron's rule holds. Which half applies is written in the
/// expression:
///
/// - Neither minute nor hour has a `*` ("30 2 * * *", "0 1-5/2 * * MON"): the job runs once for every time it names.
///   A time the clocks jump over is due at the first moment after the jump (several such: once), and a time they
///   show twice is due at the first only.
/// - Minute or hour has a `*`, with or without a step ("*/15 * * * *", "0 * * * *", "*/30 2 * * *"): the job runs
///   whenever the clocks show a matching time. "*/15 * * * *" is every real quarter of an hour, in a doubled hour too;
///   what the clocks jump over is not due.
class Cron {
public:
    /// `expression`: as parse_cron_fields reads it (cron_fields.hpp). `zone`: as Zone::find reads it (zone.hpp).
    /// The error, for the operator, says what was found and what would be right.
    static std::expected<Cron, std::string> parse(std::string_view expression, std::string_view zone);

    /// The first due moment strictly after `unix_ms` (any number; limits: moments.hpp). Nothing where none comes within
    /// 41 years, as for 30 February.
    std::optional<std::int64_t> next_after(std::int64_t unix_ms) const;

private:
    Cron(CronFields fields, Zone zone) : fields_(fields), zone_(zone) {}

    std::optional<std::int64_t> next_shown(std::int64_t unix_ms) const;
    std::optional<std::int64_t> next_named(std::int64_t unix_ms) const;

    CronFields fields_;
    Zone zone_;
};

}  // namespace sluice::schedule
