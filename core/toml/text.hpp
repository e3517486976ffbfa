#pragma once
// A tree as TOML again.

#include <string>

#include "core/toml/tree.hpp"

namespace sluice::toml {

/// The value on one line, tables inline: `{ from = "/id", as = "integer" }`. A float and a date are not kept by the
/// tree: they are written `?`.
std::string to_toml(const Node& node);

/// The key as it is written: bare, or in quotes where it must be.
std::string key_text(std::string_view key);

}  // namespace sluice::toml
