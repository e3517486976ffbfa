#include "core/journal/types.hpp"

namespace sluice::journal {

std::string_view to_string(EventState state) {
    switch (state) {
        case EventState::ready:
            return "ready";
        case EventState::waiting:
            return "waiting";
        case EventState::claimed:
            return "claimed";
        case EventState::done:
            return "done";
        case EventState::dead:
            return "dead";
        case EventState::discarded:
            return "discarded";
    }
    return "unknown state";
}

std::size_t text_bytes(const NewEvent& event) {
    return event.connector.size() + event.event_id.size() + event.flow.size() + event.order.size() +
           event.ordering_key.size() + event.topic.size() + event.revision.size() + event.record.size();
}

std::size_t content_bytes(const NewEvent& event) {
    return event.payload.size() + event.headers.size();
}

}  // namespace sluice::journal
