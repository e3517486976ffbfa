#pragma once
// What a contract makes of a document, as text and as JSON.

#include <string>
#include <vector>

#include "core/review/explanation.hpp"

namespace sluice::host {

/// The record with the source of every field, a table each for the record, its lines and what it refers to.
std::string render_trial(const contract::ContractText& text, const contract::Flow& flow, const json::Value& document,
                         const mapping::Config& config, const mapping::MappedRecord& record);
/// {"flow", "record": as mapping::to_json(), "sources": {PATH: {"source", "detail", "pointer", "rule"}}}, where PATH is
/// a JSON Pointer in the record.
std::string trial_to_json(const contract::ContractText& text, const contract::Flow& flow, const json::Value& document,
                          const mapping::Config& config, const mapping::MappedRecord& record);

/// The same of a flow's `document`; `made` is what came out.
std::string render_document_trial(const contract::ContractText& text, const contract::Flow& flow,
                                  const json::Value& change, const mapping::Config& config, const json::Value& made);
/// {"flow", "document", "sources"}
std::string document_trial_to_json(const contract::ContractText& text, const contract::Flow& flow,
                                   const json::Value& change, const mapping::Config& config, const json::Value& made);

/// A line each, and their number.
std::string render_broken(const std::vector<mapping::Broken>& broken);
/// {"flow", "broken": [{"pointer", "message"}]}
std::string broken_to_json(const contract::Flow& flow, const std::vector<mapping::Broken>& broken);

}  // namespace sluice::host
