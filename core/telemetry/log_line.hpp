#pragma once
// How one line of the log is spelled.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/telemetry/log.hpp"

namespace sluice::telemetry {

/// Builds one line; the fields stand in the order they were added.
class LogLine {
public:
    explicit LogLine(Format format) : format_(format) {}
    void add(std::string_view key, std::string_view value);
    void add(std::string_view key, std::int64_t value);
    /// The line without a line break.
    std::string finish() &&;

private:
    void add_key(std::string_view key);

    Format format_;
    std::string text_;
};

}  // namespace sluice::telemetry
