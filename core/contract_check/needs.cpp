#include "core/contract_check/needs.hpp"

#include "core/json/json.hpp"

namespace sluice::contract_check {
namespace {

class Collector {
public:
    explicit Collector(const FieldLists& lists) : lists_(lists) {}

    void record(const contract::RecordRule& record) {
        auto& own = needs_[record.model];
        own.read = own.create = true;
        own.write |= !record.create_only || !record.transitions.empty();
        for (const auto& candidate : record.candidates) keys(record.model, candidate);
        fields(record.fields);
        for (const auto& lines : record.lines) {
            auto& children = needs_[lines.model];
            children.read = children.create = true;
            children.write |= !record.create_only;
            children.unlink |= !record.create_only && record.unlink_removed;
            fields(lines.fields);
        }
    }

    void change(const contract::OdooChangeTrigger& change) {
        needs_[change.model].read = true;
        for (const auto& [field, model] : change.links) needs_[model].read = true;
        const auto domain = json::Document::parse(change.domain);
        for (std::size_t i = 0; domain && i < domain->root().size(); ++i) {
            const auto term = domain->root().at(i);
            if (term.kind() == json::Kind::array && term.size() == 3) path(change.model, term.at(0).text());
        }
    }

    Needs take() { return std::move(needs_); }

private:
    void fields(const std::vector<contract::FieldRule>& rules) {
        for (const auto& rule : rules) {
            if (rule.find) find(*rule.find);
            if (rule.find_each) find(rule.find_each->find);
        }
    }

    void find(const contract::FieldRule::Find& find) {
        auto& searched = needs_[find.model];
        searched.read = true;
        searched.create |= find.create_id.has_value();
        keys(find.model, find.by);
        fields(find.create);
        for (const auto& condition : find.empty_if) this->find(condition);
    }

    void keys(const std::string& model, const std::vector<contract::FieldRule>& keys) {
        for (const auto& key : keys) path(model, key.name);
    }

    /// "currency_id.name": the models it leads through are read.
    void path(std::string model, std::string_view path) {
        for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
            const auto* facts = lists_.find(model);
            if (facts == nullptr) return;
            const auto field = facts->fields.find(path.substr(0, dot));
            if (field == facts->fields.end() || field->second.relation.empty()) return;
            model = field->second.relation;
            needs_[model].read = true;
            path.remove_prefix(dot + 1);
        }
    }

    const FieldLists& lists_;
    Needs needs_;
};

}  // namespace

Needs needs_of(const contract::Flow& flow, const FieldLists& lists) {
    Collector collector(lists);
    if (flow.record) collector.record(*flow.record);
    for (const auto& [name, record] : flow.records) collector.record(record);
    if (flow.odoo_change) collector.change(*flow.odoo_change);
    auto needs = collector.take();
    for (const auto& model : flow.odoo_reads) needs[model].read = true;
    return needs;
}

void add(Needs& into, const Needs& more) {
    for (const auto& [model, access] : more) {
        auto& known = into[model];
        known.read |= access.read;
        known.write |= access.write;
        known.create |= access.create;
        known.unlink |= access.unlink;
    }
}

std::set<std::string> unknown_models(const Needs& needs, const FieldLists& lists) {
    std::set<std::string> unknown;
    for (const auto& [model, access] : needs) {
        if (!lists.models.contains(model)) unknown.insert(model);
    }
    return unknown;
}

}  // namespace sluice::contract_check
