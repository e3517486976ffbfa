#pragma once
// Creation by Odoo's `load` (BaseModel.load): header and lines in one call, atomic, and the same again changes nothing.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/odoo/client.hpp"
#include "core/odoo/resolved.hpp"

namespace sluice::odoo {

/// What `load` takes: column names and rows of as many cells.
struct LoadTable {
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
};

/// The table that creates a record with its lines: `id`, the header's fields on the first row, each line on a row of
/// its own (the first on the first row). A many2one is `<field>/.id`. Lines of one field share its columns; a line that
/// lacks one gets "0" where others have a number or a boolean, else an empty cell, which is Odoo's `false`.
LoadTable creation_table(const ResolvedRecord& record);
/// The table that adds these lines to an existing record, which is named by `database_id` where given, else by its
/// external id.
LoadTable addition_table(const ResolvedRecord& record, const std::vector<ResolvedLines>& added,
                         std::optional<std::int64_t> database_id);

/// Loads one record: its database id. Where `load` answers messages instead: a transient one makes it Failure::retry,
/// else Failure::rejected with all of them, each with its field.
Result<std::int64_t> load(Caller& odoo, const std::string& model, const LoadTable& table);

}  // namespace sluice::odoo
