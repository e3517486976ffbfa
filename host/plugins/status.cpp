#include "host/plugins/status.hpp"

#include "core/base/text.hpp"

namespace sluice::host {

Failure to_failure(sluice_status status) {
    switch (status) {
        case SLUICE_UNKNOWN:
            return Failure::unknown;
        case SLUICE_RATE_LIMITED:
            return Failure::rate_limited;
        case SLUICE_INVALID:
            return Failure::invalid;
        default:
            break;
    }
    switch (status / 100) {
        case 1:
            return Failure::retry;
        case 3:
            return Failure::auth;
        case 4:
            return Failure::cancelled;
        default:
            return Failure::rejected;
    }
}

std::string printable(std::string_view text, std::size_t max_bytes) {
    const bool cut = text.size() > max_bytes;
    if (cut) {
        std::size_t end = max_bytes;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // not inside a character
        text = text.substr(0, end);
    }
    const bool keep_high_bytes = is_utf8(text);
    std::string clean;
    clean.reserve(text.size() + 3);
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        const bool control = (byte < 0x20 && character != '\n' && character != '\t') || byte == 0x7F;
        clean += control || (byte >= 0x80 && !keep_high_bytes) ? '?' : character;
    }
    if (cut) clean += "...";
    return clean;
}

}  // namespace sluice::host
