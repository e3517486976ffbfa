#pragma once
// BaseModel's public methods.

#include <string_view>

#include "tests/simulators/odoo/methods.hpp"

namespace sluice::sim {

const Method* find_generic_method(std::string_view name);
// The method with the parameters it has in that version; itself where they are the same in all.
const Method* method_of_version(const Method& method, std::string_view name, int version);

}  // namespace sluice::sim
