#pragma once
// Who goes next where several parties wait for one thing.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace sluice::delivery {

/// Parties take turns: the one that was served longest ago goes first, whoever of it waits longest. So a party with
/// many waiters gets no more turns than one with a single waiter, and one that gave up waiting is before the others
/// when it comes back. Pure. One owner, one thread; memory is a number a party and an entry a waiter.
class TurnQueue {
public:
    enum class Ticket : std::uint64_t {};

    /// Waits from now on.
    Ticket enter(const std::string& party);
    /// Nothing waits before it.
    bool is_next(Ticket ticket) const;
    /// It got what it waited for, and its party had its turn.
    void served(Ticket ticket);
    /// It gave up.
    void leave(Ticket ticket) { waiting_.erase(ticket); }
    std::size_t waiting() const { return waiting_.size(); }

private:
    std::map<Ticket, std::string> waiting_;
    std::map<std::string, std::uint64_t> turns_;  ///< by party: the number of its last turn
    std::uint64_t last_ticket_ = 0, last_turn_ = 0;
};

}  // namespace sluice::delivery
