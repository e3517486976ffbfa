#pragma once
// A plugin's lines in the host's log.

#include <cstdint>
#include <string_view>

namespace sluice::host {

/// One line, with where it came from. Texts are made printable and cut (limits.hpp). Any thread.
void log_plugin_line(std::int32_t level, std::string_view connector, std::string_view event_id,
                     std::string_view message, std::string_view fields);

}  // namespace sluice::host
