#pragma once
// Randomness is injected like time, so that a run repeats from its seed.

#include <cstdint>
#include <random>

namespace sluice {

/// A seeded generator; one owner, one thread.
class Random {
public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    /// Uniform in [0, bound]; `bound` >= 0.
    std::int64_t up_to(std::int64_t bound) { return std::uniform_int_distribution<std::int64_t>(0, bound)(engine_); }

private:
    std::mt19937_64 engine_;
};

}  // namespace sluice
