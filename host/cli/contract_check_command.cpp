// `sluice contract check`

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "core/odoo/session.hpp"
#include "host/cli/command_groups.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/load.hpp"
#include "host/contracts/contract_report.hpp"
#include "host/plugins/connector_contract.hpp"

namespace sluice::host {
namespace {

struct Options {
    std::string config, connector;
    std::vector<std::string> files;
    int offline = 0;
    bool json = false;
};

int tell(const std::vector<ContractReport>& reports, bool json) {
    std::cout << (json ? to_json(reports) + "\n" : to_text(reports));
    return std::ranges::all_of(reports, is_fine) ? exit_done : exit_failed;
}

/// Contracts that no plugin has yet.
int check_files(const Options& options) {
    std::vector<ContractReport> reports;
    bool readable = true;
    for (const auto& name : options.files) {
        std::ifstream file(name, std::ios::binary);
        const std::string text(std::istreambuf_iterator<char>(file), {});
        const auto contract = contract::parse_contract(text, name);
        if (!contract) {
            for (const auto& problem : contract.error()) std::cerr << problem.to_string() << '\n';
            readable = false;
            continue;
        }
        const auto report = check_recorded({.connector = "",
                                            .contract = &*contract,
                                            .file = name,
                                            .is_on = [](const contract::Flow&) { return true; }},
                                           options.offline);
        if (!report) {
            std::cerr << "--offline: " << report.error().message << '\n';
            return exit_wrong_use;
        }
        reports.push_back(*report);
    }
    const auto status = tell(reports, options.json);
    return readable ? status : exit_failed;
}

/// Everything of one connector's database.
ContractReport ask(const CheckedContract& contract, const odoo::Account& account) {
    http::Client http(account.endpoint);
    const auto version = odoo::ask_version(http, account.timeouts);
    if (!version)
        return {.connector = contract.connector,
                .contract = contract.contract->name,
                .against = "",
                .findings = {},
                .error = version.error()};
    odoo::Client client(account, odoo::make_shared_session());
    return check_live(contract, client, *version, account.database);
}

int check_connectors(const Options& options) {
    const auto loaded = load_everything(options.config);
    if (!loaded.problems.empty()) {
        for (const auto& problem : loaded.problems) std::cerr << problem << '\n';
        return exit_failed;
    }
    std::vector<ContractReport> reports;
    for (const auto& connector : loaded.setup.connectors) {
        if (!options.connector.empty() && connector.name != options.connector) continue;
        const auto contract = contract_of(connector);
        if (options.offline == 0) {
            reports.push_back(ask(contract, loaded.setup.odoo.at(connector.odoo)));
            continue;
        }
        auto report = check_recorded(contract, options.offline);
        if (!report) {
            std::cerr << "--offline: " << report.error().message << '\n';
            return exit_wrong_use;
        }
        reports.push_back(*std::move(report));
    }
    if (reports.empty()) {
        std::cerr << (options.connector.empty() ? "no connector is enabled"
                                                : "no connector `" + options.connector + "` is enabled")
                  << '\n';
        return exit_failed;
    }
    return tell(reports, options.json);
}

}  // namespace

void add_contract_check_command(CLI::App& app, const Choose& choose) {
    const auto known = app.get_subcommands([](const CLI::App* one) { return one->get_name() == "contract"; });
    auto* group = known.empty() ? app.add_subcommand("contract", "Contracts")->require_subcommand(1) : known.front();
    const auto options = std::make_shared<Options>();
    auto* command = group->add_subcommand(
        "check", "Say what of the enabled contracts does not fit Odoo: fields, types, selection values, access rights");
    auto* config = command->add_option("--config", options->config, "The configuration file");
    command->add_option("--connector", options->connector, "Only this connector")->needs(config);
    auto* offline = command->add_option("--offline", options->offline,
                                        "Against the lists recorded of this version (16 to 19) and no database");
    command->add_option("FILE", options->files, "Instead of --config: contracts to check offline")
        ->check(CLI::ExistingFile)
        ->needs(offline)
        ->excludes(config);
    command->add_flag("--json", options->json, "Print JSON");
    command->callback([options, choose] {
        if (options->config.empty() && options->files.empty())
            throw CLI::RequiredError("--config, or --offline with contract files");
        choose([options] { return options->files.empty() ? check_connectors(*options) : check_files(*options); });
    });
}

}  // namespace sluice::host
