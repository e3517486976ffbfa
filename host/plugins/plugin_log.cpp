#include "host/plugins/plugin_log.hpp"

#include <sluice/plugin.h>
#include <spdlog/spdlog.h>

#include <string>

#include "core/json/json.hpp"
#include "host/plugins/limits.hpp"
#include "host/plugins/status.hpp"

namespace sluice::host {
namespace {

spdlog::level::level_enum to_level(std::int32_t level) {
    if (level >= SLUICE_LOG_ERROR) return spdlog::level::err;
    if (level >= SLUICE_LOG_WARN) return spdlog::level::warn;
    if (level >= SLUICE_LOG_INFO) return spdlog::level::info;
    return spdlog::level::debug;
}

}  // namespace

void log_plugin_line(std::int32_t level, std::string_view connector, std::string_view event_id,
                     std::string_view message, std::string_view fields) {
    const auto at = to_level(level);
    if (!spdlog::should_log(at)) return;
    // Quoted as JSON, so that a line break in a plugin's text cannot forge a line of the log.
    spdlog::log(at, "plugin: {} connector={} event={}{}{}", json::quote(printable(message, max_message_bytes)),
                connector, json::quote(printable(event_id, max_name_bytes)), fields.empty() ? "" : " fields=",
                fields.empty() ? "" : json::quote(printable(fields, max_message_bytes)));
}

}  // namespace sluice::host
