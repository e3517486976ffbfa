#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include "host/cli/command_groups.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/tables.hpp"

namespace sluice::host {
namespace {

/// What a command is about.
struct Subject {
    std::string connector, flow;
    std::string path(std::string_view action) const {
        return flow.empty() ? fmt::format("/v0/connectors/{}/{}", percent_encode(connector), action)
                            : fmt::format("/v0/connectors/{}/flows/{}/{}", percent_encode(connector),
                                          percent_encode(flow), action);
    }
};

void add_trigger(CLI::App& app, const Choose& choose) {
    struct Options : Subject {
        std::string data;
        bool sweep = false;
    };
    const auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("trigger", "Start a flow of a connector of the running host now");
    command->add_option("CONNECTOR", options->connector, "The connector")->required();
    command->add_option("FLOW", options->flow, "The flow; one that watches Odoo polls, unless there is --data")
        ->required();
    auto* data = command->add_option("--data", options->data, "A file with the JSON document to start it with")
                     ->check(CLI::ExistingFile);
    command
        ->add_flag("--sweep", options->sweep,
                   "Compare every record of a flow that watches Odoo with what was seen of it, and find what is gone")
        ->excludes(data);
    add_host_command(command, choose, [options](const RunningHost& host) {
        std::string content;
        if (!options->data.empty()) {
            std::ifstream file(options->data, std::ios::binary);
            content.assign(std::istreambuf_iterator<char>(file), {});
            if (file.bad() || content.empty()) {
                std::cerr << options->data << ": there is nothing to read\n";
                return exit_failed;
            }
        }
        return host.print("POST", options->path(options->sweep ? "sweep" : "trigger"), content, render_done);
    });
}

void add_pause(CLI::App& app, const Choose& choose) {
    struct Options : Subject {
        std::string reason;
    };
    const auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand(
        "pause", "Deliver nothing of a connector or a flow until `sluice resume`, also after a restart");
    command->add_option("CONNECTOR", options->connector, "The connector")->required();
    command->add_option("FLOW", options->flow, "Only this flow of it");
    command->add_option("--reason", options->reason, "Why; sluice status shows it")->required();
    add_host_command(command, choose, [options](const RunningHost& host) {
        json::Writer body;
        body.begin_object().key("reason").string(options->reason).end_object();
        return host.print("POST", options->path("pause"), body.take(), render_done);
    });
}

void add_resume(CLI::App* command, const Choose& choose, bool with_flow) {
    const auto subject = std::make_shared<Subject>();
    command->add_option(with_flow ? "CONNECTOR" : "NAME", subject->connector, "The connector")->required();
    if (with_flow) command->add_option("FLOW", subject->flow, "Only this flow of it");
    add_host_command(command, choose, [subject](const RunningHost& host) {
        return host.print("POST", subject->path("resume"), "", render_resumed);
    });
}

}  // namespace

void add_control_commands(CLI::App& app, const Choose& choose) {
    auto* status = app.add_subcommand("status", "What the running host does");
    add_host_command(status, choose,
                     [](const RunningHost& host) { return host.print("GET", "/v0/status", "", render_status_table); });
    add_trigger(app, choose);
    add_pause(app, choose);
    add_resume(app.add_subcommand("resume", "Let a connector or a flow go on, whoever paused it"), choose, true);
    auto* connectors = app.add_subcommand("connectors", "Connectors of the running host");
    connectors->require_subcommand(1);
    add_resume(connectors->add_subcommand("resume", "The same as sluice resume"), choose, false);
}

}  // namespace sluice::host
