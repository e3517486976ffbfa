#include "core/journal/types.hpp"

#include <fmt/core.h>

#include "core/base/timestamp.hpp"

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
        case EventState::superseded:
            return "superseded";
    }
    return "unknown state";
}

std::string to_string(const Note& note) {
    return fmt::format("{} {}{}{}: {}", format_rfc3339(note.at_ms), note.what, note.who.empty() ? "" : " by ", note.who,
                       note.message);
}

std::size_t text_bytes(const NewEvent& event) {
    return event.connector.size() + event.event_id.size() + event.flow.size() + event.order.size() +
           event.ordering_key.size() + event.topic.size() + event.revision.size() + event.record.size();
}

std::size_t content_bytes(const NewEvent& event) {
    return event.payload.size() + event.headers.size();
}

}  // namespace sluice::journal
