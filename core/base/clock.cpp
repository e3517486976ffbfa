#include "core/base/clock.hpp"

#include <time.h>

#include <chrono>

namespace sluice {
namespace {

template <class C>
std::int64_t milliseconds_of() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(C::now().time_since_epoch()).count();
}

class SystemClock final : public Clock {
public:
    std::int64_t now_ms() const override { return milliseconds_of<std::chrono::system_clock>(); }
    std::int64_t steady_ms() const override {
        // Not std::chrono::steady_clock: that one stands still while the machine is suspended, and the hours it slept
        // would look like a wall clock that was set forward.
        ::timespec time{};
        ::clock_gettime(CLOCK_BOOTTIME, &time);
        return std::int64_t{time.tv_sec} * 1'000 + time.tv_nsec / 1'000'000;
    }
};

}  // namespace

const Clock& system_clock() {
    static const SystemClock clock;
    return clock;
}

}  // namespace sluice
