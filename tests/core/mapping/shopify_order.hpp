#pragma once
// Real-shaped Shopify orders through the shipped contract.

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "core/contract/contract.hpp"
#include "core/json/json.hpp"
#include "core/mapping/mapping.hpp"

namespace sluice::mapping {

inline std::string read_source_file(const std::string& path) {
    std::ifstream in(std::string(SLUICE_SOURCE_DIR) + "/" + path, std::ios::binary);
    EXPECT_TRUE(in.good()) << path;
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

inline std::string discounts_order() {
    return read_source_file("tests/data/shopify/order_discounts.json");
}
inline std::string guest_order() {
    return read_source_file("tests/data/shopify/order_guest.json");
}

/// The text with the first `what` after `after` replaced.
inline std::string replaced(std::string text, std::string_view what, std::string_view with,
                            std::string_view after = "") {
    const std::size_t start = text.find(after);
    const std::size_t at = start == std::string::npos ? start : text.find(what, start);
    if (at == std::string::npos) {
        ADD_FAILURE() << "the text does not hold " << what << " after " << after;
        return text;
    }
    return text.replace(at, what.size(), with);
}

inline const contract::Flow& order_flow() {
    static const contract::Flow flow = [] {
        auto contract = contract::parse_contract(read_source_file("contracts/shopify/shopify.contract.toml"),
                                                 "shopify.contract.toml");
        EXPECT_TRUE(contract) << contract.error().front().to_string();
        return contract ? contract->flows.at("order") : contract::Flow{};
    }();
    return flow;
}

inline const Config& shop_config() {
    static const Config config{{"shipping_product", "SHIPPING"},    {"discount_product", "DISCOUNT"},
                               {"gift_card_product", "GIFT-CARD"},  {"refund_product", "REFUND"},
                               {"confirmed_order", "reject"},       {"several_taxes", "reject"},
                               {"cancel_confirmed_order", "reject"}};
    return config;
}

using Mapped = std::expected<MappedRecord, std::vector<Broken>>;

inline Mapped map_text(const contract::Flow& flow, std::string_view text, const Config& config = shop_config()) {
    const auto document = json::Document::parse(text);
    EXPECT_TRUE(document) << document.error().message;
    if (!document) return std::unexpected(std::vector<Broken>{});
    return map_record(flow, document->root(), config);
}

inline Mapped map_order(std::string_view text) {
    return map_text(order_flow(), text);
}

/// The value of a field; fails the test, and is empty, where there is none of that name.
inline FieldValue value_of(const std::vector<Field>& fields, std::string_view name) {
    for (const Field& field : fields)
        if (field.name == name) return field.value;
    ADD_FAILURE() << "no field " << name;
    return std::monostate{};
}

inline std::string text_of(const Find& find) {
    std::string text = find.model;
    for (const auto& [field, key] : find.by) text += " " + field + "=" + to_string(key);
    return text;
}

/// The value as text, for comparisons: decimals with their digits, references as model and keys.
inline std::string text_of(const FieldValue& value) {
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    if (const auto* number = std::get_if<Decimal>(&value)) return number->to_string();
    if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (const auto* moment = std::get_if<DateTime>(&value)) return moment->text;
    if (const auto* record = std::get_if<std::shared_ptr<const MappedRecord>>(&value)) return (*record)->external_id;
    if (const auto* find = std::get_if<Boxed<Find>>(&value)) return text_of(**find);
    if (const auto* each = std::get_if<FindEach>(&value)) {
        std::string text;
        for (const Find& find : each->finds) text += (text.empty() ? "[" : ", ") + text_of(find);
        return text.empty() ? "none" : text + "]";
    }
    return "empty";
}

inline std::string text_of(const std::vector<Field>& fields, std::string_view name) {
    return text_of(value_of(fields, name));
}

inline std::vector<std::string> texts_of(const Mapped& mapped) {
    std::vector<std::string> texts;
    if (mapped) return texts;
    for (const Broken& broken : mapped.error()) texts.push_back(broken.pointer + ": " + broken.message);
    return texts;
}

}  // namespace sluice::mapping
