#pragma once
// Texts with places: "order_{/id}".

#include <expected>
#include <map>
#include <string>
#include <string_view>

#include "core/contract/contract.hpp"

namespace sluice::contract {

/// Where a template stands, and so which places it may have.
struct TemplatePlace {
    const std::map<std::string, ConfigKey>& config;
    bool inside_lines = false;
    bool headers = false;  ///< {header:...} is there: in webhooks and queues
};

/// The template, or what is wrong with it, in words without a position.
std::expected<Template, std::string> parse_template(std::string_view text, const TemplatePlace& place);

/// What is wrong with a reference to a configuration key whose value is used openly; "" where nothing is.
std::string config_problem(std::string_view key, const std::map<std::string, ConfigKey>& config);
/// The same for a reference to a secret.
std::string secret_problem(std::string_view key, const std::map<std::string, ConfigKey>& config);

}  // namespace sluice::contract
