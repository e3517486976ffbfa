// `sluice reconcile start` and `report`

#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "host/cli/command_groups.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/reconcile_report.hpp"
#include "host/cli/tables.hpp"

namespace sluice::host {
namespace {

struct Options {
    std::string connector, flow, from, to, repair;

    std::string path() const {
        return fmt::format("/v0/connectors/{}/flows/{}/reconcile", percent_encode(connector), percent_encode(flow));
    }
};

void add_subject(CLI::App* command, Options& options) {
    command->add_option("CONNECTOR", options.connector, "The connector")->required();
    command->add_option("FLOW", options.flow, "The flow; its contract declares [flow.NAME.reconcile]")->required();
}

int start(const RunningHost& host, const Options& options) {
    json::Writer body;
    body.begin_object();
    for (const auto& [key, value] :
         {std::pair{"from", &options.from}, {"to", &options.to}, {"repair", &options.repair}})
        if (!value->empty()) body.key(key).string(*value);
    body.end_object();
    return host.print("POST", options.path(), body.take(), render_done);
}

int report(const RunningHost& host, const Options& options) {
    json::Writer all;
    std::string text;
    for (std::int64_t page = 0;;) {
        const auto answer = host.ask("GET", fmt::format("{}?after={}", options.path(), page));
        if (!answer) return exit_failed;
        const auto root = answer->root();
        const auto run = root.find("run"), findings = root.find("findings"), next = root.find("next");
        if (page == 0) {
            all.begin_object().key("run").raw(run ? run->raw() : "null").key("findings").begin_array();
            text = render_reconcile_run(options.connector + " " + options.flow, root);
        }
        for (std::size_t i = 0; findings && i < findings->size(); ++i) all.raw(findings->at(i).raw());
        text += render_findings(root);
        if (!next || next->is_null()) break;
        page = number_of(root, "next");
    }
    all.end_array().end_object();
    std::cout << (host.json() ? all.take() + "\n" : text);
    return exit_done;
}

}  // namespace

void add_reconcile_commands(CLI::App& app, const Choose& choose) {
    auto* group =
        app.add_subcommand("reconcile", "Hold a flow's records against the other system's")->require_subcommand(1);
    const auto given = std::make_shared<Options>();
    auto* begin = group->add_subcommand("start", "Compare what changed on either side in a period");
    add_subject(begin, *given);
    begin->add_option("--from", given->from,
                      "The period's start, a day or a time (2026-01-31T08:00:00Z); the contract's period by default");
    begin->add_option("--to", given->to, "Its end; five minutes ago by default");
    begin
        ->add_option("--repair", given->repair,
                     "What is written again: missed (missing and stale records), all (also what was changed in Odoo)")
        ->check(CLI::IsMember({"none", "missed", "all"}));
    add_host_command(begin, choose, [given](const RunningHost& host) { return start(host, *given); });

    const auto asked = std::make_shared<Options>();
    auto* told = group->add_subcommand("report", "Where the last one stands, and what it has found");
    add_subject(told, *asked);
    add_host_command(told, choose, [asked](const RunningHost& host) { return report(host, *asked); });
}

}  // namespace sluice::host
