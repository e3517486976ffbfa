// `sluice odoo check` and `sluice odoo rights`

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <memory>

#include "core/base/clock.hpp"
#include "core/contract_check/live.hpp"
#include "core/odoo/session.hpp"
#include "host/cli/command_groups.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/load.hpp"
#include "host/contracts/account_check.hpp"
#include "host/contracts/odoo_lists.hpp"

namespace sluice::host {
namespace {

struct Options {
    std::string config, odoo;
    int offline = 0;
    bool json = false, csv = false, group = false;
};

/// The setup; nothing where the configuration is wrong, which is told.
std::optional<Setup> setup_of(const Options& options) {
    auto loaded = load_everything(options.config);
    for (const auto& problem : loaded.problems) std::cerr << problem << '\n';
    if (!loaded.problems.empty()) return std::nullopt;
    if (!options.odoo.empty() && !loaded.setup.odoo.contains(options.odoo)) {
        std::cerr << "there is no [odoo." << options.odoo << "] that an enabled connector uses\n";
        return std::nullopt;
    }
    return std::move(loaded.setup);
}

std::vector<EnabledFlow> flows_of(const Setup& setup, const std::string& odoo) {
    std::vector<EnabledFlow> flows;
    for (const auto& connector : setup.connectors) {
        if (!odoo.empty() && connector.odoo != odoo) continue;
        for (const auto& [name, flow] : connector.plugin->contract.flows)
            if (is_on(connector, flow)) flows.push_back({.connector = connector.name, .flow = &flow});
    }
    return flows;
}

AccountReport ask(const std::string& name, const odoo::Account& account, const std::vector<EnabledFlow>& flows) {
    http::Client http(account.endpoint);
    const auto version = odoo::ask_version(http, account.timeouts);
    if (!version) return {.odoo = name, .database = account.database, .login = account.login, .error = version.error()};
    odoo::Client client(account, odoo::make_shared_session());
    auto report = check_account(account, client, *version, flows, system_clock().now_ms());
    report.odoo = name;
    return report;
}

int check_accounts(const Options& options) {
    const auto setup = setup_of(options);
    if (!setup) return exit_failed;
    json::Writer out;
    out.begin_object().key("odoo").begin_array();
    bool fine = true;
    for (const auto& [name, account] : setup->odoo) {
        if (!options.odoo.empty() && name != options.odoo) continue;
        const auto report = ask(name, account, flows_of(*setup, name));
        fine = fine && !report.error && report.lacking.empty();
        write_json(out, report);
        if (!options.json) std::cout << to_text(report);
    }
    if (options.json) std::cout << out.end_array().end_object().take() << '\n';
    return fine ? exit_done : exit_failed;
}

/// What search keys lead through is asked of the database, or of the recorded lists.
Result<contract_check::FieldLists> lists_for(const Options& options, const Setup& setup,
                                             const std::vector<EnabledFlow>& flows) {
    if (options.offline != 0) {
        const auto& lists = recorded_fields().of(options.offline);
        if (lists.version == 0)
            return fail(Failure::invalid, fmt::format("there are no lists of Odoo {}", options.offline));
        return lists;
    }
    const auto& account = options.odoo.empty() ? setup.odoo.begin()->second : setup.odoo.at(options.odoo);
    http::Client http(account.endpoint);
    const auto version = odoo::ask_version(http, account.timeouts);
    if (!version) return std::unexpected(version.error());
    odoo::Client client(account, odoo::make_shared_session());
    contract_check::FieldLists lists{.version = version->major, .source = "", .models = {}};
    std::vector<const contract::Flow*> all;
    for (const auto& one : flows) all.push_back(one.flow);
    const auto asked = contract_check::ask_needed(client, all, recorded_fields().of(version->major), lists);
    if (!asked) return std::unexpected(asked.error());
    return lists;
}

int print_rights(const Options& options) {
    if (options.group) {
        std::cout << group_csv();
        return exit_done;
    }
    const auto setup = setup_of(options);
    if (!setup) return exit_failed;
    if (options.odoo.empty() && setup->odoo.size() != 1) {
        std::cerr << "give --odoo NAME: there are several Odoo databases, or none\n";
        return exit_wrong_use;
    }
    const auto flows = flows_of(*setup, options.odoo);
    const auto lists = lists_for(options, *setup, flows);
    if (!lists) {
        std::cerr << lists.error().message << '\n';
        return exit_failed;
    }
    const auto needs = rights_of(flows, *lists);
    std::cout << (options.csv ? rights_csv(needs) : rights_table(needs));
    return exit_done;
}

}  // namespace

void add_odoo_commands(CLI::App& app, const Choose& choose) {
    auto* group =
        app.add_subcommand("odoo", "The Odoo databases and the accounts Sluice works as")->require_subcommand(1);
    const auto options = std::make_shared<Options>();
    const auto add = [&](const char* name, const char* help, int (*action)(const Options&)) {
        auto* command = group->add_subcommand(name, help);
        command->add_option("--config", options->config, "The configuration file")->required();
        command->add_option("--odoo", options->odoo, "Only this [odoo.NAME]");
        command->callback([=] { choose([=] { return action(*options); }); });
        return command;
    };
    add("check", "Say which Odoo answers, as whom, and whether the account may do what the enabled contracts need",
        check_accounts)
        ->add_flag("--json", options->json, "Print JSON");
    auto* rights = add("rights", "Print the least access rights the enabled contracts need", print_rights);
    rights->add_option("--offline", options->offline, "By the lists recorded of this version (16 to 19)");
    rights->add_flag("--csv", options->csv, "As the CSV to import into Access Rights (ir.model.access)");
    rights->add_flag("--group-csv", options->group, "The CSV to import first, into Groups (res.groups)");
}

}  // namespace sluice::host
