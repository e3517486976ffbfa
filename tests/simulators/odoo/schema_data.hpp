#pragma once
// The files of schema/ and data/, built into the library (see embed.cmake).

#include <string_view>

namespace sluice::sim {

// What fields_get lists for the models of that version, 16 to 19.
std::string_view schema_json(int version);
std::string_view overlay_json();
// Countries (ISO 3166) and their states, currencies: what module `base` installs.
std::string_view base_data_json();

}  // namespace sluice::sim
