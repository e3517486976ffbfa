#pragma once

#include <string>

#include "core/json/json.hpp"

namespace sluice::host {

/// `sluice events show`: one event with all that is known about it, the payload last and as it came.
std::string render_show(const json::Value& event);

}  // namespace sluice::host
