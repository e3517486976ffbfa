#pragma once
// A small right contract that tests break one line at a time.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/contract/contract.hpp"

namespace sluice::contract {

inline constexpr std::string_view small_contract = R"([contract]
name = "shop"
version = "1.2.3"
[config.key]
type = "secret"
[config.product]
default = "SHIP"
[config.policy]
default = "skip"
choices = ["reject", "skip"]
[credential.api]
secret = "key"
[flow.order]
ordering_key = "/id"
retry = { base_ms = 10, cap_ms = 20, limit = 3 }
[flow.order.webhook]
topics = ["orders/create"]
topic = "{header:X-Topic}"
event_id = "{header:X-Id}"
record = "/id"
signature = { scheme = "hmac-sha256-base64", header = "X-Sign", secret = "key" }
[flow.order.record]
model = "sale.order"
external_id = "order_{/id}"
protect = { field = "state", values = ["sale"], action = "{config:policy}" }
[flow.order.record.fields]
partner_id = { record = "customer" }
total = { from = "/total", as = "decimal", digits = 2 }
[[flow.order.record.lines]]
field = "order_line"
model = "sale.order.line"
parent = "order_id"
each = "/items"
external_id = "order_{^/id}_{/id}"
fields.qty = { from = "/qty", as = "decimal" }
[flow.order.records.customer]
model = "res.partner"
external_id = "c_{/email}"
fields.name = { from = "/name" }
[flow.order.records.other]
model = "res.partner"
external_id = "o_{/email}"
fields.name = { from = "/name" }
)";

inline std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
    std::string result(text);
    const std::size_t at = result.find(what);
    if (at == std::string::npos) {
        ADD_FAILURE() << "the text does not hold " << what;
        return result;
    }
    return result.replace(at, what.size(), with);
}

/// The problems of a contract as text; none where it is right.
inline std::vector<std::string> problems_of(std::string_view toml) {
    std::vector<std::string> texts;
    const auto contract = parse_contract(toml, "c.toml");
    if (!contract)
        for (const Problem& problem : contract.error()) texts.push_back(problem.to_string());
    return texts;
}

inline std::string read_source_file(const std::string& path) {
    std::ifstream in(std::string(SLUICE_SOURCE_DIR) + "/" + path, std::ios::binary);
    EXPECT_TRUE(in.good()) << path;
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

}  // namespace sluice::contract
