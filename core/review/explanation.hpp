#pragma once
// Where every value of a mapped record comes from: `sluice contract try`.

#include <string>
#include <string_view>
#include <vector>

#include "core/contract/contract_text.hpp"
#include "core/json/json.hpp"
#include "core/mapping/mapping.hpp"

namespace sluice::review {

/// What gave a value. `absent`: the document has none, and the field is emptied.
enum class SourceKind {
    document,
    absent,
    constant,
    fallback,
    config,
    template_text,
    record,
    lookup,
    calculated,
    hook,
    other
};

/// The word for it: "document", "absent", "constant", "default", "config", "template", "record", "lookup",
/// "calculated", "hook"; "other" is a source this program has no word for.
std::string_view to_string(SourceKind kind);

struct Source {
    SourceKind kind = SourceKind::other;
    std::string
        detail;  ///< the configuration key, the template, the named record, the hook, the model looked into; else ""
    std::string pointer;  ///< JSON Pointer in the document; "" where the value is not from there
    toml::Place place;    ///< of the rule
};

struct ExplainedValue {
    std::string path;  ///< JSON Pointer in mapping::to_json() of the record: "/fields/name"
    std::string name;  ///< the Odoo field, or "external_id"
    Source source;
};

/// A record, a line of it, or a record it refers to.
struct ExplainedRecord {
    std::string path;     ///< as in ExplainedValue: "", "/lines/0/lines/2", "/fields/partner_id/record"
    std::string name;     ///< what the contract calls it; "" for the flow's own record and for lines
    std::string model;    ///< of the Odoo record
    std::string element;  ///< of a line: JSON Pointer of its element in the document
    std::vector<ExplainedValue> values;
};

/// The record first, then its lines, then what it refers to (each once). `document` and `config` are what `record` was
/// mapped from, by `flow` of `text`. Pure; any thread.
std::vector<ExplainedRecord> explain(const contract::ContractText& text, const contract::Flow& flow,
                                     const json::Value& document, const mapping::Config& config,
                                     const mapping::MappedRecord& record);

/// The same of a flow's `document`: `path` is a JSON Pointer into the document that was made, `name` its last part. The
/// document first, then each object of its arrays; what was left out is not in it.
std::vector<ExplainedRecord> explain_document(const contract::ContractText& text, const contract::Flow& flow,
                                              const json::Value& change, const mapping::Config& config,
                                              const json::Value& made);

/// The defaults of a contract's configuration keys: what a connector has that configures nothing.
mapping::Config default_config(const contract::Contract& contract);

}  // namespace sluice::review
