#include "core/contract/reconcile_parser.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/contract/duration_reader.hpp"
#include "core/contract/flow_parser.hpp"
#include "core/contract/trigger_parser.hpp"
#include "core/toml/table_reader.hpp"

namespace sluice::contract {
namespace {

/// What may be named as a field that counts.
std::vector<std::string> comparable(const RecordRule& record) {
    std::vector<std::string> names;
    const auto add = [&names](std::string name) {
        if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    };
    for (const FieldRule& field : record.fields)
        if (!field.create_only) add(field.name);
    for (const LinesRule& lines : record.lines) {
        add(lines.field);
        for (const FieldRule& field : lines.fields)
            if (!field.create_only) add(lines.field + "." + field.name);
    }
    return names;
}

/// A record of Odoo is looked for at the vendor by what its external id was made of.
bool can_be_read_back(const Template& external_id) {
    std::size_t pointers = 0;
    for (const auto& part : external_id.parts) {
        if (part.kind == Template::Part::Kind::literal) continue;
        if (part.kind != Template::Part::Kind::pointer) return false;
        ++pointers;
    }
    return pointers == 1;
}

}  // namespace

ReconcileRule parse_reconcile(const toml::Node& node, const Flow& flow, const std::map<std::string, ConfigKey>& config,
                              toml::Problems& problems) {
    ReconcileRule rule;
    toml::TableReader reader(node, "flow." + flow.name + ".reconcile", problems);
    rule.needs = read_needs(reader, config);
    const auto fields = reader.texts("fields");
    for (const toml::Node* field : fields) rule.fields.push_back(field->text);
    if (const toml::Node* domain = reader.array("domain")) rule.domain = read_domain(*domain, config, reader);
    rule.period_ms = read_duration(reader, "period").value_or(rule.period_ms);
    if (const toml::Node* schedule = reader.table("schedule"))
        rule.schedule = parse_schedule(*schedule, reader.path() + ".schedule", problems);
    if (const auto repair = reader.one_of("repair", {"none", "missed", "all"}))
        rule.repair = static_cast<ReconcileRule::Repair>(*repair);
    reader.finish();
    if (!flow.record) {
        reader.problem(node, fmt::format("`{}` compares records with Odoo's, and flow `{}` has no `record`",
                                         reader.path(), flow.name));
        return rule;
    }
    if (flow.revision.empty())
        reader.problem(node, fmt::format("`{}` needs the flow's `revision`: by it a record that is out of date is told "
                                         "from one that somebody changed in Odoo",
                                         reader.path()));
    // One that is wrong is reported where it stands, and has no parts.
    if (!flow.record->external_id.parts.empty() && !can_be_read_back(flow.record->external_id))
        reader.problem(node, fmt::format("`{}` asks the other system for records of Odoo by their `external_id`, which "
                                         "must be texts around one pointer, like \"order_{{/id}}\"",
                                         reader.path()));
    if (flow.record->adopt || flow.record->create_only)
        reader.problem(node,
                       fmt::format("`{}`: a record that is adopted or never changed is not compared", reader.path()));
    const auto names = comparable(*flow.record);
    for (const toml::Node* field : fields)
        if (std::ranges::find(names, field->text) == names.end())
            reader.problem(*field, fmt::format("the record maps no field `{}` that can be compared{}", field->text,
                                               did_you_mean(field->text, names)));
    return rule;
}

}  // namespace sluice::contract
