#pragma once
// Every so often, spread over installations and connectors.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "core/schedule/duration.hpp"

namespace sluice::schedule {

/// When a job is due that follows no wall clock: at `offset + k * every` since the epoch, for every whole k. The offset
/// comes from a text alone: it is constant for one job of one installation, after a restart and on every host of it,
/// and differs from one to the next, so that many of them do not ask one vendor at once. No jitter from one moment to
/// the next. A value; any thread.
class Interval {
public:
    /// `every_ms`: shortest_every_ms to longest_every_ms (duration.hpp), else an error for the operator. `spread_by`:
    /// what tells this job from others of its kind, other installations' too ("odoo.example prod my-shop/orders"): the
    /// offset is its SHA-256 modulo `every_ms`.
    static std::expected<Interval, std::string> create(std::int64_t every_ms, std::string_view spread_by);

    /// The first due moment strictly after `unix_ms` (any number); nothing beyond the limits of moments.hpp.
    std::optional<std::int64_t> next_after(std::int64_t unix_ms) const;

    std::int64_t every_ms() const { return every_ms_; }
    std::int64_t offset_ms() const { return offset_ms_; }  ///< from 0 to `every_ms` - 1

private:
    Interval(std::int64_t every_ms, std::int64_t offset_ms) : every_ms_(every_ms), offset_ms_(offset_ms) {}

    std::int64_t every_ms_;
    std::int64_t offset_ms_;
};

}  // namespace sluice::schedule
