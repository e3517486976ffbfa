#pragma once
// Is a record in Odoo already? Answered with a plain user's rights.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/mapping/record.hpp"
#include "core/odoo/client.hpp"
#include "core/odoo/record_writer.hpp"

namespace sluice::odoo {

/// The external id of each record ("" where it has none), by `get_external_id`: it asks for no right on ir.model.data.
Result<std::map<std::int64_t, std::string>> external_ids_of(Caller& odoo, std::string_view model,
                                                            const std::vector<std::int64_t>& ids);

/// The greatest id a record of this model has, archived ones too; 0 where there is none.
Result<std::int64_t> newest_id(Caller& odoo, std::string_view model);

/// Those of the ids that are still there, archived ones too.
Result<std::set<std::int64_t>> existing_of(Caller& odoo, std::string_view model, const std::vector<std::int64_t>& ids);

/// The record's database id. Where natural keys decide (`adopt`): the first match of the first candidate that matches,
/// then the remembered id. Else: the remembered id, then the candidates, archived ones too, each only where its
/// external id is this one. A remembered id counts only while Odoo says that it has this external id. Candidates with
/// an empty value are skipped: they would match every record that lacks it.
Result<std::optional<std::int64_t>> find_existing(Caller& odoo, IdMemory& memory, const mapping::MappedRecord& record,
                                                  const std::string& external_id);

/// One record that is looked for.
struct Sought {
    const mapping::MappedRecord* record = nullptr;
    std::string external_id;  ///< with module and connector
    IdMemory* memory = nullptr;
};

/// find_existing() of each, in a few calls where their first candidates are one field's texts.
Result<std::vector<std::optional<std::int64_t>>> find_existing(Caller& odoo, const std::vector<Sought>& all);

}  // namespace sluice::odoo
