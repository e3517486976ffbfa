#include "core/schedule/interval.hpp"

#include <fmt/format.h>

#include "core/base/crypto.hpp"
#include "core/schedule/moments.hpp"

namespace sluice::schedule {
namespace {

/// Not std::hash, which may differ from one library to the next.
std::uint64_t stable_hash(std::string_view text) {
    std::uint64_t hash = 0;
    for (const char byte : crypto::sha256(text).substr(0, sizeof(hash))) {
        hash = hash << 8U | static_cast<unsigned char>(byte);
    }
    return hash;
}

}  // namespace

std::expected<Interval, std::string> Interval::create(std::int64_t every_ms, std::string_view spread_by) {
    if (every_ms < shortest_every_ms || every_ms > longest_every_ms) {
        return std::unexpected(fmt::format("an interval must be from 1s to 366d; found {} ms", every_ms));
    }
    const std::uint64_t offset_ms = stable_hash(spread_by) % static_cast<std::uint64_t>(every_ms);
    return Interval(every_ms, static_cast<std::int64_t>(offset_ms));
}

std::optional<std::int64_t> Interval::next_after(std::int64_t unix_ms) const {
    if (unix_ms >= latest_ms) return std::nullopt;
    const std::int64_t passed = floor_divide(within_limits(unix_ms) - offset_ms_, every_ms_);
    return offset_ms_ + (passed + 1) * every_ms_;
}

}  // namespace sluice::schedule
