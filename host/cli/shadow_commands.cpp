// `sluice shadow report`

#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "core/journal/types.hpp"
#include "host/cli/command_groups.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/shadow_report.hpp"
#include "host/cli/tables.hpp"

namespace sluice::host {
namespace {

struct Options {
    std::string connector, flow;
};

int report(const RunningHost& host, const Options& options) {
    ShadowReport counted;
    std::int64_t after = 0;
    while (true) {
        const auto page = host.ask("GET", fmt::format("/v0/events?state=done&connector={}&flow={}&after={}&limit={}",
                                                      percent_encode(options.connector), percent_encode(options.flow),
                                                      after, journal::max_listed_events));
        if (!page) return exit_failed;
        const auto events = page->root().find("events");
        for (std::size_t i = 0; events && i < events->size(); ++i) {
            const auto event = events->at(i);
            counted.add(text_of(event, "connector"), text_of(event, "flow"), number_of(event, "seq"),
                        text_of(event, "outcome"));
        }
        const auto next = page->root().find("next");
        if (!next || next->is_null()) break;
        after = number_of(page->root(), "next");
    }
    std::cout << (host.json() ? counted.json() + "\n" : counted.text());
    return exit_done;
}

}  // namespace

void add_shadow_commands(CLI::App& app, const Choose& choose) {
    auto* group = app.add_subcommand("shadow", "Flows in shadow mode")->require_subcommand(1);
    const auto options = std::make_shared<Options>();
    auto* command = group->add_subcommand(
        "report", "Count what flows in shadow mode would have written, and how that differs from what was there");
    command->add_option("CONNECTOR", options->connector, "Only this connector");
    command->add_option("FLOW", options->flow, "Only this flow of it");
    add_host_command(command, choose, [options](const RunningHost& host) { return report(host, *options); });
}

}  // namespace sluice::host
