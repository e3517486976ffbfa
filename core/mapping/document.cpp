// A change in Odoo becomes a JSON document of the other system.

#include "core/mapping/mapper.hpp"

namespace sluice::mapping {
namespace {

using contract::DocumentRule;
using contract::FieldRule;
using Values = std::vector<std::optional<std::string>>;

bool has_any(const DocumentRule::Shape& shape, const Values& fields, const Values& lines) {
    if (shape.field >= 0) return fields[static_cast<std::size_t>(shape.field)].has_value();
    if (shape.lines >= 0) return lines[static_cast<std::size_t>(shape.lines)].has_value();
    for (const auto& member : shape.members)
        if (has_any(member, fields, lines)) return true;
    return false;
}

/// An object of which nothing is there is not there either, but for the document itself.
void write(json::Writer& out, const DocumentRule::Shape& shape, const Values& fields, const Values& lines) {
    if (shape.field >= 0) {
        out.raw(*fields[static_cast<std::size_t>(shape.field)]);
    } else if (shape.lines >= 0) {
        out.raw(*lines[static_cast<std::size_t>(shape.lines)]);
    } else {
        out.begin_object();
        for (const auto& member : shape.members)
            if (has_any(member, fields, lines)) write(out.key(member.name), member, fields, lines);
        out.end_object();
    }
}

/// Nothing where the value is absent.
std::optional<std::string> text_of(const FieldValue& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (const auto* number = std::get_if<std::int64_t>(&value)) return std::to_string(*number);
    if (const auto* number = std::get_if<Decimal>(&value)) return number->to_string();
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* moment = std::get_if<DateTime>(&value)) return moment->text;
    return std::nullopt;
}

bool is_text(const FieldRule& rule, const FieldValue& value) {
    if (rule.quoted || std::holds_alternative<std::string>(value)) return true;
    const bool is_unix =
        rule.clock.format == contract::Clock::unix_seconds || rule.clock.format == contract::Clock::unix_milliseconds;
    return std::holds_alternative<DateTime>(value) && !(is_unix && rule.as == contract::As::datetime);
}

}  // namespace

std::expected<std::string, std::vector<Broken>> Mapper::run_document() {
    outward_ = true;
    if (document_.kind() != json::Kind::object)
        broken("", "the document must be an object; found " + describe(document_.kind()));
    if (!flow_.document) broken("", "the flow `" + flow_.name + "` declares no document");
    if (!broken_.empty()) return std::unexpected(std::move(broken_));
    for (const auto& pointer : flow_.document->requires_all) require(pointer);
    for (const auto& rule : flow_.document->checks) check(rule);
    std::string written = members(flow_.document->members, root_);
    if (!broken_.empty()) return std::unexpected(std::move(broken_));
    return written;
}

std::string Mapper::members(const DocumentRule::Members& rules, const Scope& scope) {
    Values fields, lines;
    for (const FieldRule& rule : rules.fields) fields.push_back(target(rule, scope));
    for (const DocumentRule::Lines& rule : rules.lines) lines.emplace_back(array(rule, scope));
    json::Writer out;
    write(out, rules.shape, fields, lines);
    return out.take();
}

std::optional<std::string> Mapper::target(const FieldRule& rule, const Scope& scope) {
    Field value;
    if (!is_asked_for(rule, scope) || !field(rule, scope, value)) return std::nullopt;
    auto text = text_of(value.value);
    if (!text) return rule.null_when_absent ? std::optional<std::string>("null") : std::nullopt;
    return is_text(rule, value.value) ? json::quote(*text) : std::move(*text);
}

std::string Mapper::array(const DocumentRule::Lines& rule, const Scope& scope) {
    json::Writer out;
    out.begin_array();
    report(scope.each(rule.each, [&](const Scope& element) {
        if (element.any_holds(rule.skip_when) || !element.all_hold(rule.only_when)) return;
        out.raw(members(rule.members, element));
    }));
    return out.end_array().take();
}

std::expected<std::string, std::vector<Broken>> map_document(const contract::Flow& flow, const json::Value& document,
                                                             const Config& config, const Hooks& hooks) {
    return Mapper(flow, document, config, hooks).run_document();
}

}  // namespace sluice::mapping
