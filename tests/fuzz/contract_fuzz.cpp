// Any text as a contract: it is read, or everything that is wrong with it has a place.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/contract/contract.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto contract =
        sluice::contract::parse_contract({reinterpret_cast<const char*>(data), size}, "fuzz.contract.toml");
    if (contract) return 0;
    if (contract.error().empty()) std::abort();
    for (const auto& problem : contract.error())
        if (problem.to_string().empty()) std::abort();
    return 0;
}
