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

}  // namespace sluice::journal
