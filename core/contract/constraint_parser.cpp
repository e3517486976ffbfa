#include "core/contract/constraint_parser.hpp"

#include <fmt/format.h>

#include <array>

#include "core/contract/as.hpp"
#include "core/contract/config_reference.hpp"

namespace sluice::contract {
namespace {

constexpr std::int64_t longest_text = 1'000'000;

std::optional<std::size_t> read_length(toml::TableReader& reader, std::string_view key) {
    const auto length = reader.integer(key, 1, longest_text);
    if (!length) return std::nullopt;
    return static_cast<std::size_t>(*length);
}

}  // namespace

std::optional<Decimal> read_decimal(toml::TableReader& reader, std::string_view key) {
    const toml::Node* node = reader.any(key);
    if (node == nullptr) return std::nullopt;
    if (node->kind == toml::Kind::integer) return Decimal(node->integer);
    if (node->kind != toml::Kind::text) {
        reader.problem(*node, fmt::format("`{}` must be an integer, or a decimal as a string (\"0.01\"); found {}", key,
                                          to_string(node->kind)));
        return std::nullopt;
    }
    if (const auto wrong = why_not(As::decimal, node->text)) {
        reader.problem(*node, fmt::format("`{}`: {}", key, *wrong));
        return std::nullopt;
    }
    return *Decimal::parse(node->text);
}

void read_constraints(toml::TableReader& reader, FieldRule& rule) {
    rule.min_length = read_length(reader, "min_length");
    rule.max_length = read_length(reader, "max_length");
    if (const auto text = reader.text("pattern")) {
        auto pattern = Pattern::compile(*text);
        if (pattern)
            rule.pattern = std::move(*pattern);
        else
            reader.problem(*reader.any("pattern"), pattern.error().message);
    }
    rule.least = read_decimal(reader, "min");
    rule.most = read_decimal(reader, "max");
    if (rule.min_length && rule.max_length && *rule.min_length > *rule.max_length)
        reader.problem("min_length", "`min_length` is more than `max_length`");
    if (rule.least && rule.most && *rule.least > *rule.most) reader.problem("min", "`min` is more than `max`");
    if (rule.as != As::text && rule.as != As::email)
        for (const std::string_view key : {"min_length", "max_length", "pattern"})
            if (reader.has(key)) reader.problem(key, fmt::format("`{}` needs as = \"text\" or \"email\"", key));
    if (rule.as != As::decimal && rule.as != As::integer)
        for (const std::string_view key : {"min", "max"})
            if (reader.has(key)) reader.problem(key, fmt::format("`{}` needs as = \"decimal\" or \"integer\"", key));
}

void read_clock(toml::TableReader& reader, FieldRule& rule, bool outward) {
    constexpr std::size_t longest_format = 100;
    rule.clock.format = reader.filled_text("format").value_or("");
    const std::string& format = rule.clock.format;
    const bool is_unix = format == Clock::unix_seconds || format == Clock::unix_milliseconds;
    if (!format.empty() && !is_unix && (format.find('%') == std::string::npos || format.size() > longest_format))
        reader.problem("format", fmt::format("`{}` is no format: as strftime has it (\"%d.%m.%Y %H:%M\", at most {} "
                                             "bytes), \"unix\" or \"unix_ms\"",
                                             format, longest_format));
    for (const char* clock_of_machine : {"%s", "%Z", "%c"})
        if (!is_unix && format.find(clock_of_machine) != std::string::npos)
            reader.problem("format", fmt::format("`{}` depends on the machine", clock_of_machine));
    if (const auto name = reader.text("zone")) {
        const auto zone = schedule::Zone::find(*name);
        if (zone)
            rule.clock.zone = *zone;
        else
            reader.problem(*reader.any("zone"), zone.error());
    }
    for (const char* key : {"format", "zone"})
        if (reader.has(key) && rule.as != As::datetime && rule.as != As::date)
            reader.problem(key, fmt::format("`{}` needs as = \"datetime\" or \"date\"", key));
    const bool has_offset = is_unix || format.find("%z") != std::string::npos;
    if (!outward && rule.as == As::datetime && !format.empty() && !has_offset && !reader.has("zone"))
        reader.problem("format", "`format` has no `%z`: without a `zone` it names no moment");
}

void read_period_cutoff(toml::TableReader& reader, FieldRule& rule, const MappingScope& scope, bool of_record) {
    const toml::Node* node = reader.table("period_cutoff");
    if (node == nullptr) return;
    toml::TableReader table(*node, reader.path() + ".period_cutoff", scope.problems);
    FieldRule::PeriodCutoff cutoff;
    table.need("closed_until", "the last closed day: a date, or \"{config:KEY}\"");
    table.need("late", "what a day in a closed period does: \"reject\" or \"first_open_day\"");
    if (const auto until = table.text("closed_until")) {
        const auto key = config_reference(*until);
        const auto wrong = key ? config_problem(*key, scope.config) : why_not(As::date, *until).value_or("");
        if (!wrong.empty()) table.problem(*table.any("closed_until"), wrong);
        cutoff.closed_until = *until;
    }
    cutoff.late = read_word(table, "late", {"reject", "first_open_day"}, scope);
    table.finish();
    if (rule.as != As::date) reader.problem("period_cutoff", "`period_cutoff` needs as = \"date\"");
    const bool may_move = cutoff.late == "first_open_day" || config_reference(cutoff.late);
    if (of_record && !rule.create_only && may_move)
        reader.problem("period_cutoff",
                       "a day that moves must stay when the record is updated: late = \"first_open_day\" needs "
                       "create_only = true");
    rule.period_cutoff = std::move(cutoff);
}

}  // namespace sluice::contract
