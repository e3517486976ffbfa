#pragma once
// Instants as PostgreSQL keeps them (UTC, microseconds) and Odoo's texts of them. Time is injected.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::sim {

using Micros = std::int64_t;  // microseconds since 1970-01-01 UTC
using Clock = std::function<Micros()>;

Clock system_clock_us();

// "YYYY-MM-DD HH:MM:SS.ffffff", what a record holds; sorts as text.
std::string stamp_text(Micros instant);
// "YYYY-MM-DD HH:MM:SS", what goes over the wire.
std::string wire_datetime(std::string_view stored);
// HTTP date: "Mon, 23 Nov 2026 19:53:41 GMT".
std::string http_date(Micros instant);

// Reads "YYYY-MM-DD[ T]HH:MM[:SS[.ffffff]][Z]" or a date alone as PostgreSQL does; nothing when it is none.
std::optional<Micros> parse_timestamp(std::string_view text);

// odoo.fields.Datetime.to_datetime / Date.to_date on a text: strict, raises ValueError with strptime's words.
// Returns the stored text.
std::string to_datetime_strict(std::string_view text);
std::string to_date_strict(std::string_view text);

// A naive local time of a zone as UTC; an unknown zone name counts as UTC (pytz in Odoo's importer).
Micros local_to_utc(Micros naive, const std::string& zone);
bool is_known_zone(const std::string& zone);

}  // namespace sluice::sim
