#include "core/base/crash_point.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace sluice {
namespace {

constexpr std::array<std::string_view, crash_point_count> names = {
    "recovery_before_commit", "recovery_after_commit", "append_before_commit", "append_after_commit",
    "response_before_send",   "claim_before_commit",   "claim_after_commit",   "odoo_before_send",
    "odoo_after_send",        "odoo_after_answer",     "finish_before_commit", "finish_after_commit",
    "decision_before_commit", "decision_after_commit",
};

struct Armed {
    CrashPoint point{};
    std::string what;  ///< "": whatever it is
    std::string log;
    std::atomic<std::int64_t> left{0};
};

Armed& armed() {
    static Armed state;
    return state;
}

[[noreturn]] void refuse(std::string_view text) {
    fmt::print(stderr, "SLUICE_CRASH_AT={}: wanted NAME:N or NAME@WHAT:N, N > 0, NAME one of {}\n", text,
               fmt::join(names, ", "));
    std::exit(2);
}

}  // namespace

std::string_view to_string(CrashPoint point) {
    return names[static_cast<std::size_t>(point)];
}

namespace detail {

std::atomic<bool> crash_armed = false;

void crash_reached(CrashPoint point, std::string_view what) {
    if (point != armed().point || (!armed().what.empty() && armed().what != what)) return;
    if (armed().left.fetch_sub(1) != 1) return;
    const int log = ::open(armed().log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log >= 0) {
        const std::string line =
            fmt::format("{}{}{}\n", to_string(point), armed().what.empty() ? "" : "@", armed().what);
        const auto written = ::write(log, line.data(), line.size());
        static_cast<void>(
            written);  // the process dies in the next line either way; the test misses the name and says so
    }
    ::kill(::getpid(), SIGKILL);
}

}  // namespace detail

void arm_crash_points_from_environment() {
    const char* wanted = std::getenv("SLUICE_CRASH_AT");
    if (wanted == nullptr) return;
    const std::string_view text = wanted;
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) refuse(text);
    std::int64_t count = 0;
    const auto [end, error] = std::from_chars(text.data() + colon + 1, text.data() + text.size(), count);
    if (error != std::errc{} || end != text.data() + text.size() || count < 1) refuse(text);
    const auto place = text.substr(0, colon);
    const auto at = std::min(place.find('@'), place.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] != place.substr(0, at)) continue;
        armed().what = place.substr(std::min(at + 1, place.size()));
        armed().point = static_cast<CrashPoint>(i);
        armed().left = count;
        if (const char* log = std::getenv("SLUICE_CRASH_LOG")) armed().log = log;
        detail::crash_armed = true;
        return;
    }
    refuse(text);
}

}  // namespace sluice
