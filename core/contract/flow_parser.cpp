#include "core/contract/flow_parser.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "core/contract/delivery_parser.hpp"
#include "core/contract/document_parser.hpp"
#include "core/contract/queue_parser.hpp"
#include "core/contract/reconcile_parser.hpp"
#include "core/contract/record_parser.hpp"
#include "core/contract/trigger_parser.hpp"

namespace sluice::contract {
namespace {

void read_records(toml::TableReader& reader, Flow& flow, const std::map<std::string, ConfigKey>& config,
                  toml::Problems& problems) {
    const toml::Node* named = reader.table("records");
    std::vector<std::string> names;
    if (named != nullptr)
        for (const toml::Member& member : named->members)
            if (check_name(member.key, member.place, problems)) names.push_back(member.key);
    const MappingScope scope{problems, config, names, flow.hooks, false};
    if (const toml::Node* document = reader.table("document")) {
        flow.document = parse_document(*document, reader.path() + ".document", scope);
        if (reader.has("record"))
            reader.problem("document", "a flow has a `record` for Odoo or a `document` for the other system, not both");
    }
    if (const toml::Node* record = reader.table("record"))
        flow.record = parse_record(*record, reader.path() + ".record", "", scope);
    if (named == nullptr) return;
    for (const toml::Member& member : named->members)
        flow.records.emplace(member.key,
                             parse_record(member.value, reader.path() + ".records." + member.key, member.key, scope));
    check_circles(flow.records, *named, problems);
    if (!flow.record)
        reader.problem("records", fmt::format("`{}` has named records but no `record` that uses them", reader.path()));
}

std::vector<std::string> names_of(const std::map<std::string, ConfigKey>& config) {
    std::vector<std::string> names;
    for (const auto& [name, key] : config) names.push_back(name);
    return names;
}

}  // namespace

bool check_name(const std::string& name, toml::Place place, toml::Problems& problems) {
    const bool good = !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
    if (!good) problems.add(place, fmt::format("`{}` is no name: use lower-case letters, digits, `_` and `-`", name));
    return good;
}

std::vector<std::string> read_needs(toml::TableReader& reader, const std::map<std::string, ConfigKey>& config) {
    std::vector<std::string> needs;
    for (const toml::Node* key : reader.texts("needs")) {
        if (!config.contains(key->text))
            reader.problem(*key, fmt::format("there is no configuration key `{}`{}", key->text,
                                             did_you_mean(key->text, names_of(config))));
        needs.push_back(key->text);
    }
    return needs;
}

Flow parse_flow(const toml::Node& node, const std::string& name, const std::map<std::string, ConfigKey>& config,
                std::map<std::string, std::string>& topics, toml::Problems& problems) {
    Flow flow;
    flow.name = name;
    toml::TableReader reader(node, "flow." + name, problems);
    flow.help = reader.text("help").value_or("");
    flow.error_owner = reader.text("error_owner").value_or("");
    flow.needs = read_needs(reader, config);
    for (const toml::Node* model : reader.texts("odoo_reads")) {
        if (!is_odoo_name(model->text, true))
            reader.problem(*model, fmt::format("`{}` is no name of an Odoo model", model->text));
        flow.odoo_reads.push_back(model->text);
    }
    flow.order = reader.text("order").value_or(name);
    if (const toml::Node* order = reader.any("order"); order != nullptr && order->kind == toml::Kind::text)
        check_name(flow.order, order->place, problems);
    if (!reader.has("schedule") || reader.has("webhook") || reader.has("odoo_change") || reader.has("queue"))
        reader.need("ordering_key", "the JSON Pointer of what must be handled in order, like the record's id");
    flow.ordering_key = read_pointer(reader, "ordering_key", false);
    flow.revision = read_pointer(reader, "revision", false);
    read_delivery(reader, flow, problems);
    if (const toml::Node* webhook = reader.table("webhook"))
        flow.webhook = parse_webhook(*webhook, flow.name, config, topics, problems);
    if (const toml::Node* change = reader.table("odoo_change"))
        flow.odoo_change = parse_odoo_change(*change, flow.name, config, problems);
    if (const toml::Node* schedule = reader.table("schedule"))
        flow.schedule = parse_schedule(*schedule, reader.path() + ".schedule", problems);
    if (const toml::Node* queue = reader.table("queue")) flow.queue = parse_queue(*queue, flow.name, config, problems);
    read_records(reader, flow, config, problems);
    if (const toml::Node* reconcile = reader.table("reconcile"))
        flow.reconcile = parse_reconcile(*reconcile, flow, config, problems);
    reader.finish();
    return flow;
}

}  // namespace sluice::contract
