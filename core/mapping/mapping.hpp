#pragma once
// Executes a contract's mapping over a document.

#include <expected>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/headers.hpp"
#include "core/contract/contract.hpp"
#include "core/json/json.hpp"
#include "core/mapping/record.hpp"

namespace sluice::mapping {

/// The values of a connector's configuration keys that are no secrets.
using Config = std::map<std::string, std::string>;

/// Computes the value of a hook (`hook = "NAME"`): `arguments` is a JSON array of the rule's arguments, in order, null
/// where one is absent. The text that is read as the rule says, "" for none; or why there is none. As pure as the
/// mapping: the same of the same, on any thread.
using Hooks =
    std::function<std::expected<std::string, std::string>(const std::string& name, const std::string& arguments)>;

/// The record a document becomes, or every rule it breaks (never only the first). Pure; any thread. The record's places
/// are good while `flow` lives. Without `hooks` a rule that names one is broken.
std::expected<MappedRecord, std::vector<Broken>> map_record(const contract::Flow& flow, const json::Value& document,
                                                            const Config& config, const Hooks& hooks = {});

/// The JSON document that a change in Odoo becomes for the other system (`[flow.NAME.document]`), or every rule it
/// breaks. Pure; any thread.
std::expected<std::string, std::vector<Broken>> map_document(const contract::Flow& flow, const json::Value& document,
                                                             const Config& config, const Hooks& hooks = {});

/// Fills a template; `element` is where its pointers start (the document itself, outside lines). Failure::invalid names
/// the place that is absent or not a scalar, or the header that is missing.
Result<std::string> fill_template(const contract::Template& text, const json::Value& document,
                                  const json::Value& element, const http::Headers& headers, const Config& config);

/// "2 rules broken: /line_items/0/sku: required, and absent; /currency: ..."
std::string to_string(const std::vector<Broken>& broken);

/// The mapped record as JSON, for operators (`sluice dead-letters show`) and for the plugin's `map`.
std::string to_json(const MappedRecord& record);

}  // namespace sluice::mapping
