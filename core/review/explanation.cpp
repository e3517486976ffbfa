#include "core/review/explanation.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "core/mapping/scope.hpp"

namespace sluice::review {
namespace {

using contract::ContractText;
using contract::node_at;

std::string escaped(std::string_view token) {
    std::string out;
    for (const char c : token) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return out;
}

/// A text, or several in an array.
std::vector<std::string> texts_of(const toml::Node& node) {
    if (node.kind == toml::Kind::text) return {node.text};
    std::vector<std::string> texts;
    for (const toml::Node& element : node.elements)
        if (element.kind == toml::Kind::text) texts.push_back(element.text);
    return texts;
}

/// "res.country by code"
std::string search_text(const toml::Node& find) {
    std::vector<std::string> keys;
    if (const toml::Node* by = node_at(find, {"by"}))
        for (const toml::Member& key : by->members) keys.push_back(key.key);
    const toml::Node* model = node_at(find, {"model"});
    return fmt::format("{} by {}", model == nullptr ? "" : model->text, fmt::join(keys, ", "));
}

class Explainer {
public:
    Explainer(const ContractText& text, const contract::Flow& flow, const json::Value& document,
              const mapping::Config& config)
        : flow_(flow),
          tree_(node_at(text.tree, {"flow", flow.name})),
          document_(document),
          root_(document, document, root_trail_, config) {}

    std::vector<ExplainedRecord> run_document(const json::Value& made) {
        if (tree_ != nullptr && flow_.document)
            members(flow_.document->members, node_at(*tree_, {"document"}), "", root_, made);
        return std::move(records_);
    }

    std::vector<ExplainedRecord> run(const mapping::MappedRecord& record) {
        if (tree_ != nullptr && flow_.record) one(record, *flow_.record, node_at(*tree_, {"record"}), "");
        return std::move(records_);
    }

private:
    struct Referred {
        const mapping::MappedRecord* record;
        std::string name, path;
    };

    void members(const contract::DocumentRule::Members& rules, const toml::Node* table, const std::string& path,
                 const mapping::Scope& scope, const json::Value& made) {
        const toml::Node* fields = table == nullptr ? nullptr : node_at(*table, {"fields"});
        ExplainedRecord explained{.path = path, .name = "", .model = "", .element = scope.base(), .values = {}};
        for (const contract::FieldRule& rule : rules.fields) {
            const toml::Member* written = fields == nullptr ? nullptr : fields->find(rule.name);
            if (written == nullptr || !made.at_pointer(path + rule.name)) continue;
            const mapping::Field field{.name = rule.name, .value = false, .pointer = found_at(rule, scope)};
            explained.values.push_back({path + rule.name, rule.name, source_of(*written, field, scope)});
        }
        records_.push_back(std::move(explained));
        const toml::Node* tables = table == nullptr ? nullptr : node_at(*table, {"lines"});
        for (std::size_t number = 0; number < rules.lines.size(); ++number) {
            const auto& lines = rules.lines[number];
            if (tables == nullptr || number >= tables->elements.size()) continue;
            std::size_t index = 0;
            scope.each(lines.each, [&](const mapping::Scope& element) {
                if (element.any_holds(lines.skip_when) || !element.all_hold(lines.only_when)) return;
                members(lines.members, &tables->elements[number], fmt::format("{}{}/{}", path, lines.target, index++),
                        element, made);
            });
        }
    }

    /// The place of the first of a rule's pointers that has something.
    static std::string found_at(const contract::FieldRule& rule, const mapping::Scope& scope) {
        for (const contract::Pointer& pointer : rule.from) {
            const auto value = scope.at(pointer);
            if (pointer.has_wildcard() || (value && !value->is_null() && value->raw() != "false"))
                return scope.place_of(pointer).text();
        }
        return rule.from.empty() ? "" : scope.place_of(rule.from.front()).text();
    }

    void one(const mapping::MappedRecord& record, const contract::RecordRule& rule, const toml::Node* table,
             const std::string& path) {
        if (table == nullptr) return;
        std::vector<Referred> referred;
        ExplainedRecord explained{.path = path, .name = rule.name, .model = record.model, .element = "", .values = {}};
        explained.values.push_back(identity(*table, path, root_));
        fields(record.fields, node_at(*table, {"fields"}), path, root_, explained, referred);
        records_.push_back(std::move(explained));
        for (std::size_t i = 0; i < record.lines.size(); ++i)
            lines(record.lines[i], rule, *table, fmt::format("{}/lines/{}/lines", path, i), referred);
        for (const Referred& each : referred) {
            if (!seen_.insert(each.name).second) continue;
            const auto named = flow_.records.find(each.name);
            if (named != flow_.records.end())
                one(*each.record, named->second, node_at(*tree_, {"records", each.name}), each.path);
        }
    }

    /// Which rule makes which line: the mapping joins the lines of all rules of one field.
    void lines(const mapping::MappedLines& made, const contract::RecordRule& rule, const toml::Node& table,
               const std::string& path, std::vector<Referred>& referred) {
        const toml::Node* tables = node_at(table, {"lines"});
        for (std::size_t i = 0; i < made.lines.size(); ++i) {
            bool found = false;
            for (std::size_t number = 0; number < rule.lines.size() && !found; ++number) {
                const contract::LinesRule& lines_rule = rule.lines[number];
                if (lines_rule.field != made.field || tables == nullptr || number >= tables->elements.size()) continue;
                root_.each(lines_rule.each, [&](const mapping::Scope& scope) {
                    if (found || !is_line(lines_rule, made.lines[i].external_id, scope)) return;
                    found = true;
                    line(made, i, tables->elements[number], fmt::format("{}/{}", path, i), scope, referred);
                });
            }
        }
    }

    static bool is_line(const contract::LinesRule& rule, const std::string& external_id, const mapping::Scope& scope) {
        if (scope.any_holds(rule.skip_when) || !scope.all_hold(rule.only_when)) return false;
        const auto id = mapping::fill(rule.external_id, scope, nullptr);
        return id && *id == external_id;
    }

    void line(const mapping::MappedLines& made, std::size_t index, const toml::Node& table, const std::string& path,
              const mapping::Scope& scope, std::vector<Referred>& referred) {
        ExplainedRecord explained{.path = path, .name = "", .model = made.model, .element = scope.base(), .values = {}};
        explained.values.push_back(identity(table, path, scope));
        fields(made.lines[index].fields, node_at(table, {"fields"}), path, scope, explained, referred);
        records_.push_back(std::move(explained));
    }

    static ExplainedValue identity(const toml::Node& table, const std::string& path, const mapping::Scope& scope) {
        ExplainedValue value{.path = path + "/external_id", .name = "external_id", .source = {}};
        const toml::Node* text = node_at(table, {"external_id"});
        if (text == nullptr) return value;
        value.source = {
            .kind = SourceKind::template_text, .detail = text->text, .pointer = scope.base(), .place = text->place};
        return value;
    }

    void fields(const std::vector<mapping::Field>& made, const toml::Node* rules, const std::string& path,
                const mapping::Scope& scope, ExplainedRecord& into, std::vector<Referred>& referred) {
        for (const mapping::Field& field : made) {
            ExplainedValue value{
                .path = fmt::format("{}/fields/{}", path, escaped(field.name)), .name = field.name, .source = {}};
            const toml::Member* rule = rules == nullptr ? nullptr : rules->find(field.name);
            if (rule != nullptr) value.source = source_of(*rule, field, scope);
            if (const auto* reference = std::get_if<std::shared_ptr<const mapping::MappedRecord>>(&field.value))
                if (*reference) {
                    value.source.detail = name_of(**reference, rule == nullptr ? rules : &rule->value);
                    referred.push_back({reference->get(), value.source.detail, value.path + "/record"});
                }
            into.values.push_back(std::move(value));
        }
    }

    /// Of `record` and `or` the one that was used.
    std::string name_of(const mapping::MappedRecord& record, const toml::Node* rule) const {
        for (const char* key : {"record", "or"}) {
            const toml::Node* name = rule == nullptr ? nullptr : node_at(*rule, {key});
            const auto named = name == nullptr ? flow_.records.end() : flow_.records.find(name->text);
            if (named == flow_.records.end()) continue;
            const auto id = mapping::fill(named->second.external_id, root_, nullptr);
            if (id && *id == record.external_id && named->second.model == record.model) return name->text;
        }
        return "";
    }

    Source source_of(const toml::Member& rule, const mapping::Field& field, const mapping::Scope& scope) const {
        Source source{.kind = SourceKind::other, .detail = "", .pointer = field.pointer, .place = rule.place};
        const toml::Node& table = rule.value;
        const bool empty = std::holds_alternative<std::monostate>(field.value);
        const bool has_default = table.find("default") != nullptr;
        if (const toml::Node* from = node_at(table, {"from"})) {
            source.kind = SourceKind::document;
            if (empty) source.kind = SourceKind::absent;
            if (has_default && is_absent(field.pointer)) source.kind = SourceKind::fallback;
            if (source.kind != SourceKind::document)
                source.detail = fmt::format("{}", fmt::join(texts_of(*from), ", "));
        } else if (table.find("value") != nullptr) {
            source.kind = SourceKind::constant;
        } else if (const toml::Node* key = node_at(table, {"config"})) {
            const bool unset = !scope.config(key->text);
            source.kind = unset && has_default ? SourceKind::fallback : SourceKind::config;
            source.detail = key->text;
        } else if (const toml::Node* text = node_at(table, {"text"})) {
            source.kind = SourceKind::template_text;
            if (empty) source.kind = SourceKind::absent;
            if (has_default && is_absent(field.pointer)) source.kind = SourceKind::fallback;
            source.detail = text->text;
        } else if (const toml::Node* hook = node_at(table, {"hook"})) {
            source.kind = SourceKind::hook;
            source.detail = hook->text;
        } else if (const toml::Node* find = node_at(table, {"find"})) {
            source.kind = empty ? SourceKind::absent : SourceKind::lookup;
            source.detail = search_text(*find);
        } else if (const toml::Node* each = node_at(table, {"find_each"})) {
            source.kind = SourceKind::lookup;
            source.detail = search_text(*each);
        } else if (const toml::Node* record = node_at(table, {"record"})) {
            source.kind = empty ? SourceKind::absent : SourceKind::record;
            source.detail = record->text;
        } else {
            for (const char* word : {"percent", "rest"})
                if (table.find(word) != nullptr) {
                    source.kind = SourceKind::calculated;
                    source.detail = word;
                }
        }
        return source;
    }

    bool is_absent(const std::string& pointer) const {
        const auto value = document_.at_pointer(pointer);
        if (!value || value->is_null()) return true;
        if (flow_.document && value->raw() == "false") return true;  // Odoo's word for it
        return value->kind() == json::Kind::string && value->text().empty();
    }

    const contract::Flow& flow_;
    const toml::Node* tree_;
    json::Value document_;
    const mapping::Trail root_trail_;
    mapping::Scope root_;
    std::vector<ExplainedRecord> records_;
    std::set<std::string> seen_;  ///< named records that were explained
};

}  // namespace

std::string_view to_string(SourceKind kind) {
    constexpr std::array<std::string_view, 11> words{"document",   "absent",   "constant", "default",
                                                     "config",     "template", "record",   "lookup",
                                                     "calculated", "hook",     "other"};
    return words[static_cast<std::size_t>(kind)];
}

std::vector<ExplainedRecord> explain(const ContractText& text, const contract::Flow& flow, const json::Value& document,
                                     const mapping::Config& config, const mapping::MappedRecord& record) {
    return Explainer(text, flow, document, config).run(record);
}

std::vector<ExplainedRecord> explain_document(const ContractText& text, const contract::Flow& flow,
                                              const json::Value& change, const mapping::Config& config,
                                              const json::Value& made) {
    return Explainer(text, flow, change, config).run_document(made);
}

mapping::Config default_config(const contract::Contract& contract) {
    mapping::Config config;
    for (const auto& [name, key] : contract.config)
        if (key.type != contract::ConfigKey::Type::secret && key.default_value)
            config.emplace(name, *key.default_value);
    return config;
}

}  // namespace sluice::review
