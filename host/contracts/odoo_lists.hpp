#pragma once
// What Odoo's versions have, as the program carries it (contracts/odoo).

#include <string_view>

#include "core/contract_check/field_lists.hpp"
#include "core/odoo/version_names.hpp"

namespace sluice::host {

/// The files' texts.
std::string_view recorded_fields_text();
std::string_view version_names_text();

/// Read once. Any thread.
const contract_check::RecordedLists& recorded_fields();
const odoo::VersionNames& version_names();

}  // namespace sluice::host
