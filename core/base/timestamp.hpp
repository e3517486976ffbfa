#pragma once
// RFC 3339 timestamps in, UTC out.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Milliseconds since the epoch of an RFC 3339 date-time with a zone ("2021-12-31T19:00:00-05:00", "...Z", fractions
/// kept to the millisecond); nothing where it is not one or names no real moment (month 13).
std::optional<std::int64_t> parse_rfc3339(std::string_view text);
/// "2022-01-01T00:00:00.000Z".
std::string format_rfc3339(std::int64_t unix_ms);
/// Odoo's wire form, UTC, whole seconds: "2022-01-01 00:00:00" (odoo.fields.Datetime).
std::string format_odoo_datetime(std::int64_t unix_ms);

/// A revision that can be told newer or older: an RFC 3339 date-time, or a decimal number.
bool is_revision(std::string_view text);

/// Stands between a revision and what decides among equal ones.
inline constexpr char revision_tie_mark = '|';

/// Which of two revisions is newer, where they are equal by what stands behind their marks: as moments where both are
/// RFC 3339, as numbers where both are decimals, else as bytes. Negative: left is older; 0: the same; positive: left is
/// newer. An empty revision is older than any other.
int compare_revisions(std::string_view left, std::string_view right);

}  // namespace sluice
