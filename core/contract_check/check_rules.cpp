// Records, their fields and their lines.

#include <fmt/format.h>

#include <algorithm>

#include "core/contract_check/checker.hpp"
#include "core/contract_check/fits.hpp"

namespace sluice::contract_check {

void Checker::record(const contract::Flow& flow, const contract::RecordRule& record, const std::string& path) {
    const At at{.path = path};
    const auto* facts = model({.path = path + ".model"}, record.model);
    for (std::size_t i = 0; facts != nullptr && i < record.candidates.size(); ++i)
        keys(record.model, record.candidates[i], fmt::format("{}.candidates[{}]", path, i));
    if (facts == nullptr) return;
    rules(flow, record.model, *facts, record.fields, path + ".fields");
    std::vector<std::string> line_fields;
    for (std::size_t i = 0; i < record.lines.size(); ++i) {
        line_fields.push_back(record.lines[i].field);
        lines(flow, record, *facts, record.lines[i], {.path = fmt::format("{}.lines[{}]", path, i)});
    }
    required(at, record.model, *facts, record.fields, line_fields);
    if (record.protect) {
        const At here{.path = path + ".protect"};
        if (const auto found = field(here, record.model, *facts, record.protect->field, true))
            for (const auto& one : record.protect->values) looked_for(here, record.model, *found, one);
    }
    for (std::size_t i = 0; i < record.transitions.size(); ++i) {
        const auto& transition = record.transitions[i];
        const At here{.path = fmt::format("{}.transitions[{}]", path, i)};
        const auto found = field(here, record.model, *facts, transition.field, true);
        if (!found) continue;
        for (const auto& one : transition.done) looked_for(here, record.model, *found, one);
        for (const auto& [from, method] : transition.calls) looked_for(here, record.model, *found, from);
    }
}

void Checker::lines(const contract::Flow& flow, const contract::RecordRule& record, const ModelFacts& facts,
                    const contract::LinesRule& lines, const At& at) {
    if (const auto found = field({.path = at.path + ".field"}, record.model, facts, lines.field, true)) {
        if (found->facts->type != "one2many")
            say(Severity::error, {.path = at.path + ".field"}, record.model, found->name,
                fmt::format("`{}` of {} is {}, and lines need a one2many", found->name, record.model,
                            found->facts->type));
        else if (found->facts->relation != lines.model)
            say(Severity::error, {.path = at.path + ".model"}, lines.model, "",
                fmt::format("`{}` of {} holds {}, not {}", found->name, record.model, found->facts->relation,
                            lines.model),
                fmt::format("right would be model = \"{}\"", found->facts->relation));
        else if (!found->facts->relation_field.empty() && found->facts->relation_field != lines.parent_field)
            say(Severity::error, {.path = at.path + ".parent"}, lines.model, lines.parent_field,
                fmt::format("the way back from {} is not `{}`", lines.model, lines.parent_field),
                fmt::format("right would be parent = \"{}\"", found->facts->relation_field));
    }
    const auto* children = model({.path = at.path + ".model"}, lines.model);
    if (children == nullptr) return;
    field({.path = at.path + ".parent"}, lines.model, *children, lines.parent_field, true);
    rules(flow, lines.model, *children, lines.fields, at.path + ".fields");
    required(at, lines.model, *children, lines.fields, {lines.parent_field});
}

void Checker::rules(const contract::Flow& flow, std::string_view model, const ModelFacts& facts,
                    const std::vector<contract::FieldRule>& rules, const std::string& path) {
    for (const auto& rule : rules) {
        const At at{.path = path + "." + rule.name, .line = rule.place.line, .column = rule.place.column};
        if (rule.find) search(flow, *rule.find, at);
        if (rule.find_each) search(flow, rule.find_each->find, at);
        const auto found = field(at, model, facts, rule.name, true);
        if (!found) continue;
        if (found->facts->readonly && !found->facts->stored) {
            say(Severity::error, at, model, found->name,
                fmt::format("Odoo computes `{}` of {}: what is written there is lost", found->name, model));
        } else if (found->facts->readonly) {
            say(Severity::warning, at, model, found->name,
                fmt::format("`{}` of {} is read-only: Odoo may replace what is written there", found->name, model));
        }
        const auto yield = yield_of(rule);
        if (const auto right = misfit(yield, rule, *found->facts, false)) {
            say(Severity::error, at, model, found->name,
                fmt::format("`{}` of {} is {} and cannot take {}", found->name, model, found->facts->type,
                            to_string(yield)),
                *right);
            continue;
        }
        reference(flow, rule, at, model, *found);
        constants(rule, at, model, *found);
    }
}

void Checker::reference(const contract::Flow& flow, const contract::FieldRule& rule, const At& at,
                        std::string_view model, const Found& found) {
    const auto& relation = found.facts->relation;
    const auto compare = [&](const std::string& to, const std::string& what) {
        if (relation.empty() || to == relation) return;
        say(Severity::error, at, model, found.name,
            fmt::format("`{}` of {} refers to {}, and {} is of {}", found.name, model, relation, what, to),
            fmt::format("right would be one of {}", relation));
    };
    if (rule.find) compare(rule.find->model, "what `find` finds");
    if (rule.find_each) compare(rule.find_each->find.model, "what `find_each` finds");
    for (const auto& name : {rule.record, rule.or_record}) {
        if (!name) continue;
        const auto other = flow.records.find(*name);
        if (other != flow.records.end()) compare(other->second.model, "record `" + *name + "`");
    }
}

void Checker::constants(const contract::FieldRule& rule, const At& at, std::string_view model, const Found& found) {
    if (rule.value) value(Severity::error, at, model, found, *rule.value);
    if (rule.default_value) value(Severity::error, at, model, found, *rule.default_value);
    for (const auto& [from, to] : rule.map) value(Severity::error, at, model, found, to);
}

void Checker::search(const contract::Flow& flow, const contract::FieldRule::Find& find, const At& at) {
    const At here{.path = at.path + ".find", .line = at.line, .column = at.column};
    const auto* facts = model(here, find.model);
    if (facts != nullptr) keys(find.model, find.by, here.path + ".by");
    if (facts != nullptr && find.create_id) {
        rules(flow, find.model, *facts, find.create, here.path + ".create");
        std::vector<std::string> by;
        for (const auto& key : find.by) by.push_back(key.name);
        required(here, find.model, *facts, find.create, by);
    }
    for (const auto& condition : find.empty_if) {
        const At there{.path = here.path + ".empty_if", .line = at.line, .column = at.column};
        if (model(there, condition.model) != nullptr) keys(condition.model, condition.by, there.path + ".by");
    }
}

void Checker::keys(std::string_view model, const std::vector<contract::FieldRule>& keys, const std::string& path) {
    for (const auto& key : keys) {
        const At at{.path = path + "." + key.name, .line = key.place.line, .column = key.place.column};
        const auto found = at_end(at, model, key.name, true);
        if (!found) continue;
        if (!found->facts->searchable)
            say(Severity::error, at, model, found->name,
                fmt::format("Odoo cannot search by `{}` of {}", key.name, model));
        const auto yield = yield_of(key);
        if (const auto right = misfit(yield, key, *found->facts, true))
            say(Severity::error, at, model, found->name,
                fmt::format("`{}` of {} is {} and never equals {}", key.name, model, found->facts->type,
                            to_string(yield)),
                *right);
        else
            constants(key, at, model, *found);
    }
}

void Checker::required(const At& at, std::string_view model, const ModelFacts& facts,
                       const std::vector<contract::FieldRule>& rules, const std::vector<std::string>& others) {
    std::vector<std::string> written;
    const auto own = [&](std::string_view name) {
        return against_.names.in_version(model, name, against_.lists.version);
    };
    for (const auto& rule : rules) written.push_back(own(rule.name));
    for (const auto& name : others) written.push_back(own(name));
    for (const auto& [name, field] : facts.fields) {
        if (!field.required || field.filled == true || std::ranges::find(written, name) != written.end()) continue;
        const bool sure = field.filled.has_value();
        say(sure ? Severity::error : Severity::warning, at, model, name,
            fmt::format("{} needs `{}` ({}) when a record is created, and nothing is written there{}", model, name,
                        field.type, sure ? "" : "; whether Odoo fills it by itself is not known"),
            fmt::format("right would be a rule for `{}`", name));
    }
}

}  // namespace sluice::contract_check
