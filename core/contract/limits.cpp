#include "core/contract/limits.hpp"

namespace sluice::contract {
namespace {

constexpr std::int64_t most_per_second = 100'000, most_per_minute = 10'000'000, most_per_day = 1'000'000'000,
                       most_concurrent = 10'000;

}  // namespace

Limits Limits::over(const Limits& other) const {
    Limits merged = *this;
    if (!merged.per_second) merged.per_second = other.per_second;
    if (!merged.per_minute) merged.per_minute = other.per_minute;
    if (!merged.per_day) merged.per_day = other.per_day;
    if (!merged.concurrent) merged.concurrent = other.concurrent;
    return merged;
}

Limits read_limits(toml::TableReader reader, std::int64_t least) {
    Limits limits;
    limits.per_second = reader.integer("per_second", least, most_per_second);
    limits.per_minute = reader.integer("per_minute", least, most_per_minute);
    limits.per_day = reader.integer("per_day", least, most_per_day);
    limits.concurrent = reader.integer("concurrent", least, most_concurrent);
    reader.finish();
    return limits;
}

}  // namespace sluice::contract
