#include "core/delivery/turn_queue.hpp"

#include <optional>
#include <utility>

namespace sluice::delivery {

TurnQueue::Ticket TurnQueue::enter(const std::string& party) {
    const auto ticket = Ticket{++last_ticket_};
    waiting_.emplace(ticket, party);
    return ticket;
}

bool TurnQueue::is_next(Ticket ticket) const {
    std::optional<std::pair<std::uint64_t, Ticket>> first;
    for (const auto& [waiting, party] : waiting_) {
        const auto turn = turns_.find(party);
        const std::pair place{turn == turns_.end() ? 0 : turn->second, waiting};
        if (!first || place < *first) first = place;
    }
    return first && first->second == ticket;
}

void TurnQueue::served(Ticket ticket) {
    const auto waiting = waiting_.find(ticket);
    if (waiting == waiting_.end()) return;
    turns_[waiting->second] = ++last_turn_;
    waiting_.erase(waiting);
}

}  // namespace sluice::delivery
