#include "core/base/result.hpp"

namespace sluice {

std::string_view to_string(Failure failure) {
    switch (failure) {
        case Failure::retry:
            return "retry";
        case Failure::unknown:
            return "unknown";
        case Failure::rate_limited:
            return "rate_limited";
        case Failure::rejected:
            return "rejected";
        case Failure::invalid:
            return "invalid";
        case Failure::auth:
            return "auth";
        case Failure::cancelled:
            return "cancelled";
    }
    return "unknown";
}

}  // namespace sluice
