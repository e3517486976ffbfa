#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/base/text.hpp"
#include "core/base/timestamp.hpp"
#include "core/contract/as.hpp"
#include "core/mapping/mapper.hpp"
#include "core/mapping/moment.hpp"
#include "core/mapping/ratio.hpp"
#include "core/mapping/same_value.hpp"

namespace sluice::mapping {
namespace {

using contract::As;
using contract::FieldRule;

/// Search keys have sources that give one scalar.
KeyValue key_of(FieldValue&& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
    if (auto* number = std::get_if<Decimal>(&value)) return std::move(*number);
    if (auto* moment = std::get_if<DateTime>(&value)) return std::move(moment->text);
    auto* text = std::get_if<std::string>(&value);
    return text == nullptr ? std::string() : std::move(*text);
}

}  // namespace

bool Mapper::field(const FieldRule& rule, const Scope& scope, Field& out) {
    out.create_only = rule.create_only;
    if (rule.find) return find(rule, scope, out);
    if (rule.find_each) return find_each(rule, scope, out);
    if (rule.record) return reference(rule, out);
    if (rule.percent || rule.rest) return ratio(rule, scope, out);
    if (!rule.from.empty() && rule.as == As::decimal) return decimal(rule, scope, out);
    return scalar(rule, scope, out);
}

void Mapper::fields(const std::vector<FieldRule>& rules, const Scope& scope, std::vector<Field>& into) {
    into.reserve(rules.size());
    for (const FieldRule& rule : rules)
        if (is_asked_for(rule, scope) && !field(rule, scope, into.emplace_back(rule.name))) into.pop_back();
}

bool Mapper::scalar(const FieldRule& rule, const Scope& scope, Field& out) {
    std::optional<std::string_view> text;
    std::string filled;
    if (rule.value) text = *rule.value;
    if (rule.config) text = scope.config(*rule.config);
    if (rule.text) {
        for (const auto& part : rule.text->parts)
            if (out.pointer.empty() && part.kind == contract::Template::Part::Kind::pointer)
                out.pointer = scope.place_of_whole(part.pointers.front());
        auto result = fill(*rule.text, scope, nullptr);
        if (result) {
            filled = std::move(*result);
            text = filled;
        } else if (!result.error().absent) {
            return broken(result.error().broken.pointer, result.error().broken.message);
        } else {
            out.pointer = result.error().broken.pointer;
        }
    }
    if (rule.hook) {
        auto computed = hook(*rule.hook, scope, out);
        if (!computed) return false;
        filled = std::move(*computed);
        if (!filled.empty()) text = filled;
    }
    for (const Pointer& from : rule.from) {
        auto found = scope.text_at(from);
        if (!found) return broken(found.error().pointer, found.error().message);
        if (!*found || (outward_ && rule.as != As::boolean && scope.at(from)->kind() == json::Kind::boolean &&
                        !scope.at(from)->is_true()))
            continue;  // Odoo says `false` where there is nothing
        out.pointer = scope.place_of_whole(from);
        text = *found;
        break;
    }
    if (!text) {
        if (!rule.from.empty()) out.pointer = scope.place_of_whole(rule.from.front());
        return absent(rule, out);
    }
    if (!rule.map.empty()) {
        const auto mapped = rule.map.find(std::string(*text));
        if (mapped == rule.map.end()) {
            std::vector<std::string> known;
            for (const auto& [key, value] : rule.map) known.push_back(key);
            return broken(out.pointer, fmt::format("`{}` is not known here; expected {}", *text, list_names(known)));
        }
        text = mapped->second;
    }
    return convert(rule, *text, out);
}

std::optional<std::string> Mapper::hook(const FieldRule::Hook& rule, const Scope& scope, Field& out) {
    out.pointer = rule.arguments.empty() ? scope.place() : scope.place_of_whole(rule.arguments.front());
    json::Writer arguments;
    arguments.begin_array();
    for (const Pointer& pointer : rule.arguments) {
        const auto value = scope.at(pointer);
        arguments.raw(value ? value->raw() : "null");
    }
    if (rule.arguments.empty()) arguments.raw(scope.value().raw());
    auto text = hooks_ ? hooks_(rule.name, arguments.end_array().take())
                       : std::unexpected(std::string("computed by the plugin's code, and there is no plugin here"));
    if (text) return std::move(*text);
    broken(out.pointer, fmt::format("hook `{}`: {}", rule.name, text.error()));
    return std::nullopt;
}

bool Mapper::decimal(const FieldRule& rule, const Scope& scope, Field& out) {
    bool sums = false;
    for (const Pointer& from : rule.from) {
        sums = sums || from.has_wildcard();
        auto number = scope.decimal_at(from);
        if (!number) return broken(number.error().pointer, number.error().message);
        if (!*number) continue;
        out.pointer = scope.place_of(from);
        const Decimal& value = out.value.emplace<Decimal>(cut(rule, std::move(**number)));
        return keep(rule, value, out.pointer);
    }
    out.pointer = scope.place_of(rule.from.front());
    if (!sums || rule.default_value) return absent(rule, out);
    // A sum over an array that is not there is 0, as over an empty one.
    out.value = cut(rule, Decimal(0));
    return true;
}

/// Of a line's amount of which a share is left: quantities divide out, so this only bounds what cannot.
constexpr int share_digits = 12;

bool Mapper::ratio(const FieldRule& rule, const Scope& scope, Field& out) {
    const FieldRule::Ratio& ratio = rule.percent ? *rule.percent : *rule.rest;
    bool good = true;
    const auto read = [&](const Pointer& pointer) -> std::optional<Decimal> {
        auto number = scope.decimal_at(pointer);
        if (number) return std::move(*number);
        good = broken(number.error().pointer, number.error().message);
        return std::nullopt;
    };
    std::optional<Decimal> part;
    for (const Pointer& pointer : ratio.part)
        if (!part && good) part = read(pointer);
    Decimal whole(1);
    for (const Pointer& pointer : ratio.whole) {
        const auto factor = read(pointer);
        if (factor) {
            whole = whole * *factor;
        } else if (good) {
            good = broken(scope.absolute(pointer), std::string(absent_message));
        }
    }
    if (!good) return false;
    Decimal amount = part.value_or(Decimal(0));
    out.pointer = scope.place_of(ratio.part.front());
    // Without a discount nothing is taken off and nothing is left, whatever the currency.
    if (amount.is_zero()) {
        out.value = Decimal(0).round(ratio.digits, Rounding::half_even);
        return true;
    }
    const auto left = ratio.share.empty() ? std::nullopt : read(ratio.share[0]);
    const auto of = left ? read(ratio.share[1]) : std::nullopt;
    if (!good) return false;
    int digits = ratio.currency_digits;
    if (!ratio.currency.empty()) {
        const auto code = scope.text_at(ratio.currency);
        if (!code || !*code)
            return broken(scope.absolute(ratio.currency), code ? std::string(absent_message) : code.error().message);
        digits = currency_digits(**code);
    }
    if (left && of && !of->is_zero() && *left != *of) {
        amount = *Decimal::divide(amount * *left, *of, digits, Rounding::half_up);
        whole = *Decimal::divide(whole * *left, *of, share_digits, Rounding::half_even);
    }
    const auto rates = ratio.taxes ? rates_on_top(*ratio.taxes, scope) : std::optional(std::vector<Decimal>());
    if (!rates) return false;
    out.value = rule.percent ? percent_of(amount, whole, ratio.digits, digits, *rates)
                             : rest_of(amount, whole, ratio.digits, digits, *rates);
    return true;
}

std::optional<std::vector<Decimal>> Mapper::rates_on_top(const FieldRule::Ratio::Taxes& taxes, const Scope& scope) {
    std::vector<Decimal> rates;
    const auto included = taxes.included.empty() ? std::nullopt : scope.at(taxes.included);
    if ((included && is_value(*included, "true")) || scope.any_holds(taxes.none_when)) return rates;
    bool good = true;
    good = report(scope.each(taxes.each,
                             [&](const Scope& element) {
                                 auto rate = element.decimal_at(taxes.rate);
                                 if (rate && *rate) {
                                     rates.push_back(std::move(**rate));
                                 } else if (rate) {
                                     good = broken(element.absolute(taxes.rate), std::string(absent_message));
                                 } else {
                                     good = broken(rate.error().pointer, rate.error().message);
                                 }
                             })) &&
           good;
    return good ? std::optional(std::move(rates)) : std::nullopt;
}

bool Mapper::find(const FieldRule& rule, const Scope& scope, Field& out) {
    FoundKeys keys = search_keys(rule.find->by, scope);
    if (keys.broken) return false;
    if (keys.absent) {
        if (!rule.find->empty_on_none || rule.required) return broken(*keys.absent, std::string(absent_message));
        out.pointer = std::move(*keys.absent);
        return true;
    }
    if (rule.find->create_id) return created(rule, scope, std::move(keys), out);
    Find& result = *out.value.emplace<Boxed<Find>>();
    result.model = rule.find->model;
    result.by = std::move(keys.keys);
    result.on_none = rule.find->empty_on_none ? Find::OnNone::empty : Find::OnNone::reject;
    result.on_many = on_many(rule.find->on_many);
    result.pointer = keys.pointer;
    for (const auto& condition : rule.find->empty_if) {
        FoundKeys wanted = search_keys(condition.by, scope);
        if (wanted.broken) return false;
        // What cannot be looked for does not exist.
        if (wanted.absent) {
            result.on_none = Find::OnNone::reject;
            continue;
        }
        result.empty_if.push_back(
            {.model = condition.model, .by = std::move(wanted.keys), .pointer = wanted.pointer, .empty_if = {}});
    }
    out.pointer = std::move(keys.pointer);
    return true;
}

bool Mapper::created(const FieldRule& rule, const Scope& scope, FoundKeys keys, Field& out) {
    MappedRecord record;
    record.model = rule.find->model;
    record.adopt = true;
    record.create_only = true;
    auto external_id = fill(*rule.find->create_id, scope, nullptr);
    if (!external_id) return broken(external_id.error().broken.pointer, external_id.error().broken.message);
    record.external_id = std::move(*external_id);
    const std::size_t before = broken_.size();
    fields(rule.find->create, scope, record.fields);
    if (broken_.size() > before) return false;
    for (const FieldRule& key : rule.find->by) {
        const bool known = key.name.find('.') != std::string::npos ||
                           std::ranges::find(record.fields, key.name, &Field::name) != record.fields.end();
        if (!known && !field(key, scope, record.fields.emplace_back(key.name))) return false;
    }
    record.candidates.push_back(std::move(keys.keys));
    out.pointer = std::move(keys.pointer);
    out.value = std::make_shared<const MappedRecord>(std::move(record));
    return true;
}

bool Mapper::find_each(const FieldRule& rule, const Scope& scope, Field& out) {
    const FieldRule::FindEach& each = *rule.find_each;
    out.pointer = scope.place_of(each.each);
    FindEach& result = out.value.emplace<FindEach>();
    if (scope.any_holds(each.none_when)) return true;
    bool good = true;
    good = report(scope.each(each.each,
                             [&](const Scope& element) {
                                 FoundKeys keys = search_keys(each.find.by, element);
                                 if (keys.absent) broken(*keys.absent, std::string(absent_message));
                                 good = good && !keys.broken && !keys.absent;
                                 result.finds.push_back(
                                     {.model = each.find.model,
                                      .by = std::move(keys.keys),
                                      .on_many = on_many(each.find.on_many),
                                      .pointer = keys.pointer.empty() ? Place(element.base()) : keys.pointer,
                                      .empty_if = {}});
                             })) &&
           good;
    return good;
}

bool Mapper::reference(const FieldRule& rule, Field& out) {
    Named target = named(*rule.record);
    if (!target.record && !target.broken && rule.or_record) target = named(*rule.or_record);
    if (target.broken) return false;
    if (target.record) {
        out.value = std::move(target.record);
        return true;
    }
    if (!rule.required) return true;
    const auto& rules = flow_.records.at(rule.or_record ? *rule.or_record : *rule.record);
    return broken(rules.when_present   ? rules.when_present->text()
                  : rules.when_differs ? rules.when_differs->first.text()
                                       : "",
                  fmt::format("there is no {} here, and `{}` requires one", rules.name, rule.name));
}

bool Mapper::absent(const FieldRule& rule, Field& out) {
    if (rule.default_value) {
        // The default is a value for Odoo already: neither negated nor cut.
        FieldRule plain;
        plain.as = rule.as;
        return convert(plain, *rule.default_value, out);
    }
    if (!rule.required) return true;
    if (!rule.config) return broken(out.pointer, std::string(absent_message));
    return broken(
        "", fmt::format("the configuration key `{}` has no value, and `{}` requires one", *rule.config, rule.name));
}

bool Mapper::convert(const FieldRule& rule, std::string_view text, Field& out) {
    const auto unreadable = [&] {
        return broken(out.pointer, contract::why_not(rule.as, text).value_or("cannot be read"));
    };
    switch (rule.as) {
        case As::integer: {
            const auto number = contract::to_integer(text);
            if (!number) return unreadable();
            if (rule.negate && *number == std::numeric_limits<std::int64_t>::min())
                return broken(out.pointer, "its negative has more than 64 bits");
            out.value = rule.negate ? -*number : *number;
            return (!rule.least && !rule.most) || keep(rule, Decimal(std::get<std::int64_t>(out.value)), out.pointer);
        }
        case As::decimal: {
            auto number = Decimal::parse(text);
            if (!number) return unreadable();
            return keep(rule, out.value.emplace<Decimal>(cut(rule, std::move(*number))), out.pointer);
        }
        case As::datetime:
        case As::date:
            return convert_time(rule, text, out);
        case As::boolean: {
            const auto flag = contract::to_boolean(text);
            if (!flag) return unreadable();
            out.value = *flag;
            return true;
        }
        case As::email:
        case As::text:
            break;
    }
    std::string& value = out.value.emplace<std::string>(text);
    if (rule.as == As::email) {
        auto address = contract::to_email(text);
        if (!address) return unreadable();
        value = std::move(*address);
    }
    // PostgreSQL's text type cannot hold it; Odoo would answer with a traceback.
    if (value.find('\0') != std::string::npos)
        return broken(out.pointer, "holds a NUL character, which Odoo cannot store");
    return keep(rule, value, out.pointer);
}

bool Mapper::convert_time(const FieldRule& rule, std::string_view text, Field& out) {
    if (rule.as == As::date) {
        auto day = read_date(text, outward_ ? contract::Clock{} : rule.clock);
        if (!day) return broken(out.pointer, day.error());
        if (rule.period_cutoff && !keep_open(*rule.period_cutoff, *day, out.pointer)) return false;
        out.value = DateTime{outward_ ? write_date(*day, rule.clock) : std::move(*day)};
        return true;
    }
    const auto moment = outward_ ? read_odoo_moment(text) : read_moment(text, rule.clock);
    if (!moment) return broken(out.pointer, moment.error());
    out.value = DateTime{outward_ ? write_moment(*moment, rule.clock) : format_odoo_datetime(*moment)};
    return true;
}

Decimal Mapper::cut(const FieldRule& rule, Decimal number) {
    if (rule.negate) number = -number;
    if (rule.shift != 0) number = number.shifted(rule.shift);
    if (rule.digits) number = number.round(*rule.digits, rule.rounding);
    return number;
}

Mapper::FoundKeys Mapper::search_keys(const std::vector<FieldRule>& rules, const Scope& scope) {
    FoundKeys result;
    result.keys.reserve(rules.size());
    for (const FieldRule& rule : rules) {
        Field key{.name = rule.name};
        if (!field(rule, scope, key)) {
            result.broken = true;
        } else if (std::holds_alternative<std::monostate>(key.value)) {
            if (!result.absent) result.absent = std::move(key.pointer);
        } else {
            if (result.pointer.empty()) result.pointer = std::move(key.pointer);
            result.keys.emplace_back(std::move(key.name), key_of(std::move(key.value)));
        }
    }
    return result;
}

}  // namespace sluice::mapping
