#include "host/contracts/odoo_lists.hpp"

namespace sluice::host {

// A test reads both: what is embedded is never wrong at run time.

const contract_check::RecordedLists& recorded_fields() {
    static const auto lists = contract_check::RecordedLists::parse(recorded_fields_text()).value();
    return lists;
}

const odoo::VersionNames& version_names() {
    static const auto names = odoo::VersionNames::parse(version_names_text()).value();
    return names;
}

}  // namespace sluice::host
