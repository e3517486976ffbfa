#include "core/contract_check/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "core/base/text.hpp"
#include "core/contract_check/checker.hpp"
#include "core/contract_check/needs.hpp"

namespace sluice::contract_check {
namespace {

std::vector<std::string> names_of(const auto& map) {
    std::vector<std::string> names;
    for (const auto& [name, unused] : map) names.push_back(name);
    return names;
}

/// "19 has `tax_ids` instead"
std::string renamed(const odoo::VersionName& entry, std::string_view field) {
    const bool is_old = entry.from == field;
    auto text = is_old ? fmt::format("from Odoo {} on it is `{}`", entry.since, entry.to)
                       : fmt::format("before Odoo {} it is `{}`", entry.since, entry.from);
    return entry.note.empty() ? text : text + ", which is not quite the same: " + entry.note;
}

}  // namespace

void Checker::say(Severity severity, const At& at, std::string_view model, std::string_view field, std::string message,
                  std::string right) {
    Finding finding{.severity = severity,
                    .file = file_,
                    .line = at.line,
                    .column = at.column,
                    .path = at.path,
                    .model = std::string(model),
                    .field = std::string(field),
                    .message = std::move(message),
                    .right = std::move(right)};
    if (std::ranges::find(findings_, finding) == findings_.end()) findings_.push_back(std::move(finding));
}

const ModelFacts* Checker::model(const At& at, std::string_view name) {
    const auto& lists = against_.lists;
    const auto found = lists.models.find(name);
    if (found != lists.models.end() && found->second) return &*found->second;
    if (found == lists.models.end()) {
        say(Severity::warning, at, name, "",
            fmt::format("model {} is not in {}, so nothing of it was checked", name, lists.source));
        return nullptr;
    }
    // What another version has is a module that is not installed, or gone; a slip is near one that is there.
    std::vector<std::string> there;
    for (const auto version : against_.recorded.versions())
        for (const auto& known : names_of(against_.recorded.of(version).models)) there.push_back(known);
    const bool is_known = std::ranges::find(there, name) != there.end();
    auto right = is_known ? std::string("right would be to install the module that brings it") : std::string();
    if (const auto near = is_known ? std::nullopt : nearest(name, there))
        right = fmt::format("did you mean {}?", *near);
    say(Severity::error, at, name, "", fmt::format("{} has no model {}", lists.source, name), std::move(right));
    return nullptr;
}

std::optional<Checker::Found> Checker::field(const At& at, std::string_view model, const ModelFacts& facts,
                                             std::string_view name, bool renames) {
    const auto& lists = against_.lists;
    auto own = renames ? against_.names.in_version(model, name, lists.version) : std::string(name);
    if (const auto found = facts.fields.find(own); found != facts.fields.end())
        return Found{.name = std::move(own), .facts = &found->second};
    std::string right;
    const auto* entry = against_.names.find(model, name);
    if (entry != nullptr && facts.fields.contains(entry->from == name ? entry->to : entry->from)) {
        right = renamed(*entry, name);
    } else if (const auto near = nearest(name, names_of(facts.fields))) {
        right = fmt::format("did you mean `{}`?", *near);
    } else {
        for (const auto version : against_.recorded.versions()) {
            const auto* other = against_.recorded.of(version).find(model);
            if (other == nullptr || !other->fields.contains(name)) continue;
            right =
                fmt::format("Odoo {} has it{}", version,
                            version == lists.version ? ": its module is not installed, or somebody removed it" : "");
            if (version == lists.version) break;
        }
    }
    say(Severity::error, at, model, name, fmt::format("{} has no field `{}` in {}", model, own, lists.source),
        std::move(right));
    return std::nullopt;
}

std::optional<Checker::Found> Checker::at_end(const At& at, std::string_view start, std::string_view path,
                                              bool renames) {
    const auto* facts = against_.lists.find(start);
    std::string at_model(start);
    while (facts != nullptr) {
        const auto dot = path.find('.');
        const auto step = field(at, at_model, *facts, path.substr(0, dot), renames);
        if (!step || dot == std::string_view::npos) return step;
        if (step->facts->relation.empty()) {
            say(Severity::error, at, at_model, step->name,
                fmt::format("`{}` of {} is {}, so no path leads through it", step->name, at_model, step->facts->type));
            return std::nullopt;
        }
        at_model = step->facts->relation;
        facts = against_.lists.find(at_model);
        path.remove_prefix(dot + 1);
    }
    return std::nullopt;
}

void Checker::value(Severity severity, const At& at, std::string_view model, const Found& field,
                    std::string_view value) {
    const auto& selection = field.facts->selection;
    if (field.facts->type != "selection" || selection.empty() || std::ranges::find(selection, value) != selection.end())
        return;
    say(severity, at, model, field.name, fmt::format("`{}` of {} has no value \"{}\"", field.name, model, value),
        "it has " + list_names(selection));
}

void Checker::looked_for(const At& at, std::string_view model, const Found& field, std::string_view wanted) {
    if (!against_.recorded.has_value_somewhere(model, field.name, wanted))
        value(Severity::error, at, model, field, wanted);
}

void Checker::rights(const contract::Flow& flow, const std::string& path) {
    for (const auto& [name, needed] : needs_of(flow, against_.lists)) {
        const auto* facts = against_.lists.find(name);
        if (facts == nullptr || !facts->may) continue;
        std::vector<std::string> lacking;
        const auto compare = [&](bool needs, bool may, const char* word) {
            if (needs && !may) lacking.emplace_back(word);
        };
        compare(needed.read, facts->may->read, "read");
        compare(needed.write, facts->may->write, "write");
        compare(needed.create, facts->may->create, "create");
        compare(needed.unlink, facts->may->unlink, "unlink");
        if (lacking.empty()) continue;
        say(Severity::error, {.path = path}, name, "",
            fmt::format("the account may not {} {}", fmt::format("{}", fmt::join(lacking, ", ")), name),
            "`sluice odoo rights` prints the access rights it needs");
    }
}

std::vector<Finding> check(const contract::Contract& contract, const std::string& file, const Against& against,
                           const std::function<bool(const contract::Flow&)>& is_on) {
    Checker checker(file, against);
    for (const auto& [name, flow] : contract.flows) {
        if (!is_on(flow)) continue;
        const auto path = "flow." + name;
        if (flow.odoo_change) checker.change(*flow.odoo_change, path + ".odoo_change");
        if (flow.record) checker.record(flow, *flow.record, path + ".record");
        for (const auto& [other, record] : flow.records) checker.record(flow, record, path + ".records." + other);
        for (const auto& model : flow.odoo_reads) checker.reads(model, path + ".odoo_reads");
        checker.rights(flow, path);
    }
    return checker.take();
}

}  // namespace sluice::contract_check
