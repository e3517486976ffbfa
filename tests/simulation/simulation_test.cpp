// A few seeds with sanitizers; the program `simulate` runs thousands without.

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/simulation/world.hpp"

namespace sluice::simulation {
namespace {

TEST(Simulation, HoldsForAFewSeeds) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const auto outcome = run_seed(seed);
        ASSERT_EQ(outcome.violation, "") << "again: simulate --seed " << seed << " --trace";
        EXPECT_GT(outcome.statistics.journal_calls, 0);
    }
}

TEST(Simulation, ASeedIsOneRun) {
    for (const std::uint64_t seed : {3, 1'001, 77'777}) {
        const auto once = run_seed(seed), again = run_seed(seed);
        EXPECT_EQ(once.trace_hash, again.trace_hash) << "seed " << seed;
        EXPECT_EQ(once.statistics.steps, again.statistics.steps);
        EXPECT_NE(once.trace_hash, run_seed(seed + 1).trace_hash);
    }
}

}  // namespace
}  // namespace sluice::simulation
