#pragma once
// Moments as people read them: "2025-03-30T03:00:00+02:00" in, UTC out.

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "core/base/timestamp.hpp"
#include "core/schedule/schedule.hpp"

namespace sluice::schedule::testing {

inline std::int64_t moment(std::string_view text) {
    const auto unix_ms = parse_rfc3339(text);
    EXPECT_TRUE(unix_ms) << text << " is no moment";
    return unix_ms.value_or(0);
}

/// The same moment in UTC.
inline std::string utc(std::string_view text) {
    return format_rfc3339(moment(text));
}

inline std::vector<std::string> all_utc(const std::vector<std::string>& texts) {
    std::vector<std::string> answer;
    for (const auto& text : texts) answer.push_back(utc(text));
    return answer;
}

inline std::string text_of(std::optional<std::int64_t> unix_ms) {
    return unix_ms ? format_rfc3339(*unix_ms) : "never";
}

inline Cron cron(std::string_view expression, std::string_view zone = "UTC") {
    return Cron::parse(expression, zone).value();
}

inline Interval every(std::int64_t every_ms, std::string_view spread_by = "shop/orders") {
    return Interval::create(every_ms, spread_by).value();
}

/// The due moments after one and before another, in UTC.
inline std::vector<std::string> due_between(const Schedule& schedule, std::string_view after, std::string_view before) {
    std::vector<std::string> answer;
    auto next = schedule.next_after(moment(after));
    for (; next && *next < moment(before); next = schedule.next_after(*next)) answer.push_back(text_of(next));
    return answer;
}

}  // namespace sluice::schedule::testing
