#include "core/contract/contract_text.hpp"

#include <fmt/format.h>

namespace sluice::contract {

std::string ContractText::where(toml::Place place) const {
    if (place.line == 0) return "";
    return fmt::format("{}:{}", files.at(static_cast<std::size_t>(place.file)), place.line);
}

std::expected<ContractText, std::vector<Problem>> read_contract(std::string_view toml, std::string_view file) {
    auto tree = toml::parse(toml, file);
    if (!tree) return std::unexpected(std::vector{std::move(tree.error())});
    ContractText text{.contract = {}, .tree = std::move(*tree), .files = {std::string(file)}};
    auto contract = parse_contract(text.tree, text.files);
    if (!contract) return std::unexpected(std::move(contract.error()));
    text.contract = std::move(*contract);
    return text;
}

const toml::Node* node_at(const toml::Node& from, std::initializer_list<std::string_view> path) {
    const toml::Node* node = &from;
    for (const std::string_view key : path) {
        const toml::Member* member = node->find(key);
        if (member == nullptr) return nullptr;
        node = &member->value;
    }
    return node;
}

}  // namespace sluice::contract
