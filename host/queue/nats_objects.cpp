#include "host/queue/nats_objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace sluice::host::nats {

std::string reason(natsStatus status) {
    natsStatus last = NATS_OK;
    const char* detail = nats_GetLastError(&last);
    const std::string_view text = natsStatus_GetText(status);
    if (last != status || detail == nullptr || *detail == '\0' || text == detail) return std::string(text);
    return fmt::format("{}: {}", text, detail);
}

std::unexpected<Error> failed(natsStatus status, std::string_view what) {
    Error error{.failure = Failure::retry, .message = fmt::format("{}: {}", what, reason(status))};
    switch (status) {
        case NATS_CONNECTION_AUTH_FAILED:
        case NATS_NOT_PERMITTED:
            error.failure = Failure::auth;
            break;
        case NATS_SSL_ERROR:
        case NATS_SECURE_CONNECTION_WANTED:
        case NATS_SECURE_CONNECTION_REQUIRED:
        case NATS_INVALID_ARG:
            error.failure = Failure::invalid;
            break;
        default:
            error.disconnected = true;
    }
    return std::unexpected(std::move(error));
}

http::Headers headers_of(natsMsg* message) {
    http::Headers headers;
    const char** names = nullptr;
    int count = 0;
    if (natsMsgHeader_Keys(message, &names, &count) != NATS_OK) return headers;
    // libnats keeps them in a hash table: sorted, so that they are in the same order at each delivery.
    std::sort(names, names + count, [](const char* one, const char* other) { return std::string_view(one) < other; });
    for (int i = 0; i < count; ++i) {
        const char** values = nullptr;
        int values_count = 0;
        if (natsMsgHeader_Values(message, names[i], &values, &values_count) != NATS_OK) continue;
        for (int j = 0; j < values_count; ++j) headers.emplace_back(names[i], values[j] == nullptr ? "" : values[j]);
        std::free(static_cast<void*>(values));
    }
    std::free(static_cast<void*>(names));
    return headers;
}

}  // namespace sluice::host::nats
