#pragma once
// Lengths of time in a TOML text.

#include <cstdint>
#include <optional>
#include <string_view>

#include "core/toml/table_reader.hpp"

namespace sluice::contract {

/// The length of time under `key` ("30s", "90d": schedule/duration.hpp) in milliseconds; nothing where it is absent or
/// wrong, which is then a problem.
std::optional<std::int64_t> read_duration(toml::TableReader& reader, std::string_view key);

}  // namespace sluice::contract
