#pragma once
// Named places where a test may kill the process. Compiled in always, so that the program that is tested is the program
// that runs; unarmed a point costs one relaxed load.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice {

/// Before and after every durable step and every byte to Odoo, in the order an event meets them.
enum class CrashPoint : std::uint8_t {
    recovery_before_commit,  ///< only where a dead process left claims
    recovery_after_commit,
    append_before_commit,
    append_after_commit,
    response_before_send,
    claim_before_commit,
    claim_after_commit,
    odoo_before_send,
    odoo_after_send,
    odoo_after_answer,
    finish_before_commit,
    finish_after_commit,
    decision_before_commit,  ///< a person's: replay, discard
    decision_after_commit,
    count_,
};

inline constexpr std::size_t crash_point_count = static_cast<std::size_t>(CrashPoint::count_);

/// The name used on the wire of the test: "append_before_commit".
std::string_view to_string(CrashPoint point);

namespace detail {
extern std::atomic<bool> crash_armed;
void crash_reached(CrashPoint point, std::string_view what);
}  // namespace detail

/// Kills the process with SIGKILL where the environment said so at start (`SLUICE_CRASH_AT=NAME:N`, the N-th time the
/// point is reached, or `NAME@WHAT:N`, the N-th time with this `what`), having written "NAME\n", or "NAME@WHAT\n", to
/// the file `SLUICE_CRASH_LOG` names. `what` says what is done there: the method called in Odoo.
inline void crash_point(CrashPoint point, std::string_view what = {}) {
    if (detail::crash_armed.load(std::memory_order_relaxed)) detail::crash_reached(point, what);
}

/// Reads the environment once; called by main(). A name that is no crash point ends the program with exit status 2.
void arm_crash_points_from_environment();

}  // namespace sluice
