// Orders mapped a second (parse, map, collect broken rules) beside a bare simdjson parse of the same bytes.

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <fstream>
#include <iterator>
#include <string>

#include "core/contract/contract.hpp"
#include "core/json/json.hpp"
#include "core/mapping/mapping.hpp"

namespace sluice {
namespace {

std::string read_file(const std::string& name) {
    std::ifstream file(SLUICE_SOURCE_DIR "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void map_order(benchmark::State& state) {
    const std::string payload = read_file("tests/data/shopify/order_discounts.json");
    const auto contract =
        contract::parse_contract(read_file("contracts/shopify/shopify.contract.toml"), "shopify.contract.toml");
    if (!contract || payload.empty()) return state.SkipWithError("the contract or the payload cannot be read");
    const contract::Flow& flow = contract->flows.at("order");
    const mapping::Config config = {{"shipping_product", "SHIPPING"},    {"discount_product", "DISCOUNT"},
                                    {"gift_card_product", "GIFT-CARD"},  {"refund_product", "REFUND"},
                                    {"confirmed_order", "reject"},       {"several_taxes", "reject"},
                                    {"cancel_confirmed_order", "reject"}};
    for (auto _ : state) {
        const auto document = json::Document::parse(payload);
        auto record = mapping::map_record(flow, document->root(), config);
        if (!record) return state.SkipWithError(mapping::to_string(record.error()).c_str());
        benchmark::DoNotOptimize(record);
    }
    state.SetItemsProcessed(state.iterations());
}

void bare_parse(benchmark::State& state) {
    const simdjson::padded_string payload(read_file("tests/data/shopify/order_discounts.json"));
    simdjson::dom::parser parser;
    for (auto _ : state) {
        simdjson::dom::element document;
        if (parser.parse(payload).get(document)) return state.SkipWithError("no JSON");
        benchmark::DoNotOptimize(document);
    }
    state.SetItemsProcessed(state.iterations());
}

const int registered = [] {
    benchmark::RegisterBenchmark("mapping", map_order);
    benchmark::RegisterBenchmark("mapping/yardstick", bare_parse);
    return 0;
}();

}  // namespace
}  // namespace sluice
