#include "tests/bench/backlog.hpp"

#include <stdexcept>

namespace sluice::bench {

journal::NewEvent numbered_event(std::int64_t number, std::size_t payload_bytes) {
    journal::NewEvent event;
    event.connector = "shop";
    event.event_id = std::to_string(number);
    event.flow = event.order = "order";
    event.ordering_key = event.event_id;
    event.topic = "orders/create";
    event.payload.assign(payload_bytes, 'x');
    event.headers = "{}";
    return event;
}

void fill(journal::Journal& journal, std::int64_t first, std::int64_t count, std::size_t payload_bytes) {
    for (std::int64_t done = 0; done < count;) {
        std::vector<journal::NewEvent> events;
        for (; done < count && events.size() < 1'000; ++done)
            events.push_back(numbered_event(first + done, payload_bytes));
        if (const auto appended = journal.append(std::move(events)); !appended)
            throw std::runtime_error(appended.error().message);
    }
}

}  // namespace sluice::bench
