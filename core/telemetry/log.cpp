#include "core/telemetry/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <mutex>

#include "core/base/timestamp.hpp"
#include "core/telemetry/log_line.hpp"

namespace sluice::telemetry {

namespace {

constexpr std::array<std::string_view, 4> level_words = {"debug", "info", "warning", "error"};

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warning:
            return spdlog::level::warn;
        default:
            return spdlog::level::err;
    }
}

class FunctionSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit FunctionSink(Logger::Sink take) : sink_(std::move(take)) {}

private:
    void sink_it_(const spdlog::details::log_msg& message) override {
        sink_({message.payload.data(), message.payload.size()});
    }
    void flush_() override {}

    Logger::Sink sink_;
};

}  // namespace

std::optional<Level> parse_level(std::string_view word) {
    for (std::size_t i = 0; i < level_words.size(); ++i) {
        if (level_words[i] == word) return static_cast<Level>(i);
    }
    return std::nullopt;
}

std::string_view to_string(Level level) {
    return level_words[static_cast<std::size_t>(level)];
}

struct Logger::Impl {
    Impl(const Clock& time, Level least, Format spelling, spdlog::sink_ptr sink)
        : clock(time), format(spelling), logger("sluice", std::move(sink)) {
        // The line is complete already: spdlog adds neither its own time nor its level.
        logger.set_pattern("%v", spdlog::pattern_time_type::utc);
        logger.set_level(to_spdlog(least));
        logger.flush_on(spdlog::level::debug);
    }

    const Clock& clock;
    const Format format;
    spdlog::logger logger;
};

Logger::Logger(const Clock& clock, Level least, Format format)
    : impl_(std::make_unique<Impl>(clock, least, format, std::make_shared<spdlog::sinks::stderr_sink_mt>())) {}

Logger::Logger(const Clock& clock, Level least, Format format, Sink sink)
    : impl_(std::make_unique<Impl>(clock, least, format, std::make_shared<FunctionSink>(std::move(sink)))) {}

Logger::~Logger() = default;

bool Logger::enabled(Level level) const {
    return impl_->logger.should_log(to_spdlog(level));
}

void Logger::log(Level level, std::string_view message, const Subject& subject,
                 std::initializer_list<Field> fields) const {
    if (!enabled(level)) return;
    LogLine line(impl_->format);
    line.add("time", format_rfc3339(impl_->clock.now_ms()));
    line.add("level", to_string(level));
    line.add("message", message);
    if (!subject.connector.empty()) line.add("connector", subject.connector);
    if (!subject.flow.empty()) line.add("flow", subject.flow);
    if (!subject.event.empty()) line.add("event", subject.event);
    if (!subject.ordering_key.empty()) line.add("ordering_key", subject.ordering_key);
    if (subject.attempt != 0) line.add("attempt", subject.attempt);
    for (const auto& [key, value] : fields) line.add(key, value);
    const std::string text = std::move(line).finish();
    impl_->logger.log(to_spdlog(level), spdlog::string_view_t(text.data(), text.size()));
}

}  // namespace sluice::telemetry
