#pragma once
// The ABI's statuses and core's failures: the same numbers, read by class.

#include <sluice/plugin.h>

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace sluice::host {

inline sluice_status to_status(Failure failure) {
    return static_cast<sluice_status>(failure);
}

/// The failure a plugin's status (not SLUICE_OK) asks for: an unknown code is handled as its class, a code of no class
/// is rejected.
Failure to_failure(sluice_status status);

/// A borrowed text; NULL is empty whatever its size says.
inline std::string_view to_view(sluice_text text) {
    return text.data == nullptr ? std::string_view{} : std::string_view{text.data, text.size};
}
inline sluice_text to_text(std::string_view view) {
    return {view.data(), view.size()};
}

/// At most `max_bytes` of it as well-formed UTF-8 without control characters but line breaks and tabs: fit for journal
/// and log.
std::string printable(std::string_view text, std::size_t max_bytes);

}  // namespace sluice::host
