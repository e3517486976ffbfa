// What a document must keep beyond the fields it fills: sums, comparisons, what must be there together; and what one
// value must be like.

#include <fmt/format.h>

#include <algorithm>

#include "core/base/timestamp.hpp"
#include "core/contract/as.hpp"
#include "core/contract/config_reference.hpp"
#include "core/mapping/mapper.hpp"
#include "core/mapping/moment.hpp"

namespace sluice::mapping {
namespace {

using contract::As;
using contract::Check;

constexpr std::size_t shown_bytes = 80;

std::size_t count_characters(std::string_view utf8) {
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string shown(std::string_view text) {
    std::size_t size = std::min(text.size(), shown_bytes);
    while (size > 0 && size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) --size;
    return fmt::format("`{}{}`", text.substr(0, size), size < text.size() ? "..." : "");
}

std::string_view to_string(Check::Operator by) {
    constexpr std::string_view names[] = {"=", "!=", "<", "<=", ">", ">="};
    return names[static_cast<std::size_t>(by)];
}

bool holds(std::strong_ordering order, Check::Operator by) {
    switch (by) {
        case Check::Operator::equal:
            return order == 0;
        case Check::Operator::not_equal:
            return order != 0;
        case Check::Operator::less:
            return order < 0;
        case Check::Operator::less_or_equal:
            return order <= 0;
        case Check::Operator::greater:
            return order > 0;
        case Check::Operator::greater_or_equal:
            return order >= 0;
    }
    return true;
}

/// Both can be read as `as`.
std::strong_ordering order_of(As as, const std::string& left, const std::string& right) {
    switch (as) {
        case As::integer:
            return *contract::to_integer(left) <=> *contract::to_integer(right);
        case As::decimal:
            return *Decimal::parse(left) <=> *Decimal::parse(right);
        case As::datetime:
            return *parse_rfc3339(left) <=> *parse_rfc3339(right);
        case As::email:
            return *contract::to_email(left) <=> *contract::to_email(right);
        case As::text:
        case As::boolean:
        case As::date:  // as texts they are in order
            break;
    }
    return left <=> right;
}

}  // namespace

bool Mapper::is_present(const Scope& scope, const Pointer& pointer) {
    const auto value = scope.at(pointer);
    if (!value || value->is_null()) return false;
    const bool container = value->kind() == json::Kind::array || value->kind() == json::Kind::object;
    return container ? value->size() > 0 : !value->text().empty();
}

void Mapper::check(const Check& rule) {
    if (rule.each.empty()) return check_here(rule, root_);
    report(root_.each(rule.each, [&](const Scope& element) { check_here(rule, element); }));
}

void Mapper::check_here(const Check& rule, const Scope& scope) {
    if (!scope.all_hold(rule.when)) return;
    const auto there = [&scope](const Pointer& pointer) { return is_present(scope, pointer); };
    for (const Pointer& pointer : rule.required)
        if (!there(pointer)) broken(scope.absolute(pointer), fmt::format("absent: {}", rule.rule));
    for (const Pointer& pointer : rule.none)
        if (there(pointer)) broken(scope.absolute(pointer), fmt::format("must not be here: {}", rule.rule));
    if (!rule.any.empty() && std::ranges::none_of(rule.any, there)) {
        std::string all;
        for (const Pointer& pointer : rule.any) all += (all.empty() ? "" : ", ") + scope.absolute(pointer);
        broken(scope.absolute(rule.any.front()), fmt::format("none of {} is here: {}", all, rule.rule));
    }
    if (rule.compare) compare(rule, scope);
    if (rule.sum) sum(rule, scope);
}

void Mapper::compare(const Check& rule, const Scope& scope) {
    const Check::Compare& compare = *rule.compare;
    bool good = true;
    const auto read = [&](const Pointer& pointer) -> std::optional<std::string> {
        std::expected<std::optional<std::string>, Broken> text;
        if (pointer.has_wildcard()) {
            const auto number = scope.decimal_at(pointer);
            if (!number)
                text = std::unexpected(number.error());
            else if (*number)
                text = (*number)->to_string();
        } else if (const auto found = scope.text_at(pointer); !found) {
            text = std::unexpected(found.error());
        } else if (*found) {
            text = std::string(**found);
        }
        if (!text) {
            broken(text.error().pointer, text.error().message);
        } else if (const auto wrong = *text ? contract::why_not(compare.as, **text) : std::nullopt) {
            broken(scope.absolute(pointer), *wrong);
        } else {
            return std::move(*text);
        }
        good = false;
        return std::nullopt;
    };
    const auto left = read(compare.left);
    const auto right = compare.right_is_constant ? std::optional(compare.right.text()) : read(compare.right);
    if (!good || !left || !right || holds(order_of(compare.as, *left, *right), compare.by)) return;
    const std::string other = compare.right_is_constant ? "" : scope.absolute(compare.right) + ", ";
    broken(scope.place_of(compare.left),
           fmt::format("{} is not {} {}{}: {}", shown(*left), to_string(compare.by), other, shown(*right), rule.rule));
}

std::optional<Decimal> Mapper::product(const Check::Term& term, const Scope& scope) {
    Decimal product(1);
    for (const Pointer& pointer : term.product) {
        const auto factor = scope.decimal_at(pointer);
        if (!factor) {
            broken(factor.error().pointer, factor.error().message);
            return std::nullopt;
        }
        // An element without its amount must not be counted as nothing; one value that is absent is nothing.
        if (!*factor && (!term.each.empty() || term.product.size() > 1)) {
            broken(scope.absolute(pointer), std::string(absent_message));
            return std::nullopt;
        }
        product = *factor ? product * **factor : Decimal(0);
    }
    if (term.digits) product = product.round(*term.digits, Rounding::half_up);
    return product;
}

void Mapper::sum(const Check& rule, const Scope& scope) {
    Decimal sum;
    bool good = true;
    const auto add = [&](const Check::Term& term, const Scope& where) {
        const auto amount = product(term, where);
        good = good && amount.has_value();
        if (amount) sum = term.subtract ? sum - *amount : sum + *amount;
    };
    for (const Check::Term& term : rule.sum->terms) {
        if (term.each.empty()) {
            add(term, scope);
            continue;
        }
        good = report(scope.each(term.each, [&](const Scope& element) { add(term, element); })) && good;
    }
    std::expected<std::optional<Decimal>, Broken> total = rule.sum->constant;
    if (!rule.sum->constant) total = scope.decimal_at(rule.sum->total);
    const std::string pointer = rule.sum->constant ? scope.base() : scope.place_of(rule.sum->total).text();
    if (!total)
        good = broken(total.error().pointer, total.error().message);
    else if (!*total && !rule.sum->at_least)
        good = broken(pointer, std::string(absent_message));
    if (!good || !*total) return;
    const Decimal off = sum - **total;
    const bool more = !off.is_negative();
    if ((more && rule.sum->at_least) || (more ? off : -off) <= rule.sum->tolerance) return;
    broken(pointer, rule.sum->constant ? fmt::format("the sum is {}, and {} at least is right: {}", sum.to_string(),
                                                     (*total)->to_string(), rule.rule)
                                       : fmt::format("is {}, and the sum is {}: {}", (*total)->to_string(),
                                                     sum.to_string(), rule.rule));
}

bool Mapper::keep(const contract::FieldRule& rule, std::string_view text, const Place& pointer) {
    bool kept = true;
    const auto breaks = [&](std::string message) {
        broken(pointer, std::move(message));
        kept = false;
    };
    if (rule.min_length || rule.max_length) {
        const std::size_t length = count_characters(text);
        if (rule.max_length && length > *rule.max_length)
            breaks(fmt::format("is {} characters long; at most {} fit", length, *rule.max_length));
        if (rule.min_length && length < *rule.min_length)
            breaks(fmt::format("is {} characters long; at least {} are needed", length, *rule.min_length));
    }
    if (rule.pattern && !rule.pattern->matches(text))
        breaks(fmt::format("{} does not match the pattern `{}`", shown(text), rule.pattern->text()));
    return kept;
}

bool Mapper::keep_open(const contract::FieldRule::PeriodCutoff& rule, std::string& day, const Place& pointer) {
    std::string_view until = rule.closed_until;
    if (const auto key = contract::config_reference(rule.closed_until)) {
        until = root_.config(*key).value_or("");
        if (!until.empty() && !contract::is_date(until))
            return broken("", fmt::format("the configuration key `{}` must be a date (like 2022-01-01); found `{}`",
                                          *key, until));
    }
    // Dates of four digits a year are in order as texts.
    if (until.empty() || day > until) return true;
    const auto late = word_of(rule.late, {"reject", "first_open_day"});
    if (!late) return false;
    if (*late == "reject")
        return broken(pointer, fmt::format("{} is in a period that is closed, until {}", day, until));
    day = day_after(until);
    return true;
}

bool Mapper::keep(const contract::FieldRule& rule, const Decimal& number, const Place& pointer) {
    if (rule.least && number < *rule.least)
        broken(pointer, fmt::format("is {}; at least {} is right", number.to_string(), rule.least->to_string()));
    else if (rule.most && number > *rule.most)
        broken(pointer, fmt::format("is {}; at most {} is right", number.to_string(), rule.most->to_string()));
    else
        return true;
    return false;
}

}  // namespace sluice::mapping
