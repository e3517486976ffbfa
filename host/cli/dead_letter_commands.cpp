#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <thread>

#include "core/schedule/duration.hpp"
#include "host/cli/command_groups.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/dead_letter_steps.hpp"
#include "host/cli/dry_run_text.hpp"
#include "host/cli/payload_edit.hpp"
#include "host/cli/tables.hpp"

namespace sluice::host {
namespace {

/// One event, or a selection of them.
struct Which : Selection {
    std::int64_t seq = 0;
    /// "" where one thing is meant.
    std::string problem() const {
        if (seq != 0 && !is_empty()) return "give an event's number, or which ones are meant, not both";
        if (seq != 0) return "";
        if (fingerprint.empty() && !all)
            return "say which: an event's number, --group FINGERPRINT (sluice dead-letters groups), or --all-matching";
        return "";
    }
};

void add_which(CLI::App* command, Which& which) {
    add_event_number(command, "SEQ", which.seq, "The event's number");
    auto* group = command->add_option("--group", which.fingerprint, "A line of dead-letters groups");
    command->add_flag("--all-matching", which.all, "All of the connector and flow given, whatever their cause")
        ->excludes(group);
    command->add_option("--connector", which.connector,
                        "With these: only of this connector (needed where a cause is a line of several)");
    command->add_option("--flow", which.flow, "With these: only of this flow");
}

int wrong_use(const std::string& what) {
    std::cerr << what << '\n';
    return exit_wrong_use;
}

/// With --json what goes on is told on the standard error, and the sum on the output.
DeadLetterSteps steps_of(const RunningHost& host) {
    return {[&host](std::string_view method, const std::string& target, const std::string& body) {
                return host.ask(method, target, body);
            },
            [](std::int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); },
            host.json() ? std::cerr : std::cout, std::cerr};
}

int sum_up(const DeadLetterSteps& steps, const RunningHost& host, int status) {
    if (host.json()) std::cout << steps.summary() << '\n';
    return status;
}

void add_groups(CLI::App* group, const Choose& choose) {
    const auto which = std::make_shared<Selection>();
    auto* command = group->add_subcommand("groups", "List their causes, the most frequent first");
    command->add_option("--connector", which->connector, "Only of this connector");
    command->add_option("--flow", which->flow, "Only of this flow");
    add_host_command(command, choose, [which](const RunningHost& host) {
        return host.print("GET",
                          fmt::format("/v0/dead-letters/groups?limit=1000{}{}",
                                      which->connector.empty() ? "" : "&connector=" + percent_encode(which->connector),
                                      which->flow.empty() ? "" : "&flow=" + percent_encode(which->flow)),
                          "", render_groups_table);
    });
}

struct ReplayOptions : Which {
    bool dry_run = false, canary_only = false, at_once = false;
    std::string timeout = "10m";
};

int replay(const ReplayOptions& options, const RunningHost& host) {
    if (const auto wrong = options.problem(); !wrong.empty()) return wrong_use(wrong);
    if (options.seq != 0) {
        if (options.canary_only || options.at_once) return wrong_use("one event needs no canary");
        if (options.dry_run)
            return host.print("POST", fmt::format("/v0/dead-letters/{}/dry-run", options.seq), "", render_dry_run,
                              admin_dry_run_timeout_ms);
        return host.print("POST", fmt::format("/v0/dead-letters/{}/replay", options.seq), "", render_done);
    }
    if (options.dry_run) return wrong_use("a dry run is of one event: give its number");
    const auto timeout_ms = schedule::parse_duration(options.timeout);
    if (!timeout_ms) return wrong_use("--timeout: " + timeout_ms.error());
    const auto canary = options.at_once       ? DeadLetterSteps::Canary::none
                        : options.canary_only ? DeadLetterSteps::Canary::only
                                              : DeadLetterSteps::Canary::first;
    auto steps = steps_of(host);
    const int status = steps.replay(options, canary, *timeout_ms);
    return sum_up(steps, host, status);
}

void add_replay(CLI::App* group, const Choose& choose) {
    const auto options = std::make_shared<ReplayOptions>();
    auto* command = group->add_subcommand(
        "replay", "Deliver again, once the cause is gone: of several the oldest first, and the rest if it ends done");
    add_which(command, *options);
    command->add_flag("--dry-run", options->dry_run, "Show what a delivery would do now; nothing is written");
    auto* only = command->add_flag("--canary-only", options->canary_only, "Of several the oldest alone");
    command->add_flag("--all", options->at_once, "Of several all at once, without a canary")->excludes(only);
    command->add_option("--timeout", options->timeout, "How long the canary may take, 10m by default");
    add_host_command(command, choose, [options](const RunningHost& host) { return replay(*options, host); });
}

struct DiscardOptions : Which {
    std::string reason;
    bool yes = false;
};

/// Nobody is asked where nobody could answer.
bool confirmed(std::int64_t number) {
    std::cerr << fmt::format("discard {} dead letters for good? Type yes: ", number) << std::flush;
    std::string answer;
    return std::getline(std::cin, answer) && answer == "yes";
}

int discard(DiscardOptions options, const RunningHost& host) {
    if (const auto wrong = options.problem(); !wrong.empty()) return wrong_use(wrong);
    if (options.seq != 0) {
        json::Writer body;
        body.begin_object().key("reason").string(options.reason).end_object();
        return host.print("POST", fmt::format("/v0/dead-letters/{}/discard", options.seq), body.take(), render_done);
    }
    auto steps = steps_of(host);
    if (!options.yes) {
        const auto number = steps.count(options);
        if (!number) return exit_failed;
        if (::isatty(STDIN_FILENO) == 0)
            return wrong_use(fmt::format("{} dead letters would be discarded; add --yes", *number));
        if (!confirmed(*number)) return wrong_use("nothing was discarded");
    }
    const int status = steps.discard(options, options.reason);
    return sum_up(steps, host, status);
}

void add_discard(CLI::App* group, const Choose& choose) {
    const auto options = std::make_shared<DiscardOptions>();
    auto* command = group->add_subcommand("discard", "Put aside for good, and let later events of their keys go on");
    add_which(command, *options);
    command->add_option("--reason", options->reason, "Why; it is kept with each event")->required();
    command->add_flag("--yes", options->yes, "Of several: do not ask");
    add_host_command(command, choose, [options](const RunningHost& host) { return discard(*options, host); });
}

void add_edit(CLI::App* group, const Choose& choose) {
    struct Options : PayloadEdit {
        std::int64_t seq = 0;
        std::string file;
    };
    const auto options = std::make_shared<Options>();
    auto* command = group->add_subcommand(
        "edit", "Give one another payload for its replay; the one that came is kept, with who changed it and why");
    add_event_number(command, "SEQ", options->seq, "The event's number")->required();
    command->add_option("--set", options->set, "POINTER=JSON: another value in its place, all else byte for byte")
        ->allow_extra_args(false);
    command->add_option("--remove", options->remove, "POINTER: without this member or element")
        ->allow_extra_args(false);
    command->add_option("--payload", options->file, "A file with the whole payload instead")->check(CLI::ExistingFile);
    command->add_option("--reason", options->reason, "Why; it is kept with the event")->required();
    command->add_flag("--replay", options->replay, "Deliver it again at once");
    add_host_command(command, choose, [options](const RunningHost& host) {
        if (!options->file.empty()) {
            std::ifstream file(options->file, std::ios::binary);
            options->payload.assign(std::istreambuf_iterator<char>(file), {});
            if (file.bad() || options->payload.empty()) return wrong_use(options->file + ": there is nothing to read");
        }
        const auto body = edit_body(*options);
        if (!body) return wrong_use(body.error().message);
        return host.print("POST", fmt::format("/v0/dead-letters/{}/edit", options->seq), *body, render_done);
    });
}

}  // namespace

void add_dead_letter_commands(CLI::App& app, const Choose& choose) {
    auto* group = app.add_subcommand("dead-letters", "Events that a person must look at");
    group->require_subcommand(1);
    add_groups(group, choose);
    add_list_command(group, choose, "/v0/dead-letters", "dead, discarded", true);
    add_show_command(group, choose, "/v0/dead-letters");
    add_replay(group, choose);
    add_discard(group, choose);
    add_edit(group, choose);
}

}  // namespace sluice::host
