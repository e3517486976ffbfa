#pragma once
// How slow a server is compared with itself, told from calls of very different length.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sluice::delivery {

/// A search takes milliseconds and the creation of a thousand records a minute, so latencies are compared within a kind
/// only (the caller says which: method and size). Each kind has a cost: its usual latency with the load taken out of
/// it. The level of a round of calls is the geometric mean of latency / cost over all of them, so that rare kinds count
/// too and one call that took ten times as long does not decide.
///
/// Pure. One owner, one thread. Levels and costs are natural logarithms: 0 is the load the first calls met, log(2)
/// twice the latency. Only differences between levels mean something.
class LoadLevel {
public:
    /// The least recently used kind is forgotten beyond this many.
    static constexpr std::size_t max_kinds = 128;
    /// Calls that only teach a new kind's cost.
    static constexpr int first_calls = 3;
    /// What is faster than this counts as this: below it, nobody cares.
    static constexpr std::int64_t floor_ms = 50;

    /// A call of this round. Remembered until close() or discard(): the caller bounds a round.
    void add(const std::string& kind, std::int64_t latency_ms);
    /// Ends a round: its level, and its calls teach the costs. Nothing where no call could be compared.
    std::optional<double> close();
    /// Ends a round that says nothing.
    void discard() { round_.clear(); }

private:
    struct Kind {
        double cost = 0;
        int calls = 0;
        std::uint64_t used = 0;
    };
    struct Call {
        std::string kind;
        double latency = 0;
    };
    Kind& kind_of(const std::string& name);

    std::map<std::string, Kind> kinds_;
    std::vector<Call> round_;
    std::uint64_t uses_ = 0;
    double level_ = 0;  ///< of the last round
};

}  // namespace sluice::delivery
