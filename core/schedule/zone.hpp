#pragma once
// A time zone: what its clocks show, and when they show it.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace date {
class time_zone;
}

namespace sluice::schedule {

/// A zone of the machine's database (/usr/share/zoneinfo). A small value; what it points to lives as long as the
/// program. Any thread.
/// Debian 12's date library knows the changes a zone file lists one by one, which Debian's do until 2037; after that
/// it stays with standard time.
class Zone {
public:
    /// "UTC" (without a database too) or an IANA name ("Europe/Brussels"), written as IANA writes it. The error, for
    /// the operator, suggests the nearest name.
    static std::expected<Zone, std::string> find(std::string_view name);

    /// What the clocks are ahead of UTC by at a moment, and how long they stay so.
    struct Offset {
        std::int64_t offset_ms = 0;
        std::int64_t end_ms = 0;  ///< the moment it changes
    };
    /// `unix_ms` within the limits of moments.hpp.
    Offset offset_at(std::int64_t unix_ms) const;

    /// When the clocks show `local_ms` (milliseconds since 1970-01-01T00:00 on the wall clock): the first time where
    /// they show it twice; the moment they jump where they jump over it.
    std::int64_t first_moment_of(std::int64_t local_ms) const;

private:
    const date::time_zone* zone_ = nullptr;  ///< null: UTC
};

}  // namespace sluice::schedule
