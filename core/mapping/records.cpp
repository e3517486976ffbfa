#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/contract/config_reference.hpp"
#include "core/mapping/mapper.hpp"
#include "core/mapping/same_value.hpp"

namespace sluice::mapping {

std::expected<MappedRecord, std::vector<Broken>> Mapper::run() {
    if (document_.kind() != json::Kind::object)
        broken("", "the document must be an object; found " + describe(document_.kind()));
    if (!flow_.record) broken("", fmt::format("the flow `{}` declares no record", flow_.name));
    if (!broken_.empty()) return std::unexpected(std::move(broken_));
    MappedRecord result = record(*flow_.record);
    if (!broken_.empty()) return std::unexpected(std::move(broken_));
    return result;
}

MappedRecord Mapper::record(const contract::RecordRule& rule) {
    MappedRecord result;
    result.model = rule.model;
    result.adopt = rule.adopt;
    result.create_only = rule.create_only;
    auto external_id = fill(rule.external_id, root_, nullptr);
    if (external_id) {
        result.external_id = std::move(*external_id);
    } else {
        broken(std::move(external_id.error().broken.pointer), std::move(external_id.error().broken.message));
    }
    for (const auto& pointer : rule.requires_all) require(pointer);
    for (const auto& one : rule.checks) check(one);
    for (const auto& candidate : rule.candidates) {
        FoundKeys keys = search_keys(candidate, root_);
        // A search for an empty value would find any record without one.
        if (!keys.absent) result.candidates.push_back(std::move(keys.keys));
    }
    for (const auto& field_rule : rule.fields)
        if (auto value = field(field_rule, root_)) result.fields.push_back(std::move(*value));
    for (const auto& lines_rule : rule.lines) lines(lines_rule, rule.unlink_removed, result);
    if (rule.protect) result.protection = protection(*rule.protect);
    for (const auto& transition_rule : rule.transitions)
        if (auto asked = transition(transition_rule)) result.transitions.push_back(std::move(*asked));
    return result;
}

void Mapper::require(const std::string& pointer) {
    constexpr std::string_view each = "/*/";
    const auto star = pointer.rfind(each);
    const auto is_there = [](const std::optional<json::Value>& value) { return value && !value->is_null(); };
    if (star == std::string::npos) {
        if (!is_there(root_.at(pointer))) broken(pointer, std::string(absent_message));
        return;
    }
    const auto elements = root_.elements_at(pointer.substr(0, star));
    if (!elements) return broken(elements.error().pointer, elements.error().message);
    const auto rest = pointer.substr(star + each.size() - 1);
    for (const Element& element : *elements) {
        if (!is_there(root_.inside(element).at(rest))) broken(element.pointer + rest, std::string(absent_message));
    }
}

const Mapper::Named& Mapper::named(const std::string& name) {
    const auto known = named_.find(name);
    if (known != named_.end()) return known->second;
    const contract::RecordRule& rule = flow_.records.at(name);
    Named result;
    if (exists(rule)) {
        const std::size_t before = broken_.size();
        MappedRecord mapped = record(rule);
        result.broken = broken_.size() > before;
        if (!result.broken) result.record = std::make_shared<const MappedRecord>(std::move(mapped));
    }
    return named_.emplace(name, std::move(result)).first->second;
}

bool Mapper::is_present(const std::string& pointer) const {
    return is_present(root_, pointer);
}

bool Mapper::exists(const contract::RecordRule& rule) const {
    if (rule.when_present && !is_present(*rule.when_present)) return false;
    if (!rule.when_differs) return true;
    return !same_value(root_.at(rule.when_differs->first), root_.at(rule.when_differs->second));
}

void Mapper::lines(const contract::LinesRule& rule, bool unlink_removed, MappedRecord& into) {
    // One entry a field, whatever number of rules fills it: what is removed is judged against all lines of the field.
    auto lines = std::ranges::find(into.lines, rule.field, &MappedLines::field);
    if (lines == into.lines.end()) {
        const auto removed = unlink_removed ? MappedLines::Removed::unlink : MappedLines::Removed::keep;
        lines = into.lines.insert(lines, MappedLines{rule.field, rule.model, rule.parent_field, removed, {}});
    }
    const auto elements = root_.elements_at(rule.each);
    if (!elements) return broken(elements.error().pointer, elements.error().message);
    for (const Element& element : *elements) {
        const Scope scope = root_.inside(element);
        auto mapped = line(rule, scope);
        if (!mapped) continue;
        const auto [first, fresh] = line_places_.emplace(mapped->external_id, scope.base());
        if (!fresh) {
            broken(scope.base(),
                   fmt::format("a second line `{}`; the first is {}", mapped->external_id, first->second));
            continue;
        }
        lines->lines.push_back(std::move(*mapped));
    }
}

std::optional<MappedLine> Mapper::line(const contract::LinesRule& rule, const Scope& scope) {
    if (scope.any_holds(rule.skip_when) || !scope.all_hold(rule.only_when)) return std::nullopt;
    MappedLine result;
    std::optional<Field> decisive;
    bool decided = false;
    if (rule.skip_when_zero) {
        // First, so that a line that is left out breaks no rule.
        const auto field_rule = std::ranges::find(rule.fields, *rule.skip_when_zero, &contract::FieldRule::name);
        decisive = field(*field_rule, scope);
        decided = true;
        if (decisive && std::holds_alternative<std::monostate>(decisive->value)) return std::nullopt;
        const auto* number = decisive ? std::get_if<Decimal>(&decisive->value) : nullptr;
        if (number != nullptr && number->is_zero()) return std::nullopt;
    }
    auto external_id = fill(rule.external_id, scope, nullptr);
    const bool identified = external_id.has_value();
    if (identified) {
        result.external_id = std::move(*external_id);
    } else {
        broken(std::move(external_id.error().broken.pointer), std::move(external_id.error().broken.message));
    }
    for (const auto& field_rule : rule.fields) {
        auto value = decided && field_rule.name == *rule.skip_when_zero ? decisive : field(field_rule, scope);
        if (value) result.fields.push_back(std::move(*value));
    }
    if (!identified) return std::nullopt;
    return result;
}

std::optional<Protection> Mapper::protection(const contract::RecordRule::Protect& protect) {
    const auto decided = action(protect.action);
    if (!decided) return std::nullopt;
    return Protection{protect.field, protect.values, *decided};
}

std::optional<Transition> Mapper::transition(const contract::RecordRule::Transition& rule) {
    if (!is_present(rule.when_present)) return std::nullopt;
    const auto otherwise = action(rule.otherwise);
    if (!otherwise) return std::nullopt;
    return Transition{rule.field, rule.done, rule.calls, *otherwise, rule.when_present};
}

std::optional<Protection::Action> Mapper::action(const std::string& rule) {
    const auto word = word_of(rule, {"reject", "skip"});
    if (!word) return std::nullopt;
    return *word == "skip" ? Protection::Action::skip : Protection::Action::reject;
}

Find::OnMany Mapper::on_many(const std::string& rule) {
    return word_of(rule, {"reject", "first"}).value_or("") == "first" ? Find::OnMany::first : Find::OnMany::reject;
}

std::optional<std::string> Mapper::word_of(const std::string& rule, const std::vector<std::string>& words) {
    const auto key = contract::config_reference(rule);
    if (!key) return rule;
    auto word = root_.config(*key).value_or("");
    if (std::ranges::find(words, word) != words.end()) return word;
    broken("",
           fmt::format("the configuration key `{}` must be `{}`; found `{}`", *key, fmt::join(words, "` or `"), word));
    return std::nullopt;
}

void Mapper::broken(std::string pointer, std::string message) {
    if (seen_.emplace(pointer, message).second) broken_.push_back({std::move(pointer), std::move(message)});
}

std::expected<MappedRecord, std::vector<Broken>> map_record(const contract::Flow& flow, const json::Value& document,
                                                            const Config& config) {
    return Mapper(flow, document, config).run();
}

}  // namespace sluice::mapping
