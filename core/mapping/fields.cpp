#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/base/text.hpp"
#include "core/base/timestamp.hpp"
#include "core/contract/as.hpp"
#include "core/contract/pointers.hpp"
#include "core/mapping/mapper.hpp"
#include "core/mapping/ratio.hpp"
#include "core/mapping/same_value.hpp"

namespace sluice::mapping {
namespace {

using contract::As;
using contract::FieldRule;

/// Search keys have sources that give one scalar.
KeyValue key_of(const FieldValue& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
    if (const auto* number = std::get_if<Decimal>(&value)) return *number;
    if (const auto* moment = std::get_if<DateTime>(&value)) return moment->text;
    const auto* text = std::get_if<std::string>(&value);
    return text == nullptr ? std::string() : *text;
}

}  // namespace

std::optional<Field> Mapper::field(const FieldRule& rule, const Scope& scope) {
    auto result = by_source(rule, scope);
    if (result) result->create_only = rule.create_only;
    return result;
}

std::optional<Field> Mapper::by_source(const FieldRule& rule, const Scope& scope) {
    if (rule.find) return find(rule, scope);
    if (rule.find_each) return find_each(rule, scope);
    if (rule.record) return reference(rule);
    if (rule.percent || rule.rest) return ratio(rule, scope);
    if (!rule.from.empty() && rule.as == As::decimal) return decimal(rule, scope);
    return scalar(rule, scope);
}

std::optional<Field> Mapper::scalar(const FieldRule& rule, const Scope& scope) {
    std::optional<std::string> text;
    std::string pointer;
    if (rule.value) text = rule.value;
    if (rule.config) text = scope.config(*rule.config);
    if (rule.text) {
        for (const auto& part : rule.text->parts)
            if (pointer.empty() && part.kind == contract::Template::Part::Kind::pointer)
                pointer = scope.absolute(part.text);
        auto filled = fill(*rule.text, scope, nullptr);
        if (filled) {
            text = std::move(*filled);
        } else if (!filled.error().absent) {
            broken(filled.error().broken.pointer, filled.error().broken.message);
            return std::nullopt;
        } else {
            pointer = filled.error().broken.pointer;
        }
    }
    for (const std::string& from : rule.from) {
        if (text) break;
        auto found = scope.text_at(from);
        if (!found) {
            broken(found.error().pointer, found.error().message);
            return std::nullopt;
        }
        pointer = scope.absolute(from);
        text = std::move(*found);
    }
    if (!text) return absent(rule, rule.from.empty() ? pointer : scope.absolute(rule.from.front()));
    if (!rule.map.empty()) {
        const auto mapped = rule.map.find(*text);
        if (mapped == rule.map.end()) {
            std::vector<std::string> known;
            for (const auto& [key, value] : rule.map) known.push_back(key);
            broken(pointer, fmt::format("`{}` is not known here; expected {}", *text, list_names(known)));
            return std::nullopt;
        }
        text = mapped->second;
    }
    auto value = convert(rule, *text, pointer);
    if (!value) return std::nullopt;
    return Field{rule.name, std::move(*value), std::move(pointer)};
}

std::optional<Field> Mapper::decimal(const FieldRule& rule, const Scope& scope) {
    bool sums = false;
    for (const std::string& from : rule.from) {
        sums = sums || contract::has_wildcard(from);
        auto number = scope.decimal_at(from);
        if (!number) {
            broken(number.error().pointer, number.error().message);
            return std::nullopt;
        }
        if (!*number) continue;
        std::string pointer = one_place(scope.absolute(from));
        Decimal value = cut(rule, std::move(**number));
        if (!keep(rule, value, pointer)) return std::nullopt;
        return Field{rule.name, std::move(value), std::move(pointer)};
    }
    std::string pointer = one_place(scope.absolute(rule.from.front()));
    // A sum over an array that is not there is 0, as over an empty one.
    if (sums && !rule.default_value) return Field{rule.name, cut(rule, Decimal(0)), std::move(pointer)};
    return absent(rule, std::move(pointer));
}

/// Of a line's amount of which a share is left: quantities divide out, so this only bounds what cannot.
constexpr int share_digits = 12;

std::optional<Field> Mapper::ratio(const FieldRule& rule, const Scope& scope) {
    const FieldRule::Ratio& ratio = rule.percent ? *rule.percent : *rule.rest;
    bool good = true;
    const auto read = [&](const std::string& pointer) -> std::optional<Decimal> {
        auto number = scope.decimal_at(pointer);
        if (number) return std::move(*number);
        broken(number.error().pointer, number.error().message);
        good = false;
        return std::nullopt;
    };
    std::optional<Decimal> part;
    for (const std::string& pointer : ratio.part)
        if (!part && good) part = read(pointer);
    Decimal whole(1);
    for (const std::string& pointer : ratio.whole) {
        const auto factor = read(pointer);
        if (factor) {
            whole = whole * *factor;
        } else if (good) {
            broken(scope.absolute(pointer), std::string(absent_message));
            good = false;
        }
    }
    const auto left = good && !ratio.share.empty() ? read(ratio.share[0]) : std::nullopt;
    const auto of = left ? read(ratio.share[1]) : std::nullopt;
    if (!good) return std::nullopt;
    Decimal amount = part.value_or(Decimal(0));
    std::string pointer = one_place(scope.absolute(ratio.part.front()));
    // Without a discount nothing is taken off and nothing is left, whatever the currency.
    if (amount.is_zero())
        return Field{rule.name, Decimal(0).round(ratio.digits, Rounding::half_even), std::move(pointer)};
    int digits = ratio.currency_digits;
    if (!ratio.currency.empty()) {
        const auto code = scope.text_at(ratio.currency);
        if (!code || !*code) {
            broken(scope.absolute(ratio.currency), code ? std::string(absent_message) : code.error().message);
            return std::nullopt;
        }
        digits = currency_digits(**code);
    }
    if (left && of && !of->is_zero() && *left != *of) {
        amount = *Decimal::divide(amount * *left, *of, digits, Rounding::half_up);
        whole = *Decimal::divide(whole * *left, *of, share_digits, Rounding::half_even);
    }
    const auto rates = ratio.taxes ? rates_on_top(*ratio.taxes, scope) : std::optional(std::vector<Decimal>());
    if (!rates) return std::nullopt;
    Decimal number = rule.percent ? percent_of(amount, whole, ratio.digits, digits, *rates)
                                  : rest_of(amount, whole, ratio.digits, digits, *rates);
    return Field{rule.name, std::move(number), std::move(pointer)};
}

std::optional<std::vector<Decimal>> Mapper::rates_on_top(const FieldRule::Ratio::Taxes& taxes, const Scope& scope) {
    std::vector<Decimal> rates;
    const auto included = taxes.included.empty() ? std::nullopt : scope.at(taxes.included);
    if ((included && is_value(*included, "true")) || scope.any_holds(taxes.none_when)) return rates;
    const auto elements = scope.elements_at(taxes.each);
    if (!elements) {
        broken(elements.error().pointer, elements.error().message);
        return std::nullopt;
    }
    bool good = true;
    for (const Element& element : *elements) {
        auto rate = scope.inside(element).decimal_at(taxes.rate);
        if (rate && *rate) {
            rates.push_back(std::move(**rate));
            continue;
        }
        good = false;
        broken(rate ? scope.inside(element).absolute(taxes.rate) : rate.error().pointer,
               rate ? std::string(absent_message) : rate.error().message);
    }
    return good ? std::optional(std::move(rates)) : std::nullopt;
}

std::optional<Field> Mapper::find(const FieldRule& rule, const Scope& scope) {
    FoundKeys keys = search_keys(rule.find->by, scope);
    if (keys.broken) return std::nullopt;
    if (keys.absent) {
        if (rule.find->empty_on_none && !rule.required) return Field{rule.name, std::monostate{}, *keys.absent};
        broken(*keys.absent, std::string(absent_message));
        return std::nullopt;
    }
    Find result;
    result.model = rule.find->model;
    result.by = std::move(keys.keys);
    result.on_none = rule.find->empty_on_none ? Find::OnNone::empty : Find::OnNone::reject;
    result.on_many = on_many(rule.find->on_many);
    result.pointer = keys.pointer;
    for (const auto& condition : rule.find->empty_if) {
        FoundKeys wanted = search_keys(condition.by, scope);
        if (wanted.broken) return std::nullopt;
        // What cannot be looked for does not exist.
        if (wanted.absent) {
            result.on_none = Find::OnNone::reject;
            continue;
        }
        result.empty_if.push_back(
            {.model = condition.model, .by = std::move(wanted.keys), .pointer = wanted.pointer, .empty_if = {}});
    }
    return Field{rule.name, std::move(result), std::move(keys.pointer)};
}

std::optional<Field> Mapper::find_each(const FieldRule& rule, const Scope& scope) {
    const FieldRule::FindEach& each = *rule.find_each;
    std::string pointer = one_place(scope.absolute(each.each));
    if (scope.any_holds(each.none_when)) return Field{rule.name, FindEach{}, std::move(pointer)};
    const auto elements = scope.elements_at(each.each);
    if (!elements) {
        broken(elements.error().pointer, elements.error().message);
        return std::nullopt;
    }
    FindEach result;
    bool good = true;
    for (const Element& element : *elements) {
        FoundKeys keys = search_keys(each.find.by, scope.inside(element));
        if (keys.absent) broken(*keys.absent, std::string(absent_message));
        good = good && !keys.broken && !keys.absent;
        result.finds.push_back({.model = each.find.model,
                                .by = std::move(keys.keys),
                                .on_many = on_many(each.find.on_many),
                                .pointer = keys.pointer.empty() ? element.pointer : keys.pointer,
                                .empty_if = {}});
    }
    if (!good) return std::nullopt;
    return Field{rule.name, std::move(result), std::move(pointer)};
}

std::optional<Field> Mapper::reference(const FieldRule& rule) {
    Named target = named(*rule.record);
    if (!target.record && !target.broken && rule.or_record) target = named(*rule.or_record);
    if (target.broken) return std::nullopt;
    if (target.record) return Field{rule.name, std::move(target.record), ""};
    if (!rule.required) return Field{rule.name, std::monostate{}, ""};
    const auto& rules = flow_.records.at(rule.or_record ? *rule.or_record : *rule.record);
    broken(rules.when_present   ? *rules.when_present
           : rules.when_differs ? rules.when_differs->first
                                : "",
           fmt::format("there is no {} here, and `{}` requires one", rules.name, rule.name));
    return std::nullopt;
}

std::optional<Field> Mapper::absent(const FieldRule& rule, std::string pointer) {
    if (rule.default_value) {
        // The default is a value for Odoo already: neither negated nor cut.
        FieldRule plain;
        plain.as = rule.as;
        auto value = convert(plain, *rule.default_value, pointer);
        if (!value) return std::nullopt;
        return Field{rule.name, std::move(*value), std::move(pointer)};
    }
    if (!rule.required) return Field{rule.name, std::monostate{}, std::move(pointer)};
    if (rule.config) {
        broken("",
               fmt::format("the configuration key `{}` has no value, and `{}` requires one", *rule.config, rule.name));
    } else {
        broken(std::move(pointer), std::string(absent_message));
    }
    return std::nullopt;
}

std::optional<FieldValue> Mapper::convert(const FieldRule& rule, const std::string& text, const std::string& pointer) {
    const auto wrong = [&](std::string message) -> std::optional<FieldValue> {
        broken(pointer, std::move(message));
        return std::nullopt;
    };
    const auto unreadable = [&] { return wrong(contract::why_not(rule.as, text).value_or("cannot be read")); };
    switch (rule.as) {
        case As::integer: {
            const auto number = contract::to_integer(text);
            if (!number) return unreadable();
            if (rule.negate && *number == std::numeric_limits<std::int64_t>::min())
                return wrong("its negative has more than 64 bits");
            const std::int64_t value = rule.negate ? -*number : *number;
            if ((rule.least || rule.most) && !keep(rule, Decimal(value), pointer)) return std::nullopt;
            return value;
        }
        case As::decimal: {
            auto number = Decimal::parse(text);
            if (!number) return unreadable();
            Decimal value = cut(rule, std::move(*number));
            if (!keep(rule, value, pointer)) return std::nullopt;
            return value;
        }
        case As::datetime: {
            const auto moment = parse_rfc3339(text);
            if (!moment) return unreadable();
            return DateTime{format_odoo_datetime(*moment)};
        }
        case As::boolean: {
            const auto flag = contract::to_boolean(text);
            if (!flag) return unreadable();
            return *flag;
        }
        case As::email:
        case As::text:
            break;
    }
    std::string value = text;
    if (rule.as == As::email) {
        auto address = contract::to_email(text);
        if (!address) return unreadable();
        value = std::move(*address);
    }
    // PostgreSQL's text type cannot hold it; Odoo would answer with a traceback.
    if (value.find('\0') != std::string::npos) return wrong("holds a NUL character, which Odoo cannot store");
    if (!keep(rule, value, pointer)) return std::nullopt;
    return value;
}

Decimal Mapper::cut(const FieldRule& rule, Decimal number) {
    if (rule.negate) number = -number;
    if (rule.shift != 0) {
        // Moving the point is exact: the digits that rounding takes away are zeros.
        const int scale = std::max(0, number.scale() - rule.shift);
        number = (number * *Decimal::parse("1e" + std::to_string(rule.shift))).round(scale, Rounding::down);
    }
    if (rule.digits) number = number.round(*rule.digits, rule.rounding);
    return number;
}

Mapper::FoundKeys Mapper::search_keys(const std::vector<FieldRule>& rules, const Scope& scope) {
    FoundKeys result;
    for (const FieldRule& rule : rules) {
        auto key = field(rule, scope);
        if (!key) {
            result.broken = true;
        } else if (std::holds_alternative<std::monostate>(key->value)) {
            if (!result.absent) result.absent = key->pointer;
        } else {
            if (result.pointer.empty()) result.pointer = key->pointer;
            result.keys.emplace_back(rule.name, key_of(key->value));
        }
    }
    return result;
}

}  // namespace sluice::mapping
