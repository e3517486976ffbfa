#pragma once
// Chances, drawn from the run's one seed.

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/random.hpp"

namespace sluice::simulation {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : random_(seed) {}

    /// True `per_mille` times of a thousand.
    bool chance(int per_mille) { return per_mille > 0 && random_.up_to(999) < per_mille; }
    /// Uniform, both included.
    std::int64_t between(std::int64_t least, std::int64_t most) { return least + random_.up_to(most - least); }
    int count(int least, int most) { return static_cast<int>(between(least, most)); }
    std::size_t index(std::size_t size) {
        return static_cast<std::size_t>(random_.up_to(static_cast<std::int64_t>(size) - 1));
    }
    template <class T>
    const T& one_of(const std::vector<T>& all) {
        return all[index(all.size())];
    }
    /// Mostly short, now and then as long as `most`: what delays are like.
    std::int64_t skewed(std::int64_t most) {
        const auto bound = chance(850) ? most / 50 : most;
        return random_.up_to(bound < 1 ? 1 : bound);
    }
    template <class T>
    void shuffle(std::vector<T>& all) {
        for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[index(i)]);
    }

private:
    Random random_;
};

}  // namespace sluice::simulation
