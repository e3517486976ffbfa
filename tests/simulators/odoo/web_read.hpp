#pragma once
// web_read() and web_search_read() (addons/web/models): values by a nested specification.

#include "tests/simulators/odoo/methods.hpp"

namespace sluice::sim {

json::value web_read(Call& call);
json::value web_search_read(Call& call);

}  // namespace sluice::sim
