#pragma once
// A contract together with its text, for whatever has to show lines of it.

#include <expected>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/contract/contract.hpp"

namespace sluice::contract {

struct ContractText {
    Contract contract;
    toml::Node tree;                 ///< what `contract` was read from
    std::vector<std::string> files;  ///< the names of its texts, by Place::file

    /// "shopify.contract.toml:12"; "" of a place that is nowhere.
    std::string where(toml::Place place) const;
};

/// As parse_contract().
std::expected<ContractText, std::vector<Problem>> read_contract(std::string_view toml, std::string_view file);

/// The node at the end of a path of table keys; null where there is none. Valid while `from` lives and does not change.
const toml::Node* node_at(const toml::Node& from, std::initializer_list<std::string_view> path);

}  // namespace sluice::contract
