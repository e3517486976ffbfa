// Orders mapped, and megabytes of them, a second (parse, map, collect broken rules) beside a bare simdjson parse of the
// same bytes.

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "core/contract/contract.hpp"
#include "core/json/json.hpp"
#include "core/mapping/mapping.hpp"

namespace sluice {
namespace {

std::string read_file(const std::string& name) {
    std::ifstream file(SLUICE_SOURCE_DIR "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

const std::vector<std::string>& payloads() {
    static const std::vector<std::string> orders{read_file("tests/data/shopify/order_discounts.json"),
                                                 read_file("tests/data/shopify/order_guest.json")};
    return orders;
}

/// Orders and megabytes a second, of as many rounds over all payloads as there were iterations.
void report(benchmark::State& state) {
    std::size_t bytes = 0;
    for (const std::string& order : payloads()) bytes += order.size();
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(payloads().size()));
    state.counters["mb_per_s"] = benchmark::Counter(
        static_cast<double>(state.iterations()) * static_cast<double>(bytes) / 1e6, benchmark::Counter::kIsRate);
}

/// What the host does with a document that is to be written (HostDelivery::mapped), with the contract as it was parsed
/// at the start.
void map_orders(benchmark::State& state) {
    const auto contract =
        contract::parse_contract(read_file("contracts/shopify/shopify.contract.toml"), "shopify.contract.toml");
    if (!contract) return state.SkipWithError("the contract cannot be read");
    const contract::Flow& flow = contract->flows.at("order");
    const mapping::Config config = {{"shipping_product", "SHIPPING"},    {"discount_product", "DISCOUNT"},
                                    {"gift_card_product", "GIFT-CARD"},  {"refund_product", "REFUND"},
                                    {"confirmed_order", "reject"},       {"several_taxes", "reject"},
                                    {"cancel_confirmed_order", "reject"}};
    for (auto _ : state) {
        for (const std::string& payload : payloads()) {
            const auto document = json::Document::parse(payload);
            if (!document) return state.SkipWithError(document.error().message.c_str());
            auto record = mapping::map_record(flow, document->root(), config);
            if (!record) return state.SkipWithError(mapping::to_string(record.error()).c_str());
            benchmark::DoNotOptimize(record);
        }
    }
    report(state);
}

/// The same bytes, padded beforehand, through simdjson's DOM with one parser: validated, numbers and strings read.
void bare_parse(benchmark::State& state) {
    std::vector<simdjson::padded_string> padded;
    for (const std::string& payload : payloads()) padded.emplace_back(payload);
    simdjson::dom::parser parser;
    for (auto _ : state) {
        for (const simdjson::padded_string& payload : padded) {
            simdjson::dom::element document;
            if (parser.parse(payload).get(document)) return state.SkipWithError("no JSON");
            benchmark::DoNotOptimize(document);
        }
    }
    report(state);
}

const int registered = [] {
    benchmark::RegisterBenchmark("mapping", map_orders);
    benchmark::RegisterBenchmark("mapping/yardstick", bare_parse);
    return 0;
}();

}  // namespace
}  // namespace sluice
