#pragma once
// Many records written in the steps of one (writing.hpp), each step for all of them.

#include <string>
#include <vector>

#include "core/odoo/record_writer.hpp"

namespace sluice::odoo {

/// RecordWriter::write_all at this depth of nesting.
std::vector<Result<Written>> write_batch(Caller& odoo, SingleFlight& flights, const std::string& connector,
                                         LookupCache* lookups, const std::vector<RecordWriter::Write>& writes,
                                         int depth = 0);

}  // namespace sluice::odoo
