#include <fmt/format.h>

#include <iostream>
#include <iterator>
#include <memory>

#include "core/base/text.hpp"
#include "core/review/page.hpp"
#include "host/cli/command_groups.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/contract_changes.hpp"
#include "host/cli/contract_choice.hpp"
#include "host/cli/contract_listing.hpp"
#include "host/cli/contract_test_runner.hpp"
#include "host/cli/trial_text.hpp"
#include "host/config/read_file.hpp"

namespace sluice::host {
namespace {

int failed(const std::string& what) {
    std::cerr << what << '\n';
    return exit_failed;
}

struct TryOptions : ContractChoice {
    std::string flow, file;
    bool json = false;
};

int try_document(const TryOptions& options) {
    const auto chosen = choose_contract(options);
    if (!chosen) return exit_failed;
    const auto& flows = chosen->text.contract.flows;
    const auto flow = flows.find(options.flow);
    if (flow == flows.end()) {
        std::vector<std::string> names;
        for (const auto& [name, each] : flows) names.push_back(name);
        const auto near = did_you_mean(options.flow, names);
        return failed(fmt::format("contract `{}` has no flow `{}`{}", chosen->text.contract.name, options.flow,
                                  near.empty() ? "; it has " + list_names(names) : near));
    }
    if (!flow->second.record && !flow->second.document)
        return failed(
            fmt::format("the flow `{}` declares no record and no document: the plugin maps by itself", options.flow));
    const auto bytes = options.file == "-"
                           ? Result<std::string>(std::string(std::istreambuf_iterator<char>(std::cin), {}))
                           : read_file(options.file);
    if (!bytes) return failed(bytes.error().message);
    const auto document = json::Document::parse(*bytes);
    if (!document) return failed(fmt::format("{}: {}", options.file, document.error().message));
    const auto fail = [&](const std::vector<mapping::Broken>& broken) {
        if (options.json)
            std::cout << broken_to_json(flow->second, broken);
        else
            std::cerr << render_broken(broken);
        return exit_failed;
    };
    if (flow->second.document) {
        const auto sent = mapping::map_document(flow->second, document->root(), chosen->config, chosen->hooks);
        if (!sent) return fail(sent.error());
        const auto made = json::Document::parse(*sent);
        if (!made) return failed(made.error().message);
        const auto render = options.json ? document_trial_to_json : render_document_trial;
        std::cout << render(chosen->text, flow->second, document->root(), chosen->config, made->root());
        return exit_done;
    }
    const auto record = mapping::map_record(flow->second, document->root(), chosen->config, chosen->hooks);
    if (!record) return fail(record.error());
    const auto render = options.json ? trial_to_json : render_trial;
    std::cout << render(chosen->text, flow->second, document->root(), chosen->config, *record);
    return exit_done;
}

void add_try(CLI::App* group, const Choose& choose) {
    const auto options = std::make_shared<TryOptions>();
    auto* command = group->add_subcommand(
        "try", "Show the record a document becomes, with the source of every field, or every rule it breaks");
    command->add_option("FLOW", options->flow, "The flow")->required();
    command->add_option("FILE", options->file, "The document, as the trigger would deliver it; - is the standard input")
        ->required();
    add_contract_options(command, *options, true);
    command->add_flag("--json", options->json, "As JSON");
    command->callback([choose, options] { choose([options] { return try_document(*options); }); });
}

void add_test(CLI::App* group, const Choose& choose) {
    const auto path = std::make_shared<std::string>();
    auto* command = group->add_subcommand("test", "Run the tests beside contracts: a document in, a record out");
    command->add_option("PATH", *path, "A *.test.toml, or a folder with some in it")->required();
    command->callback([choose, path] { choose([path] { return run_contract_tests(*path, std::cout, std::cerr); }); });
}

struct DiffOptions {
    std::string before, after;
    bool json = false;
};

int diff(const DiffOptions& options) {
    const auto before = read_contract_file(options.before);
    const auto after = read_contract_file(options.after);
    if (!before || !after) return exit_failed;
    const auto changes = review::changes(*before, *after);
    const auto honesty = review::judge_version(before->contract, after->contract, changes);
    const auto render = options.json ? changes_to_json : render_changes;
    std::cout << render(*before, *after, changes, honesty);
    return honesty.honest ? exit_done : exit_failed;
}

void add_diff(CLI::App* group, const Choose& choose) {
    const auto options = std::make_shared<DiffOptions>();
    auto* command = group->add_subcommand(
        "diff", "Say what changed between two contracts, and fail where the version number does not say so");
    command->add_option("OLD", options->before, "The older contract's file")->required();
    command->add_option("NEW", options->after, "The newer one's")->required();
    command->add_flag("--json", options->json, "As JSON");
    command->callback([choose, options] { choose([options] { return diff(*options); }); });
}

struct DocsOptions {
    std::string contract, extension;
    bool html = false;
};

int docs(const DocsOptions& options) {
    const auto text = read_contract_file(options.contract, options.extension);
    if (!text) return exit_failed;
    const auto page = review::make_page(*text);
    const auto title = fmt::format("Contract {} {}", text->contract.name, text->contract.version);
    std::cout << (options.html ? review::to_html(page, title) : review::to_markdown(page));
    return exit_done;
}

void add_docs(CLI::App* group, const Choose& choose) {
    const auto options = std::make_shared<DocsOptions>();
    auto* command = group->add_subcommand("docs", "Print a page about a contract that a business person can sign");
    command->add_option("CONTRACT", options->contract, "The contract's file")->required();
    command->add_option("--extension", options->extension, "An extension's file");
    command->add_flag("--html", options->html, "As one HTML file instead of Markdown");
    command->callback([choose, options] { choose([options] { return docs(*options); }); });
}

int show(const ContractChoice& options) {
    const auto chosen = choose_contract(options);
    if (!chosen) return exit_failed;
    std::cout << render_contract(chosen->text);
    return exit_done;
}

void add_show(CLI::App* group, const Choose& choose) {
    const auto options = std::make_shared<ContractChoice>();
    auto* command = group->add_subcommand(
        "show", "Print a contract as it runs, its extension laid over it, with the file and line of every value");
    command->add_option("CONNECTOR", options->connector, "The connector of the configuration whose contract is meant");
    add_contract_options(command, *options, false);
    command->callback([choose, options] { choose([options] { return show(*options); }); });
}

}  // namespace

void add_contract_commands(CLI::App& app, const Choose& choose) {
    auto* group = app.add_subcommand("contract", "What a contract says and does, without a host or an Odoo");
    group->require_subcommand(1);
    add_try(group, choose);
    add_test(group, choose);
    add_diff(group, choose);
    add_show(group, choose);
    add_docs(group, choose);
}

}  // namespace sluice::host
