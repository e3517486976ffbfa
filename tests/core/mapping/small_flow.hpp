#pragma once
// Contracts of a few lines, for tests of one rule each.

#include <deque>
#include <string>
#include <string_view>

#include "tests/core/mapping/shopify_order.hpp"

namespace sluice::mapping {

inline constexpr std::string_view head = R"([contract]
name = "test"
version = "1.0.0"
[config.place]
default = "here"
[config.policy]
default = "skip"
choices = ["reject", "skip"]
[flow.f]
ordering_key = "/id"
[flow.f.record]
model = "x.record"
external_id = "r_{/id}"
)";

/// Kept until the program ends: a record's places are good while its flow lives.
inline const contract::Flow& flow_of(const std::string& rest) {
    static std::deque<contract::Flow> kept;
    auto contract = contract::parse_contract(std::string(head) + rest, "test.contract.toml");
    if (!contract) {
        for (const auto& problem : contract.error()) ADD_FAILURE() << problem.to_string();
        return kept.emplace_back();
    }
    return kept.emplace_back(contract->flows.at("f"));
}

inline const Config& config() {
    static const Config values{{"place", "here"}, {"policy", "skip"}};
    return values;
}

/// The field `x` that a rule makes of a document, as text; or what it breaks.
inline std::string x_of(const std::string& rule, const std::string& document) {
    const auto mapped = map_text(flow_of("[flow.f.record.fields]\nx = " + rule + "\n"), document, config());
    if (!mapped) return to_string(mapped.error());
    return text_of(mapped->fields, "x");
}

/// The same over {"id": 1, "v": VALUE} and a rule that takes /v.
inline std::string v_of(const std::string& options, const std::string& value) {
    return x_of("{ from = \"/v\"" + (options.empty() ? "" : ", " + options) + " }",
                "{\"id\": 1, \"v\": " + value + "}");
}

}  // namespace sluice::mapping
