#pragma once
// Whether a delivery is worth starting now, beside what the breaker says.

#include <cstdint>
#include <optional>
#include <string>

namespace sluice::delivery {

/// What a scheduler asks before it starts a delivery. Any thread, quick, never blocks on a call.
class Admission {
public:
    virtual ~Admission() = default;
    /// Nothing: a delivery of this flow may start now. Otherwise it would only wait for a call: not before this time
    /// (Unix milliseconds, as `now_ms`), and then it has to be asked again. No promise either way: the calls
    /// themselves are counted, and one that gets no turn answers Failure::rate_limited.
    virtual std::optional<std::int64_t> earliest_start_ms(const std::string& connector, const std::string& flow,
                                                          std::int64_t now_ms) = 0;
};

}  // namespace sluice::delivery
