#include "core/contract_check/fits.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace sluice::contract_check {
namespace {

enum class Group { text, selection, integer, decimal, boolean, date, datetime, one, many, lines, other };

Group group_of(std::string_view type) {
    constexpr std::array<std::pair<std::string_view, Group>, 14> groups{{{"char", Group::text},
                                                                         {"text", Group::text},
                                                                         {"html", Group::text},
                                                                         {"selection", Group::selection},
                                                                         {"integer", Group::integer},
                                                                         {"many2one_reference", Group::integer},
                                                                         {"float", Group::decimal},
                                                                         {"monetary", Group::decimal},
                                                                         {"boolean", Group::boolean},
                                                                         {"date", Group::date},
                                                                         {"datetime", Group::datetime},
                                                                         {"many2one", Group::one},
                                                                         {"many2many", Group::many},
                                                                         {"one2many", Group::lines}}};
    const auto found = std::ranges::find(groups, type, &std::pair<std::string_view, Group>::first);
    return found == groups.end() ? Group::other : found->second;
}

std::string as(std::string_view word) {
    return "right would be as = \"" + std::string(word) + "\"";
}

std::string reference_to(const FieldFacts& field) {
    return "right would be a `find` in " + field.relation + ", or a `record` of that model";
}

bool is_constant(const contract::FieldRule& rule) {
    return rule.value.has_value();
}

}  // namespace

Yield yield_of(const contract::FieldRule& rule) {
    if (rule.find || rule.record) return Yield::reference;
    if (rule.find_each) return Yield::references;
    if (rule.percent || rule.rest) return Yield::decimal;
    if (rule.text) return Yield::text;
    switch (rule.as) {
        case contract::As::text:
        case contract::As::email:
            return Yield::text;
        case contract::As::integer:
            return Yield::integer;
        case contract::As::decimal:
            return Yield::decimal;
        case contract::As::boolean:
            return Yield::boolean;
        case contract::As::date:
            return Yield::date;
        case contract::As::datetime:
            return Yield::datetime;
    }
    return Yield::unknown;
}

std::string to_string(Yield yield) {
    switch (yield) {
        case Yield::text:
            return "a text";
        case Yield::integer:
            return "an integer";
        case Yield::decimal:
            return "a decimal";
        case Yield::boolean:
            return "a boolean";
        case Yield::date:
            return "a date";
        case Yield::datetime:
            return "a date and time";
        case Yield::reference:
            return "a reference";
        case Yield::references:
            return "several references";
        case Yield::unknown:
            break;
    }
    return "a value";
}

std::optional<std::string> misfit(Yield yield, const contract::FieldRule& rule, const FieldFacts& field, bool is_key) {
    if (yield == Yield::unknown) return std::nullopt;
    const auto unless = [](bool fits, std::string right) {
        return fits ? std::nullopt : std::optional<std::string>(std::move(right));
    };
    switch (group_of(field.type)) {
        case Group::text:
            return unless(yield == Yield::text, rule.text ? "" : as("text"));
        case Group::selection:
            return unless(yield == Yield::text, as("text"));
        case Group::integer:
            return unless(yield == Yield::integer, as("integer"));
        case Group::decimal:
            return unless(yield == Yield::decimal || yield == Yield::integer, as("decimal"));
        case Group::boolean:
            return unless(yield == Yield::boolean, as("boolean"));
        case Group::date:
            return unless(yield == Yield::date || (yield == Yield::text && is_constant(rule)), as("date"));
        case Group::datetime:
            return unless(yield == Yield::datetime || (yield == Yield::text && is_constant(rule)), as("datetime"));
        case Group::one:
            // A search by text finds by name, as Odoo does it.
            if (is_key && yield == Yield::text) return std::nullopt;
            return unless(yield == Yield::reference || yield == Yield::integer, reference_to(field));
        case Group::many:
            if (is_key) return std::nullopt;
            return unless(yield == Yield::references, "right would be `find_each` in " + field.relation);
        case Group::lines:
            if (is_key) return std::nullopt;
            return "right would be `lines` of model " + field.relation;
        case Group::other:
            break;
    }
    return std::nullopt;
}

}  // namespace sluice::contract_check
