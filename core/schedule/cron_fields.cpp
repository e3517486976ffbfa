#include "core/schedule/cron_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/base/text.hpp"

namespace sluice::schedule {
namespace {

constexpr std::array<std::string_view, 12> month_names = {"jan", "feb", "mar", "apr", "may", "jun",
                                                          "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> day_names = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

/// What may stand in a field.
struct FieldRule {
    std::string_view name;
    unsigned lowest, highest;
    std::span<const std::string_view> names;  ///< of `lowest` and what follows
    std::string_view allowed;                 ///< in words
    bool is_day_of_week = false;              ///< 0 and 7 are one day
};

constexpr std::array<FieldRule, 5> rules = {{
    {"minute", 0, 59, {}, "from 0 to 59"},
    {"hour", 0, 23, {}, "from 0 to 23"},
    {"day-of-month", 1, 31, {}, "from 1 to 31"},
    {"month", 1, 12, month_names, "from 1 to 12 or JAN to DEC"},
    {"day-of-week", 0, 7, day_names, "from 0 to 7 or SUN to SAT", true},
}};

std::optional<unsigned> read_number(std::string_view text) {
    unsigned number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (text.empty() || failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// A number or a name within the field's range.
std::optional<unsigned> read_value(const FieldRule& rule, std::string_view text) {
    const auto named = std::ranges::find(rule.names, to_lower_ascii(text));
    if (named != rule.names.end()) return rule.lowest + static_cast<unsigned>(named - rule.names.begin());
    const auto number = read_number(text);
    if (!number || *number < rule.lowest || *number > rule.highest) return std::nullopt;
    return number;
}

std::unexpected<std::string> not_allowed(const FieldRule& rule, std::string_view found) {
    return std::unexpected(fmt::format("{} must be {}; found `{}`", rule.name, rule.allowed, found));
}

/// The numbers from `first` to `last`.
struct Range {
    unsigned first, last;
};

std::expected<Range, std::string> read_range(const FieldRule& rule, std::string_view text) {
    const std::size_t dash = text.find('-');
    const std::string_view first_text = text.substr(0, dash);
    auto first = read_value(rule, first_text);
    if (!first) return not_allowed(rule, first_text.empty() ? text : first_text);
    if (dash == std::string_view::npos) return Range{*first, *first};

    const std::string_view last_text = text.substr(dash + 1);
    auto last = read_value(rule, last_text);
    if (!last) return not_allowed(rule, last_text.empty() ? text : last_text);
    if (rule.is_day_of_week && *first > *last) {  // Sunday ends a week or begins it
        if (*last == 0) last = 7;
        if (*first == 7 && *last < 7) first = 0;
    }
    if (*first > *last) {
        const unsigned highest = rule.is_day_of_week ? 6 : rule.highest;
        return std::unexpected(fmt::format("{}: a range must rise; found `{}`; right would be `{}-{},{}-{}`", rule.name,
                                           text, *first, highest, rule.lowest, *last));
    }
    return Range{*first, *last};
}

/// One entry of the list a field is: adds its numbers.
std::optional<std::string> read_entry(const FieldRule& rule, std::string_view entry, CronField& field) {
    const std::size_t slash = entry.find('/');
    const std::string_view base = entry.substr(0, slash);
    const bool star = base == "*";
    Range range{rule.lowest, rule.is_day_of_week ? 6 : rule.highest};
    if (!star) {
        const auto read = read_range(rule, base);
        if (!read) return read.error();
        range = *read;
    }
    unsigned step = 1;
    if (slash != std::string_view::npos) {
        const std::string_view step_text = entry.substr(slash + 1);
        const auto read = read_number(step_text);
        if (!read || *read == 0 || *read > rule.highest) {
            return fmt::format("{}: a step must be from 1 to {}; found `{}`", rule.name, rule.highest, step_text);
        }
        step = *read;
        // Some crons read `5/15` as `5-59/15`, some as `5`: it is asked for instead of guessed.
        if (!star && base.find('-') == std::string_view::npos) {
            return fmt::format("{}: a step needs `*` or a range before it; found `{}`; right would be `{}-{}/{}`",
                               rule.name, entry, base, rule.highest, step);
        }
    }
    for (unsigned number = range.first; number <= range.last; number += step) {
        field.numbers |= std::uint64_t{1} << (rule.is_day_of_week ? number % 7 : number);
    }
    field.star = field.star || star;
    return std::nullopt;
}

std::expected<CronField, std::string> read_field(const FieldRule& rule, std::string_view text) {
    CronField field;
    for (std::string_view rest = text;;) {
        const std::size_t comma = rest.find(',');
        const std::string_view entry = rest.substr(0, comma);
        if (entry.empty()) {
            return std::unexpected(fmt::format("{}: nothing stands beside a comma; found `{}`", rule.name, text));
        }
        if (const auto problem = read_entry(rule, entry, field)) return std::unexpected(*problem);
        if (comma == std::string_view::npos) return field;
        rest.remove_prefix(comma + 1);
    }
}

std::vector<std::string_view> split_at_white_space(std::string_view text) {
    std::vector<std::string_view> parts;
    for (text = trim(text); !text.empty(); text = trim(text)) {
        const std::size_t length = std::min(text.find_first_of(" \t\r\n\v\f"), text.size());
        parts.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return parts;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> shorthands = {{
    {"@hourly", "0 * * * *"},
    {"@daily", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@yearly", "0 0 1 1 *"},
}};

/// The five fields a shorthand stands for.
std::expected<std::string_view, std::string> expand(std::string_view shorthand) {
    std::vector<std::string> names;
    for (const auto& [name, fields] : shorthands) {
        if (to_lower_ascii(shorthand) == name) return fields;
        names.emplace_back(name);
    }
    return std::unexpected(fmt::format("cron expression `{}` is unknown; right would be {} or five fields{}", shorthand,
                                       fmt::join(names, ", "), did_you_mean(shorthand, names)));
}

}  // namespace

std::expected<CronFields, std::string> parse_cron_fields(std::string_view expression) {
    expression = trim(expression);
    std::string_view text = expression;
    if (text.starts_with('@')) {
        const auto expanded = expand(text);
        if (!expanded) return std::unexpected(expanded.error());
        text = *expanded;
    }
    const auto parts = split_at_white_space(text);
    if (parts.size() != rules.size()) {
        return std::unexpected(fmt::format(
            "cron expression `{}` must have 5 fields (minute hour day-of-month month day-of-week); found {}",
            expression, parts.size()));
    }
    CronFields fields;
    const std::array<CronField*, rules.size()> targets = {&fields.minute, &fields.hour, &fields.day_of_month,
                                                          &fields.month, &fields.day_of_week};
    for (std::size_t i = 0; i < rules.size(); ++i) {
        const auto field = read_field(rules[i], parts[i]);
        if (!field) return std::unexpected(fmt::format("cron expression `{}`: {}", expression, field.error()));
        *targets[i] = *field;
    }
    return fields;
}

std::expected<CronField, std::string> parse_days_of_week(std::string_view text) {
    return read_field(rules.back(), trim(text));
}

}  // namespace sluice::schedule
