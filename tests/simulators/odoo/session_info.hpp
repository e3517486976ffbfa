#pragma once
// ir.http.session_info(): what authenticate and get_session_info answer.

#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim {

json::object session_info(Database& database, std::int64_t uid, const json::object& version_info);

}  // namespace sluice::sim
