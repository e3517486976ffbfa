#pragma once
// BaseModel's public methods.

#include <string_view>

#include "tests/simulators/odoo/methods.hpp"

namespace sluice::sim {

const Method* find_generic_method(std::string_view name);

}  // namespace sluice::sim
