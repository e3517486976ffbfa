#pragma once
// What a reconciliation finds.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/json.hpp"

namespace sluice::reconcile {

enum class Kind : std::uint8_t {
    missing,   ///< the vendor has it, Odoo does not
    stale,     ///< the vendor's is newer than what was written to Odoo last
    conflict,  ///< what was written is not what is there any more: somebody changed it in Odoo
    extra,     ///< it is in Odoo with this connector's identity, and the vendor does not have it
    broken,    ///< it cannot be compared: the document breaks the contract, or Odoo lacks what it refers to
};
inline constexpr std::size_t kinds = 5;
/// "missing", "stale", ...
std::string_view to_string(Kind kind);

/// One field of one record. Values are JSON; "" is not there.
struct Difference {
    std::string record, field, now, then;
    bool operator==(const Difference&) const = default;
};

/// Differences kept of one finding, and bytes of one value.
inline constexpr std::size_t max_differences = 10, max_value_bytes = 120;

struct Finding {
    Kind kind = Kind::missing;
    std::string record;       ///< the record's id at the vendor; "" where it could not be read
    std::string external_id;  ///< "order_450789469"; "" where it could not be told
    std::string model;
    std::int64_t odoo_id = 0;  ///< 0: not there, or not looked for
    std::string revision;      ///< of the vendor's document; "" of `extra`
    std::string applied;       ///< the newest revision that was written to Odoo; "": none is known
    std::string guard;         ///< why it will not be written even so: "state is `sale`"; "": nothing holds it
    std::string why;           ///< of `broken`
    std::vector<Difference> differences;
    std::size_t more = 0;   ///< differences that found no room
    bool repaired = false;  ///< an event that writes it again was made
};

void write_json(json::Writer& out, const Finding& finding);
/// Nothing where the value is no finding.
std::optional<Finding> read_finding(const json::Value& value);

}  // namespace sluice::reconcile
