#pragma once
// What an existing record lacks to be what the mapping says.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/mapping/record.hpp"
#include "core/odoo/client.hpp"
#include "core/odoo/resolved.hpp"

namespace sluice::odoo {

struct Changes {
    std::string display_name;      ///< Odoo's, for the operator: "S00012"
    std::string protection_value;  ///< of the field that protects the record; "" where nothing does
    std::vector<std::string>
        differences;  ///< "client_order_ref `A` -> `B`", "order_line 3 price_unit 10.50 -> 9.00", ...
    std::string
        values;  ///< a JSON object for `write`: fields, and commands for lines; "" where there is nothing to write
    std::vector<ResolvedLines> added;  ///< lines that are not there yet
};

/// The value of the field that protects the record, where it is one that does; "" where it is not, or nothing protects.
Result<std::string> protection_value(Caller& odoo, const std::string& model, std::int64_t id,
                                     const std::optional<mapping::Protection>& protection);

/// Reads the record and its lines and compares. A line is recognised by its external id; one with `line_prefix` that is
/// no longer mapped is removed where the mapping removes; one without it was added by a person and is left alone. A
/// number is compared as Odoo stores it: where it differs, the field's digits are asked for. Failure::retry where the
/// record went in the meantime.
Result<Changes> find_changes(Caller& odoo, std::int64_t id, const ResolvedRecord& record,
                             const std::optional<mapping::Protection>& protection, const std::string& line_prefix);

}  // namespace sluice::odoo
