#include <fmt/format.h>

#include <memory>

#include "host/cli/command_groups.hpp"
#include "host/cli/dry_run_text.hpp"
#include "host/cli/show_text.hpp"
#include "host/cli/tables.hpp"

namespace sluice::host {
namespace {

struct ListOptions {
    std::string connector, flow, fingerprint, state;
    std::int64_t after = 0;
    int limit = 50;
};

std::string list_target(std::string_view path, const ListOptions& options) {
    auto target = fmt::format("{}?limit={}", path, options.limit);
    if (options.after > 0) target += fmt::format("&after={}", options.after);
    for (const auto& [name, value] : {std::pair("connector", options.connector),
                                      {"flow", options.flow},
                                      {"fingerprint", options.fingerprint},
                                      {"state", options.state}}) {
        if (!value.empty()) target += fmt::format("&{}={}", name, percent_encode(value));
    }
    return target;
}

}  // namespace

void add_list_command(CLI::App* group, const Choose& choose, const std::string& path, const std::string& states,
                      bool by_cause) {
    const auto options = std::make_shared<ListOptions>();
    auto* list = group->add_subcommand("list", "List them, the oldest first");
    list->add_option("--connector", options->connector, "Only of this connector");
    list->add_option("--flow", options->flow, "Only of this flow");
    if (by_cause) list->add_option("--group", options->fingerprint, "Only of this cause (dead-letters groups)");
    list->add_option("--state", options->state, "Only in this state: " + states);
    add_event_number(list, "--after", options->after, "Only after this event's number");
    list->add_option("--limit", options->limit, "At most so many, 50 by default")->check(CLI::Range(1, 1000));
    add_host_command(list, choose, [options, path](const RunningHost& host) {
        return host.print("GET", list_target(path, *options), "", render_list);
    });
}

void add_show_command(CLI::App* group, const Choose& choose, const std::string& path) {
    const auto seq = std::make_shared<std::int64_t>(0);
    auto* show = group->add_subcommand("show", "Show one with its attempts, headers and payload");
    add_event_number(show, "SEQ", *seq, "The event's number")->required();
    add_host_command(show, choose, [seq, path](const RunningHost& host) {
        return host.print("GET", fmt::format("{}/{}", path, *seq), "", render_show);
    });
}

void add_event_commands(CLI::App& app, const Choose& choose) {
    auto* group = app.add_subcommand("events", "Events in the journal of the running host");
    group->require_subcommand(1);
    add_list_command(group, choose, "/v0/events", "ready, waiting, claimed, done, dead, discarded, superseded", false);
    add_show_command(group, choose, "/v0/events");
    const auto seq = std::make_shared<std::int64_t>(0);
    auto* dry_run = group->add_subcommand("dry-run", "Show what a delivery of it would do now; nothing is written");
    add_event_number(dry_run, "SEQ", *seq, "The event's number")->required();
    add_host_command(dry_run, choose, [seq](const RunningHost& host) {
        return host.print("POST", fmt::format("/v0/events/{}/dry-run", *seq), "", render_dry_run,
                          admin_dry_run_timeout_ms);
    });
}

}  // namespace sluice::host
