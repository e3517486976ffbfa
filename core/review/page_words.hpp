#pragma once
// The words of a contract's page for triggers and field rules.

#include <string>
#include <vector>

#include "core/contract/contract.hpp"
#include "core/toml/tree.hpp"

namespace sluice::review {

/// A code word: between backticks, without any of its own.
std::string code(const std::string& text);
/// "`a`, `b`"
std::string codes(const toml::Node& array);
/// "90 days", "1 hour 30 minutes", "500 ms"
std::string length_of(std::int64_t ms);
/// The members of a table that are not among `known`, as they are written: "`key` = `value`".
std::vector<std::string> unsaid(const toml::Node& table, const std::vector<std::string>& known);

/// Where a field's value comes from, and what is asked of it, by its rule's table.
std::string source_words(const toml::Node& rule);
std::string demand_words(const toml::Node& rule);
/// "`code` = `/land`, `type` = always `sale`"
std::string search_words(const toml::Node& keys);

/// "a webhook of the topics `orders/create`", one for each trigger; "a person" where there is none.
std::vector<std::string> trigger_words(const contract::Flow& flow);
/// What is compared, when, and what then.
std::vector<std::string> reconcile_words(const contract::ReconcileRule& rule);

}  // namespace sluice::review
