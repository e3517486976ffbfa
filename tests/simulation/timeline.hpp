#pragma once
// What is to happen, by virtual time. What is due at one moment happens in an order the seed chooses.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "tests/simulation/clock.hpp"
#include "tests/simulation/dice.hpp"

namespace sluice::simulation {

/// One step of the run, of one host or of the world around them.
struct Step {
    static constexpr int of_the_world = -1;
    std::int64_t at_ms = 0;  ///< steady
    std::int64_t tie = 0;
    int host = of_the_world;
    int life = 0;  ///< of the host: what a dead process had before it is dropped
    const char* what = "";
    std::function<void()> run;
};

class Timeline {
public:
    Timeline(SimulatedClock& clock, Dice& dice) : clock_(clock), dice_(dice) {}

    void add(std::int64_t delay_ms, int host, int life, const char* what, std::function<void()> run) {
        push({.at_ms = clock_.steady_ms() + std::max<std::int64_t>(0, delay_ms),
              .tie = dice_.between(0, 1'000'000'000),
              .host = host,
              .life = life,
              .what = what,
              .run = std::move(run)});
    }
    void push(Step step) {
        steps_.push_back(std::move(step));
        std::ranges::push_heap(steps_, later);
    }
    bool empty() const { return steps_.empty(); }
    /// The next one; time is what it is due at from then on.
    Step next() {
        std::ranges::pop_heap(steps_, later);
        auto step = std::move(steps_.back());
        steps_.pop_back();
        clock_.advance_to(step.at_ms);
        return step;
    }

private:
    static bool later(const Step& left, const Step& right) {
        return left.at_ms != right.at_ms ? left.at_ms > right.at_ms : left.tie > right.tie;
    }

    SimulatedClock& clock_;
    Dice& dice_;
    std::vector<Step> steps_;
};

}  // namespace sluice::simulation
