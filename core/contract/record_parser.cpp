#include "core/contract/record_parser.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/text.hpp"
#include "core/contract/check_parser.hpp"
#include "core/contract/field_parser.hpp"
#include "core/contract/pointers.hpp"

namespace sluice::contract {
namespace {

std::vector<FieldRule> read_fields(toml::TableReader& reader, const MappingScope& scope) {
    reader.need("fields", "the record's fields");
    const toml::Node* fields = reader.table("fields");
    if (fields == nullptr) return {};
    if (fields->members.empty()) reader.problem(*fields, "`fields` is empty");
    return parse_fields(*fields, reader.path() + ".fields", scope);
}

LinesRule parse_lines(const toml::Node& node, const std::string& path, MappingScope scope) {
    LinesRule lines;
    toml::TableReader reader(node, path, scope.problems);
    lines.field = read_field_name(reader, "field");
    lines.model = read_model(reader, "model");
    lines.parent_field = read_field_name(reader, "parent");
    reader.need("each", "the JSON Pointer of an array");
    lines.each = read_array_pointer(reader, "each", false);
    scope.inside_lines = true;
    lines.external_id = read_external_id(reader, scope);
    lines.fields = read_fields(reader, scope);
    lines.skip_when = read_conditions(reader, "skip_when", true);
    lines.only_when = read_conditions(reader, "only_when", true);
    lines.skip_when_zero = reader.text("skip_when_zero");
    if (lines.skip_when_zero) {
        const auto rule = std::ranges::find(lines.fields, *lines.skip_when_zero, &FieldRule::name);
        if (rule == lines.fields.end()) {
            std::vector<std::string> names;
            for (const FieldRule& field : lines.fields) names.push_back(field.name);
            reader.problem(*reader.any("skip_when_zero"),
                           fmt::format("there is no field `{}` in these lines{}", *lines.skip_when_zero,
                                       did_you_mean(*lines.skip_when_zero, names)));
        } else if (rule->as != As::decimal && !rule->percent && !rule->rest) {
            reader.problem(*reader.any("skip_when_zero"), fmt::format("the field `{}` is no decimal", rule->name));
        }
    }
    reader.finish();
    return lines;
}

void read_lines(toml::TableReader& reader, RecordRule& record, const MappingScope& scope) {
    const toml::Node* array = reader.array("lines");
    if (array == nullptr) return;
    for (std::size_t i = 0; i < array->elements.size(); ++i) {
        const toml::Node& node = array->elements[i];
        LinesRule lines = parse_lines(node, fmt::format("{}.lines[{}]", reader.path(), i), scope);
        for (const LinesRule& other : record.lines)
            if (other.field == lines.field &&
                (other.model != lines.model || other.parent_field != lines.parent_field)) {
                reader.problem(node,
                               fmt::format("lines of `{}` must all have the same `model` and `parent`", lines.field));
                break;
            }
        record.lines.push_back(std::move(lines));
    }
}

/// Both rules work out the same percentage, so they must be told the same; else the sum is silently wrong.
void check_rests(const RecordRule& record, toml::Problems& problems) {
    std::vector<FieldRule::Ratio> percents;
    const auto each_field = [&record](const auto& visit) {
        for (const FieldRule& field : record.fields) visit(field);
        for (const LinesRule& lines : record.lines)
            for (const FieldRule& field : lines.fields) visit(field);
    };
    each_field([&percents](const FieldRule& field) {
        if (field.percent) percents.push_back(*field.percent);
    });
    each_field([&percents, &problems](const FieldRule& field) {
        if (field.rest && std::ranges::find(percents, *field.rest) == percents.end())
            problems.add(
                field.place,
                "no `percent` of this record has the same `part`, `whole`, `digits` and currency as this `rest`");
    });
}

void read_candidates(toml::TableReader& reader, RecordRule& record, const MappingScope& scope) {
    const toml::Node* array = reader.array("candidates");
    if (array == nullptr) return;
    for (std::size_t i = 0; i < array->elements.size(); ++i) {
        const toml::Node& node = array->elements[i];
        const std::string path = fmt::format("{}.candidates[{}]", reader.path(), i);
        if (!expect_kind(node, toml::Kind::table, fmt::format("`{}`", path), scope.problems)) continue;
        if (node.members.empty()) reader.problem(node, fmt::format("`{}` is empty: a search needs a key", path));
        record.candidates.push_back(parse_search_keys(node, path, scope));
    }
}

/// What happens to a record that may not be changed.
std::string read_action(toml::TableReader& reader, std::string_view key, const MappingScope& scope) {
    reader.need(key, "\"reject\", \"skip\" or \"{config:KEY}\"");
    return read_word(reader, key, {"reject", "skip"}, scope);
}

void read_protect(toml::TableReader& reader, RecordRule& record, const MappingScope& scope) {
    const toml::Node* node = reader.table("protect");
    if (node == nullptr) return;
    toml::TableReader protect(*node, reader.path() + ".protect", scope.problems);
    RecordRule::Protect result;
    result.field = read_field_name(protect, "field");
    protect.need("values", "the values of `field` under which the record is protected");
    for (const toml::Node* value : protect.texts("values")) result.values.push_back(value->text);
    result.action = read_action(protect, "action", scope);
    protect.finish();
    record.protect = std::move(result);
}

RecordRule::Transition read_transition(const toml::Node& node, const std::string& path, const MappingScope& scope) {
    RecordRule::Transition result;
    toml::TableReader reader(node, path, scope.problems);
    reader.need("when_present", "the JSON Pointer of what asks for it");
    result.when_present = read_pointer(reader, "when_present", false);
    result.field = read_field_name(reader, "field");
    reader.need("done", "the values of `field` that it must reach");
    for (const toml::Node* value : reader.texts("done")) result.done.push_back(value->text);
    reader.need("calls", "the method that leads on from each value: { draft = \"action_cancel\" }");
    if (const toml::Node* calls = reader.table("calls")) {
        if (calls->members.empty()) reader.problem(*calls, "`calls` is empty");
        for (const toml::Member& member : calls->members) {
            if (!expect_filled_text(member.value, "each method of `calls`", scope.problems)) continue;
            if (std::ranges::find(result.done, member.key) != result.done.end())
                reader.problem(member.value,
                               fmt::format("`{}` is in `done` already: nothing leads on from it", member.key));
            if (!is_odoo_method(member.value.text))
                reader.problem(member.value, fmt::format("`{}` is no name of a public Odoo method", member.value.text));
            result.calls.emplace_back(member.key, member.value.text);
        }
    }
    result.otherwise = read_action(reader, "otherwise", scope);
    reader.finish();
    return result;
}

void read_transitions(toml::TableReader& reader, RecordRule& record, const MappingScope& scope) {
    const toml::Node* array = reader.array("transitions");
    if (array == nullptr) return;
    for (std::size_t i = 0; i < array->elements.size(); ++i)
        record.transitions.push_back(
            read_transition(array->elements[i], fmt::format("{}.transitions[{}]", reader.path(), i), scope));
    if (record.create_only)
        reader.problem("transitions", "`transitions` do not go with `create_only`, which leaves a record as it is");
}

void read_existence(toml::TableReader& reader, RecordRule& record) {
    const std::string present = read_pointer(reader, "when_present", false);
    if (!present.empty()) record.when_present = present;
    const auto pair = reader.texts("when_differs");
    for (const toml::Node* node : pair)
        if (const auto wrong = pointer_problem(node->text, {})) reader.problem(*node, *wrong);
    if (pair.size() == 2)
        record.when_differs = {pair[0]->text, pair[1]->text};
    else if (!pair.empty())
        reader.problem("when_differs", fmt::format("`when_differs` compares two JSON Pointers; found {}", pair.size()));
    if (!record.name.empty()) return;
    for (const char* key : {"when_present", "when_differs"})
        if (reader.has(key))
            reader.problem(key, fmt::format("`{}` is for named records: a flow's own record always exists", key));
}

/// The named records a record's fields refer to.
std::set<std::string> references(const RecordRule& record) {
    std::set<std::string> names;
    const auto collect = [&names](const std::vector<FieldRule>& fields) {
        for (const FieldRule& field : fields) {
            if (field.record) names.insert(*field.record);
            if (field.or_record) names.insert(*field.or_record);
        }
    };
    collect(record.fields);
    for (const LinesRule& lines : record.lines) collect(lines.fields);
    return names;
}

class CircleFinder {
public:
    CircleFinder(const std::map<std::string, RecordRule>& records, const toml::Node& tables, toml::Problems& problems)
        : records_(records), tables_(tables), problems_(problems) {}

    void visit(const std::string& name) {
        const auto found = records_.find(name);
        if (found == records_.end() || finished_.contains(name)) return;
        if (const auto start = std::ranges::find(path_, name); start != path_.end()) {
            std::string circle;
            for (auto step = start; step != path_.end(); ++step) circle += *step + " -> ";
            const toml::Member& table = *tables_.find(name);
            problems_.add(table.place, fmt::format("records refer to each other in a circle: {}{}", circle, name));
            return;
        }
        path_.push_back(name);
        for (const std::string& next : references(found->second)) visit(next);
        path_.pop_back();
        finished_.insert(name);
    }

private:
    const std::map<std::string, RecordRule>& records_;
    const toml::Node& tables_;
    toml::Problems& problems_;
    std::vector<std::string> path_;
    std::set<std::string> finished_;
};

}  // namespace

RecordRule parse_record(const toml::Node& node, const std::string& path, const std::string& name,
                        const MappingScope& scope) {
    RecordRule record;
    record.name = name;
    toml::TableReader reader(node, path, scope.problems);
    record.model = read_model(reader, "model");
    record.external_id = read_external_id(reader, scope);
    read_candidates(reader, record, scope);
    record.adopt = reader.boolean("adopt", false);
    record.create_only = reader.boolean("create_only", false);
    if (record.adopt && record.candidates.empty() && !reader.has("candidates"))
        reader.problem("adopt", "`adopt` takes over a record found by `candidates`, and there are none");
    read_existence(reader, record);
    record.requires_all = read_requires(reader);
    record.checks = read_checks(reader, scope.problems);
    record.fields = read_fields(reader, scope);
    read_lines(reader, record, scope);
    check_rests(record, scope.problems);
    record.unlink_removed = reader.one_of("removed", {"unlink", "keep"}) != 1U;
    read_protect(reader, record, scope);
    read_transitions(reader, record, scope);
    reader.finish();
    return record;
}

void check_circles(const std::map<std::string, RecordRule>& records, const toml::Node& tables,
                   toml::Problems& problems) {
    CircleFinder finder(records, tables, problems);
    for (const auto& [name, record] : records) finder.visit(name);
}

}  // namespace sluice::contract
