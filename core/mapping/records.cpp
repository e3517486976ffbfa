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
    fields(rule.fields, root_, result.fields);
    for (const auto& lines_rule : rule.lines) lines(lines_rule, rule.unlink_removed, result);
    if (rule.protect) result.protection = protection(*rule.protect);
    for (const auto& transition_rule : rule.transitions)
        if (auto asked = transition(transition_rule)) result.transitions.push_back(std::move(*asked));
    return result;
}

void Mapper::require(const Pointer& pointer) {
    const auto is_there = [](const std::optional<json::Value>& value) { return value && !value->is_null(); };
    if (!pointer.has_wildcard()) {
        if (!is_there(root_.at(pointer))) broken(pointer.text(), std::string(absent_message));
        return;
    }
    // Up to the last "*" it is an array, behind it a member of each element.
    const Pointer::Leg& member = pointer.legs().back();
    report(root_.each_on_the_way(pointer, [&](const Scope& element) {
        if (!is_there(member.path.follow(element.value())))
            broken(element.base() + member.text, std::string(absent_message));
    }));
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

bool Mapper::is_present(const Pointer& pointer) const {
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
    report(root_.each(rule.each, [&](const Scope& element) {
        MappedLine& mapped = lines->lines.emplace_back();
        if (!line(rule, element, mapped) || !is_new(mapped.external_id, element)) lines->lines.pop_back();
    }));
}

bool Mapper::is_new(const std::string& line_id, const Scope& element) {
    constexpr std::size_t few = 32;
    const std::size_t hash = std::hash<std::string>()(line_id);
    const auto first = line_ids_.size() < few || many_line_ids_.contains(hash)
                           ? std::ranges::find(line_ids_, hash, &LineId::hash)
                           : line_ids_.end();
    if (first != line_ids_.end())
        return broken(element.base(), fmt::format("a second line `{}`; the first is {}", line_id, first->place.text()));
    line_ids_.push_back({hash, element.place()});
    if (line_ids_.size() == few)
        for (const LineId& one : line_ids_) many_line_ids_.insert(one.hash);
    else if (line_ids_.size() > few)
        many_line_ids_.insert(hash);
    return true;
}

bool Mapper::line(const contract::LinesRule& rule, const Scope& scope, MappedLine& result) {
    if (scope.any_holds(rule.skip_when) || !scope.all_hold(rule.only_when)) return false;
    result.fields.reserve(rule.fields.size());
    if (rule.skip_when_zero) {
        // First, so that a line that is left out breaks no rule.
        const auto decisive = std::ranges::find(rule.fields, *rule.skip_when_zero, &contract::FieldRule::name);
        if (!is_asked_for(*decisive, scope)) return false;
        Field& value = result.fields.emplace_back(decisive->name);
        const bool decided = field(*decisive, scope, value);
        if (decided && std::holds_alternative<std::monostate>(value.value)) return false;
        const auto* number = decided ? std::get_if<Decimal>(&value.value) : nullptr;
        if (number != nullptr && number->is_zero()) return false;
        result.fields.pop_back();
    }
    auto external_id = fill(rule.external_id, scope, nullptr);
    const bool identified = external_id.has_value();
    if (identified) {
        result.external_id = std::move(*external_id);
    } else {
        broken(std::move(external_id.error().broken.pointer), std::move(external_id.error().broken.message));
    }
    fields(rule.fields, scope, result.fields);
    return identified;
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

std::optional<std::string_view> Mapper::word_of(const std::string& rule,
                                                std::initializer_list<std::string_view> words) {
    const auto key = contract::config_reference(rule);
    if (!key) return rule;
    const std::string_view word = root_.config(*key).value_or("");
    if (std::ranges::find(words, word) != words.end()) return word;
    broken("",
           fmt::format("the configuration key `{}` must be `{}`; found `{}`", *key, fmt::join(words, "` or `"), word));
    return std::nullopt;
}

bool Mapper::broken(std::string pointer, std::string message) {
    if (seen_.emplace(pointer, message).second) broken_.push_back({std::move(pointer), std::move(message)});
    return false;
}

std::expected<MappedRecord, std::vector<Broken>> map_record(const contract::Flow& flow, const json::Value& document,
                                                            const Config& config, const Hooks& hooks) {
    return Mapper(flow, document, config, hooks).run();
}

}  // namespace sluice::mapping
