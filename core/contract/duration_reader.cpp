#include "core/contract/duration_reader.hpp"

#include <fmt/format.h>

#include "core/schedule/duration.hpp"

namespace sluice::contract {

std::optional<std::int64_t> read_duration(toml::TableReader& reader, std::string_view key) {
    const auto text = reader.text(key);
    if (!text) return std::nullopt;
    const auto duration = schedule::parse_duration(*text);
    if (duration) return *duration;
    reader.problem(*reader.any(key), fmt::format("`{}`: {}", key, duration.error()));
    return std::nullopt;
}

}  // namespace sluice::contract
