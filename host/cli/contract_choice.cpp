#include "host/cli/contract_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "core/base/text.hpp"
#include "core/contract/extension.hpp"
#include "core/review/explanation.hpp"
#include "host/cli/load.hpp"
#include "host/config/read_file.hpp"

namespace sluice::host {
namespace {

std::optional<ChosenContract> wrong(const std::string& what) {
    std::cerr << what << '\n';
    return std::nullopt;
}

std::optional<ChosenContract> of_file(const std::string& file, const std::string& extension) {
    auto text = read_contract_file(file, extension);
    if (!text) return std::nullopt;
    auto config = review::default_config(text->contract);
    return ChosenContract{std::move(*text), std::move(config), {}};
}

std::optional<ChosenContract> of_connector(const std::string& config, const std::string& name) {
    const auto loaded = load_everything(config);
    const auto& all = loaded.setup.connectors;
    const auto found = std::ranges::find(all, name, &Connector::name);
    if (found == all.end() || !found->plugin) {
        std::vector<std::string> names;
        for (const auto& connector : all) names.push_back(connector.name);
        for (const auto& problem : loaded.problems) std::cerr << problem << '\n';
        return wrong(fmt::format("{}: no connector `{}` is enabled{}", config, name, did_you_mean(name, names)));
    }
    const auto& plugin = *found->plugin;
    const auto file = plugin.contract_file();
    auto read = found->extension.empty() ? contract::read_contract(plugin.contract_text, file)
                                         : contract::read_extended_contract(plugin.contract_text, file,
                                                                            found->extension, found->extension_file);
    if (!read) {
        print_problems(read.error());
        return std::nullopt;
    }
    return ChosenContract{std::move(*read), found->config, plugin.hooks};
}

/// What is wrong with one of --set; "" where nothing is.
std::string set_value(const contract::Contract& contract, const std::string& assignment, mapping::Config& config) {
    const auto equals = assignment.find('=');
    if (equals == std::string::npos) return fmt::format("--set {}: right would be KEY=VALUE", assignment);
    const auto name = assignment.substr(0, equals);
    auto value = assignment.substr(equals + 1);
    const auto key = contract.config.find(name);
    if (key == contract.config.end() || key->second.type == contract::ConfigKey::Type::secret) {
        std::vector<std::string> names;
        for (const auto& [each, declared] : contract.config)
            if (declared.type != contract::ConfigKey::Type::secret) names.push_back(each);
        return fmt::format("--set {}: the contract has no such configuration key{}", name, did_you_mean(name, names));
    }
    const auto& choices = key->second.choices;
    if (!choices.empty() && std::ranges::find(choices, value) == choices.end())
        return fmt::format("--set {}: it must be {}; found `{}`", name, list_names(choices), value);
    config.insert_or_assign(name, std::move(value));
    return "";
}

}  // namespace

void add_contract_options(CLI::App* command, ContractChoice& choice, bool values) {
    auto* file = command->add_option("--contract", choice.contract, "A contract's file");
    command->add_option("--extension", choice.extension, "With it: an extension's file")->needs(file);
    auto* config = command->add_option("--config", choice.config, "Or: the configuration file");
    command->add_option("--connector", choice.connector, "and the connector in it whose contract is meant")
        ->needs(config)
        ->excludes(file);
    if (values)
        command->add_option("--set", choice.set, "KEY=VALUE: a configuration key's value")->allow_extra_args(false);
}

std::optional<ChosenContract> choose_contract(const ContractChoice& choice) {
    if (choice.contract.empty() == choice.connector.empty() || choice.connector.empty() != choice.config.empty())
        return wrong("say which contract is meant: --contract FILE, or --config FILE --connector NAME");
    auto chosen = choice.contract.empty() ? of_connector(choice.config, choice.connector)
                                          : of_file(choice.contract, choice.extension);
    if (!chosen) return chosen;
    for (const auto& assignment : choice.set)
        if (const auto problem = set_value(chosen->text.contract, assignment, chosen->config); !problem.empty())
            return wrong(problem);
    return chosen;
}

std::optional<contract::ContractText> read_contract_file(const std::string& file, const std::string& extension) {
    const auto text = read_file(file);
    const auto more = extension.empty() ? Result<std::string>("") : read_file(extension);
    for (const auto* each : {&text, &more})
        if (!*each) std::cerr << each->error().message << '\n';
    if (!text || !more) return std::nullopt;
    auto read = extension.empty() ? contract::read_contract(*text, file)
                                  : contract::read_extended_contract(*text, file, *more, extension);
    if (read) return std::move(*read);
    print_problems(read.error());
    return std::nullopt;
}

void print_problems(const std::vector<contract::Problem>& problems) {
    for (const auto& problem : problems) std::cerr << problem.to_string() << '\n';
    std::cerr << fmt::format("{} {}\n", problems.size(), problems.size() == 1 ? "problem" : "problems");
}

}  // namespace sluice::host
