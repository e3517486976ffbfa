#pragma once
// odoo.fields.*: a value from a caller into what the column holds, with the exceptions Python and PostgreSQL raise.

#include "tests/simulators/odoo/environment.hpp"

namespace sluice::sim {

// Everything but one2many and many2many, whose commands the ORM applies itself.
json::value convert_to_column(Env& env, const Model& model, const Field& field, const json::value& value);

}  // namespace sluice::sim
