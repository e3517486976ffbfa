#include "core/base/clock.hpp"

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
    std::int64_t steady_ms() const override { return milliseconds_of<std::chrono::steady_clock>(); }
};

}  // namespace

const Clock& system_clock() {
    static const SystemClock clock;
    return clock;
}

}  // namespace sluice
