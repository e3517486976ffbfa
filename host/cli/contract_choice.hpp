#pragma once
// The contract a `sluice contract` command is about, by its file or by a connector of the configuration.

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/contract/contract_text.hpp"
#include "core/mapping/mapping.hpp"

namespace sluice::host {

/// What the options say.
struct ContractChoice {
    std::string contract;           ///< a file
    std::string extension;          ///< with it: an extension's file; "": none
    std::string config, connector;  ///< or these two
    std::vector<std::string>
        set;  ///< "KEY=VALUE": a configuration key's value instead of the configured or default one
};

struct ChosenContract {
    contract::ContractText text;
    mapping::Config config;
    mapping::Hooks hooks;  ///< of a connector's plugin; empty of a file
};

/// Gives a command --contract, --config and --connector, and --set where `values`.
void add_contract_options(CLI::App* command, ContractChoice& choice, bool values);

/// Reads it. What goes wrong is told on the standard error. Reads no secret that is not a connector's.
std::optional<ChosenContract> choose_contract(const ContractChoice& choice);

/// The contract of a file, with an extension where one is named; nothing where it is wrong, which is told on the
/// standard error.
std::optional<contract::ContractText> read_contract_file(const std::string& file, const std::string& extension = "");

/// Each problem on a line of the standard error, and their number.
void print_problems(const std::vector<contract::Problem>& problems);

}  // namespace sluice::host
