#include "host/cli/trial_text.hpp"

#include <fmt/format.h>

#include "host/cli/tables.hpp"

namespace sluice::host {
namespace {

constexpr std::size_t max_value = 60, max_source = 70;

std::string keys_text(const json::Value& keys) {
    std::string out;
    for (std::size_t i = 0; i < keys.size(); ++i)
        out += fmt::format("{}{} = {}", i == 0 ? "" : ", ", keys.key(i), keys.at(i).raw());
    return out;
}

/// A value of the record's JSON for people: references as what they name.
std::string value_text(const json::Value& value) {
    if (value.is_null()) return "(empty)";
    if (value.kind() == json::Kind::array) {
        std::string out;
        for (std::size_t i = 0; i < value.size(); ++i) out += (i == 0 ? "" : "; ") + value_text(value.at(i));
        return out.empty() ? "(none)" : out;
    }
    if (value.kind() != json::Kind::object) return std::string(value.raw());
    if (const auto model = value.find("find")) {
        const auto by = value.find("by");
        return fmt::format("{} with {}", model->text(), by ? keys_text(*by) : "");
    }
    if (const auto record = value.find("record"))
        return fmt::format("{} {}", text_of(*record, "model"), text_of(*record, "external_id"));
    return std::string(value.raw());
}

std::string source_text(const review::Source& source) {
    using Kind = review::SourceKind;
    const std::string at = source.pointer.empty() ? "" : " " + source.pointer;
    switch (source.kind) {
        case Kind::document:
            return source.pointer;
        case Kind::absent:
            return fmt::format("absent{}", at);
        case Kind::constant:
            return "constant";
        case Kind::fallback:
            return fmt::format("default, since {} is absent", source.detail);
        case Kind::config:
            return fmt::format("configuration key {}", source.detail);
        case Kind::template_text:
            return fmt::format("template {}{}", source.detail, at.empty() ? "" : " of" + at);
        case Kind::record:
            return fmt::format("record {}", source.detail);
        case Kind::lookup:
            return fmt::format("looked up in {}{}", source.detail, at.empty() ? "" : ", from" + at);
        case Kind::calculated:
            return fmt::format("{} of{}", source.detail, at);
        case Kind::hook:
            return fmt::format("hook {}{}", source.detail, at.empty() ? "" : " of" + at);
        case Kind::other:
            break;
    }
    return source.pointer;
}

/// What is found, guarded and called besides the fields.
std::string conduct(const json::Value& record) {
    std::string out;
    if (const auto candidates = record.find("candidates"))
        for (std::size_t i = 0; i < candidates->size(); ++i)
            out += fmt::format("  found also by: {}\n", keys_text(candidates->at(i)));
    const auto adopt = record.find("adopt"), create_only = record.find("create_only");
    if (adopt && adopt->is_true()) out += "  what is found so is this record\n";
    if (create_only && create_only->is_true()) out += "  an existing one is used as it is\n";
    if (const auto protection = record.find("protection")) {
        const auto values = protection->find("values");
        out += fmt::format("  not changed where {} is one of {}: {}\n", text_of(*protection, "field"),
                           values ? values->raw() : "", text_of(*protection, "action"));
    }
    if (const auto transitions = record.find("transitions"))
        for (std::size_t i = 0; i < transitions->size(); ++i) {
            const auto one = transitions->at(i);
            const auto done = one.find("done"), calls = one.find("calls");
            out += fmt::format("  {} is led to one of {} by {}; from elsewhere: {}\n", text_of(one, "field"),
                               done ? done->raw() : "", calls ? calls->raw() : "", text_of(one, "otherwise"));
        }
    return out;
}

std::string one(const review::ExplainedRecord& explained, const json::Value& root, const contract::ContractText& text) {
    const auto record = root.at_pointer(explained.path);
    if (!record) return "";
    auto title = fmt::format("{} {}", explained.model, text_of(*record, "external_id"));
    if (!explained.name.empty()) title += fmt::format(" (record {})", explained.name);
    if (!explained.element.empty()) title += fmt::format(" (line of {})", explained.element);
    Table table({"FIELD", "VALUE", "FROM", "RULE"});
    for (const auto& value : explained.values) {
        const auto found = root.at_pointer(value.path);
        table.add({value.name, one_line(found ? value_text(*found) : "", max_value),
                   one_line(source_text(value.source), max_source), text.where(value.source.place)});
    }
    return title + "\n" + conduct(*record) + table.text(2) + "\n";
}

std::string head(const contract::Flow& flow, const json::Value& document) {
    std::string out = fmt::format("flow {}", flow.name);
    if (!flow.ordering_key.empty())
        out += fmt::format(", ordering key {}", json::identity_at(document, flow.ordering_key));
    if (!flow.revision.empty()) out += fmt::format(", revision {}", json::identity_at(document, flow.revision));
    return out + "\n\n";
}

void write_sources(const std::vector<review::ExplainedRecord>& records, const contract::ContractText& text,
                   json::Writer& out) {
    out.key("sources").begin_object();
    for (const auto& explained : records)
        for (const auto& value : explained.values) {
            const auto& source = value.source;
            out.key(value.path).begin_object().key("source").string(review::to_string(source.kind));
            if (!source.detail.empty()) out.key("detail").string(source.detail);
            if (!source.pointer.empty()) out.key("pointer").string(source.pointer);
            out.key("rule").string(text.where(source.place)).end_object();
        }
    out.end_object();
}

}  // namespace

std::string render_trial(const contract::ContractText& text, const contract::Flow& flow, const json::Value& document,
                         const mapping::Config& config, const mapping::MappedRecord& record) {
    const auto made = json::Document::parse(mapping::to_json(record));
    if (!made) return made.error().message + "\n";
    std::string out = head(flow, document);
    for (const auto& explained : review::explain(text, flow, document, config, record))
        out += one(explained, made->root(), text);
    out.pop_back();
    return out;
}

std::string trial_to_json(const contract::ContractText& text, const contract::Flow& flow, const json::Value& document,
                          const mapping::Config& config, const mapping::MappedRecord& record) {
    json::Writer out;
    out.begin_object().key("flow").string(flow.name).key("record").raw(mapping::to_json(record));
    write_sources(review::explain(text, flow, document, config, record), text, out);
    return out.end_object().take() + "\n";
}

std::string render_document_trial(const contract::ContractText& text, const contract::Flow& flow,
                                  const json::Value& change, const mapping::Config& config, const json::Value& made) {
    std::string out = head(flow, change);
    Table table({"SENT AS", "VALUE", "FROM", "RULE"});
    for (const auto& explained : review::explain_document(text, flow, change, config, made))
        for (const auto& value : explained.values) {
            const auto found = made.at_pointer(value.path);
            table.add({value.path, one_line(found ? found->raw() : "", max_value),
                       one_line(source_text(value.source), max_source), text.where(value.source.place)});
        }
    return out + table.text() + "\n" + std::string(made.raw()) + "\n";
}

std::string document_trial_to_json(const contract::ContractText& text, const contract::Flow& flow,
                                   const json::Value& change, const mapping::Config& config, const json::Value& made) {
    json::Writer out;
    out.begin_object().key("flow").string(flow.name).key("document").raw(made.raw());
    write_sources(review::explain_document(text, flow, change, config, made), text, out);
    return out.end_object().take() + "\n";
}

std::string render_broken(const std::vector<mapping::Broken>& broken) {
    std::string out;
    for (const auto& each : broken)
        out += fmt::format("{}{}{}\n", each.pointer, each.pointer.empty() ? "" : ": ", each.message);
    return out + fmt::format("{} {} broken; nothing would be written\n", broken.size(),
                             broken.size() == 1 ? "rule is" : "rules are");
}

std::string broken_to_json(const contract::Flow& flow, const std::vector<mapping::Broken>& broken) {
    json::Writer out;
    out.begin_object().key("flow").string(flow.name).key("broken").begin_array();
    for (const auto& each : broken)
        out.begin_object().key("pointer").string(each.pointer).key("message").string(each.message).end_object();
    out.end_array().end_object();
    return out.take() + "\n";
}

}  // namespace sluice::host
