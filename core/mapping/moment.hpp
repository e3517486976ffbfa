#pragma once
// Dates and times as another system writes them.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "core/contract/contract.hpp"

namespace sluice::mapping {

/// The moment a text names, in Unix milliseconds; the error says why it names none. RFC 3339 with a zone, or, with
/// `clock.zone`, a date and time of its wall clock (the first where they show one twice); or as `clock.format` says.
std::expected<std::int64_t, std::string> read_moment(std::string_view text, const contract::Clock& clock);

/// The day a text names, "2024-02-29": a date, or a moment's date in `clock.zone` (without one: as it is written).
std::expected<std::string, std::string> read_date(std::string_view text, const contract::Clock& clock);

/// "2024-03-01" of "2024-02-29", a day there was.
std::string day_after(std::string_view date);

/// Odoo's "2024-02-29 22:30:00", which is UTC, or RFC 3339.
std::expected<std::int64_t, std::string> read_odoo_moment(std::string_view text);

/// The moment as `clock.format` says; RFC 3339 without one, in `clock.zone` or UTC: "2024-02-29T23:30:00+01:00".
std::string write_moment(std::int64_t unix_ms, const contract::Clock& clock);
/// "2024-02-29" as `clock.format` says.
std::string write_date(std::string_view date, const contract::Clock& clock);

}  // namespace sluice::mapping
