#pragma once
// The admin API's answers as text for people. Times are UTC.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/json/json.hpp"

namespace sluice::host {

/// Columns wide enough for their longest cell; those of `right` are aligned to the right.
class Table {
public:
    explicit Table(std::vector<std::string> head, std::vector<bool> right = {});
    /// As many cells as the head has.
    void add(std::vector<std::string> cells);
    /// One line each, `indent` spaces before it, no spaces at its end.
    std::string text(std::size_t indent = 0) const;

private:
    std::vector<std::vector<std::string>> rows_;
    std::vector<bool> right_;
};

/// "2026-11-23 22:57:01"
std::string time_text(std::int64_t unix_ms);
/// One line of a text that may hold several, cut to `limit` characters ("..." marks the cut); control characters become
/// spaces.
std::string one_line(std::string_view text, std::size_t limit);

/// A member as text, "" where absent; as a number, 0 where absent.
std::string text_of(const json::Value& object, std::string_view key);
std::int64_t number_of(const json::Value& object, std::string_view key);

std::string render_list(const json::Value& answer);
std::string render_groups_table(const json::Value& answer);
std::string render_status_table(const json::Value& answer);
/// What a resume ended, and what is paused still.
std::string render_resumed(const json::Value& answer);

}  // namespace sluice::host
