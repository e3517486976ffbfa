#pragma once
// Creation by Odoo's `load` (BaseModel.load): header and lines in one call, atomic, and the same again changes nothing,
// also when it comes late.

#include <cstdint>
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
/// its own (the first on the first row). A many2one or many2many is `<field>/.id`. Lines of one field share its
/// columns; a line that lacks one gets "0" where others have a number or a boolean, else an empty cell, which is Odoo's
/// `false`.
LoadTable creation_table(const ResolvedRecord& record);
/// The table that creates lines of the record with this database id, as records of their own. Not through the header: a
/// header that is there already is left alone with all its lines.
LoadTable lines_table(const ResolvedLines& lines, std::int64_t parent_id);

/// Creates what the table's rows with an `id` name; what is there already is left as it is, whatever the row says
/// (context `mode` update and `noupdate`, docs/verified.md). So a creation that was held on its way and arrives late
/// overwrites nothing newer. Answers the database ids of all, in the order of the rows. Where `load` answers messages
/// instead: a transient one makes it Failure::retry, else Failure::rejected with all of them, each with its field.
Result<std::vector<std::int64_t>> load_new(Caller& odoo, const std::string& model, const LoadTable& table);

}  // namespace sluice::odoo
