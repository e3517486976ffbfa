// A contract with anything wrong in it is refused with a place, and never read half.

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/core/contract/contract_text.hpp"

namespace sluice::contract {
namespace {

RC_GTEST_PROP(Contract, AnyEditIsReadOrRefusedWithItsPlace, ()) {
    static const std::string shopify = read_source_file("contracts/shopify/shopify.contract.toml");
    std::string text = *rc::gen::element(std::string(small_contract), shopify);
    const int edits = *rc::gen::inRange(1, 4);
    for (int i = 0; i < edits; ++i) {
        const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
        const auto length = *rc::gen::inRange<std::size_t>(0, 12);
        const auto with =
            *rc::gen::element<std::string>("", "\"", "'", "[", "]", "{", "}", "=", "\n", "/", "^/x", "*", "0", "-1",
                                           "true", "{config:policy}", "{/a", "\x01", "~", "from", "as");
        text.replace(at, length, with);
    }
    const auto contract = parse_contract(text, "c.toml");
    if (contract) return;
    RC_ASSERT(!contract.error().empty());
    for (const Problem& problem : contract.error()) {
        const std::string said = problem.to_string();
        RC_ASSERT(said.starts_with("c.toml:"));
        RC_ASSERT(said.find(":0:") == std::string::npos);
    }
}

}  // namespace
}  // namespace sluice::contract
