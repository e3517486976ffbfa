#pragma once
// What an external system publishes as its limits on calls.

#include <cstdint>
#include <optional>

#include "core/toml/table_reader.hpp"

namespace sluice::contract {

/// Nothing: none is known. 0, which only an operator says: none.
struct Limits {
    std::optional<std::int64_t> per_second, per_minute, per_day;
    std::optional<std::int64_t> concurrent;  ///< calls under way at one time

    bool operator==(const Limits&) const = default;
    /// What is set here, else what is there.
    Limits over(const Limits& other) const;
};

/// A `limits` table, each number from `least` on.
Limits read_limits(toml::TableReader reader, std::int64_t least);

}  // namespace sluice::contract
