#pragma once
// Structured logs: one line a happening, fields that tools can read, and no way for a value to forge a line.

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/clock.hpp"

namespace sluice::telemetry {

enum class Level : std::uint8_t { debug, info, warning, error };

/// "debug", "info", "warning", "error"; nothing for another word.
std::optional<Level> parse_level(std::string_view word);
std::string_view to_string(Level level);

/// `key_value`: `time=... level=info message="..." event=...`, a value quoted with JSON's escapes where it is more than
/// one plain word. `json`: the same fields as one JSON object, all values strings but `attempt`.
enum class Format : std::uint8_t { key_value, json };

/// What a line is about. Views are read during the call only; an empty one is left out.
struct Subject {
    std::string_view connector, flow, event, ordering_key;
    std::int64_t attempt = 0;  ///< counted from 1; 0 is left out
};

/// One more field of a line; `key` is a constant of the code in snake_case.
using Field = std::pair<std::string_view, std::string_view>;

/// Any thread. Values may hold anything: control characters, line separators, characters that reorder text and bytes
/// that are no UTF-8 are escaped, and a value longer than `max_value_bytes` is cut (marked by "..."). Secrets do not
/// print, so they are not looked for here.
class Logger {
public:
    static constexpr std::size_t max_value_bytes = 4'096;
    /// Takes one finished line without its line break; called from one thread at a time.
    using Sink = std::function<void(std::string_view line)>;

    /// Writes to the standard error. `clock` must outlive the logger.
    Logger(const Clock& clock, Level least, Format format);
    Logger(const Clock& clock, Level least, Format format, Sink sink);
    ~Logger();
    Logger(const Logger&) = delete;
    Logger& operator=(const Logger&) = delete;

    bool enabled(Level level) const;
    void log(Level level, std::string_view message, const Subject& subject = {},
             std::initializer_list<Field> fields = {}) const;

    void debug(std::string_view message, const Subject& subject = {}, std::initializer_list<Field> fields = {}) const {
        log(Level::debug, message, subject, fields);
    }
    void info(std::string_view message, const Subject& subject = {}, std::initializer_list<Field> fields = {}) const {
        log(Level::info, message, subject, fields);
    }
    void warning(std::string_view message, const Subject& subject = {},
                 std::initializer_list<Field> fields = {}) const {
        log(Level::warning, message, subject, fields);
    }
    void error(std::string_view message, const Subject& subject = {}, std::initializer_list<Field> fields = {}) const {
        log(Level::error, message, subject, fields);
    }

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::telemetry
