#include "core/schedule/zone.hpp"

#include <date/tz.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <vector>

#include "core/base/text.hpp"
#include "core/schedule/moments.hpp"

namespace sluice::schedule {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// A link to what the machine's owner chose: a schedule would mean something else on every host.
constexpr std::string_view machine_zone = "localtime";

std::string unknown_zone(std::string_view name, const date::tzdb& database) {
    std::vector<std::string> names;
    for (const auto& zone : database.zones) {
        if (zone.name() != machine_zone) names.push_back(zone.name());
    }
    return fmt::format("time zone `{}` is unknown; right would be an IANA name such as `Europe/Brussels`, or `UTC`{}",
                       name, did_you_mean(name, names));
}

std::int64_t to_ms(date::sys_seconds moment) {
    return milliseconds(moment.time_since_epoch()).count();
}

}  // namespace

std::expected<Zone, std::string> Zone::find(std::string_view name) {
    Zone found;
    if (name == "UTC") return found;
    try {
        const date::tzdb& database = date::get_tzdb();
        const auto zone = std::ranges::find(database.zones, name, &date::time_zone::name);
        if (zone == database.zones.end() || name == machine_zone) return std::unexpected(unknown_zone(name, database));
        zone->get_info(date::sys_seconds());  // reads the zone's file, which is what may fail
        found.zone_ = &*zone;
        return found;
    } catch (const std::exception& problem) {
        return std::unexpected(fmt::format("time zone `{}` cannot be read from the machine's time zone database: {}",
                                           name, problem.what()));
    }
}

Zone::Offset Zone::offset_at(std::int64_t unix_ms) const {
    if (zone_ == nullptr) return {.offset_ms = 0, .end_ms = latest_ms + day_ms};
    const auto info = zone_->get_info(date::floor<seconds>(date::sys_time<milliseconds>(milliseconds(unix_ms))));
    return {.offset_ms = milliseconds(info.offset).count(), .end_ms = to_ms(info.end)};
}

std::int64_t Zone::first_moment_of(std::int64_t local_ms) const {
    if (zone_ == nullptr) return local_ms;
    const auto info = zone_->get_info(date::floor<seconds>(date::local_time<milliseconds>(milliseconds(local_ms))));
    if (info.result == date::local_info::nonexistent) return to_ms(info.first.end);
    return local_ms - milliseconds(info.first.offset).count();
}

}  // namespace sluice::schedule
