#include "host/cli/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>

#include "core/json/json.hpp"
#include "host/admin/query.hpp"
#include "host/cli/admin_client.hpp"
#include "host/cli/check.hpp"
#include "host/cli/journal_verify.hpp"
#include "host/cli/run.hpp"
#include "host/cli/show_text.hpp"
#include "host/cli/tables.hpp"
#include "host/config/configuration.hpp"
#include "host/service/status.hpp"

namespace sluice::host {
namespace {

/// What the options of all commands fill in.
struct Options {
    std::string config, socket, connector, state, reason, name, flow, data;
    std::int64_t seq = 0, after = 0;
    int limit = 50;
    bool json = false, sweep = false;
};

/// A check of CLI11's: what is wrong, or nothing.
std::string is_event_number(const std::string& text) {
    return parse_seq(text) ? "" : fmt::format("`{}` is no event's number", text);
}

std::optional<std::string> socket_of(const Options& options) {
    if (!options.socket.empty()) return options.socket;
    const auto parsed = load_configuration(options.config);
    // A mistake elsewhere in the file must not keep an operator from a host that runs.
    if (parsed.readable) return parsed.configuration.host.admin_socket.string();
    for (const auto& problem : parsed.problems) std::cerr << problem.to_string() << '\n';
    return {};
}

using Render = std::string (*)(const json::Value& answer);

/// Asks the host and prints what it says, as JSON or as `render` puts it.
int ask(const Options& options, std::string_view method, const std::string& target, const std::string& body,
        Render render) {
    const auto socket = socket_of(options);
    if (!socket) return exit_failed;
    const auto answer = ask_admin(*socket, method, target, body);
    if (!answer) {
        std::cerr << answer.error().message << '\n';
        return exit_failed;
    }
    const auto document = json::Document::parse(answer->body);
    if (!document) {
        std::cerr << "the host's answer is no JSON: " << document.error().message << '\n';
        return exit_failed;
    }
    if (answer->status != 200) {
        const auto error = document->root().find("error");
        std::cerr << (error ? std::string(error->text()) : fmt::format("the host answered {}", answer->status)) << '\n';
        return exit_failed;
    }
    std::cout << (options.json ? answer->body + "\n" : render(document->root()));
    return exit_done;
}

std::string list_target(std::string_view path, const Options& options) {
    auto target = fmt::format("{}?limit={}", path, options.limit);
    if (options.after > 0) target += fmt::format("&after={}", options.after);
    if (!options.connector.empty()) target += "&connector=" + percent_encode(options.connector);
    if (!options.state.empty()) target += "&state=" + percent_encode(options.state);
    return target;
}

std::string render_done(const json::Value& answer) {
    const auto word = answer.find("done");
    const auto seq = answer.find("seq");
    const auto connector = answer.find("connector");
    return fmt::format("{} {}\n", seq ? "event " + std::string(seq->text()) : std::string(connector->text()),
                       word ? word->text() : "done");
}

class CommandLine {
public:
    CommandLine() : app_("Sluice moves records between Odoo and the systems around it.", "sluice") {
        app_.set_version_flag("--version", "sluice " + std::string(program_version()));
        app_.require_subcommand(1);
        config_command("run", "Run the host in the foreground; SIGTERM or SIGINT ends it in order",
                       [this] { return run_host(options_.config); });
        config_command("check", "Say all that is wrong with a configuration, its plugins and secrets",
                       [this] { return check_configuration(options_.config); });
        auto* status = app_.add_subcommand("status", "What the running host does");
        admin_command(status, [this] { return ask(options_, "GET", "/v0/status", "", render_status_table); });
        events();
        dead_letters();
        trigger();
        add_journal_commands(app_, [this](std::function<int()> action) { action_ = std::move(action); });
        auto* connectors = app_.add_subcommand("connectors", "Connectors of the running host");
        connectors->require_subcommand(1);
        auto* resume = connectors->add_subcommand("resume", "Let a paused connector go on");
        resume->add_option("NAME", options_.name, "The connector")->required();
        admin_command(resume, [this] {
            return ask(options_, "POST", "/v0/connectors/" + percent_encode(options_.name) + "/resume", "",
                       render_done);
        });
    }

    int run(int argc, const char* const* argv) {
        try {
            app_.parse(argc, argv);
        } catch (const CLI::ParseError& error) {
            return app_.exit(error) == 0 ? exit_done : exit_wrong_use;
        }
        return action_ ? action_() : exit_wrong_use;
    }

private:
    void config_command(const std::string& name, const std::string& help, std::function<int()> action) {
        auto* command = app_.add_subcommand(name, help);
        command->add_option("--config", options_.config, "The configuration file")->required();
        command->callback([this, action = std::move(action)] { action_ = action; });
    }

    void admin_command(CLI::App* command, std::function<int()> action) {
        auto* where = command->add_option_group("host", "Which running host is meant");
        where->add_option("--config", options_.config, "The configuration file the host runs with");
        where->add_option("--socket", options_.socket, "Its admin socket");
        where->require_option(1);
        command->add_flag("--json", options_.json, "Print the host's answer as JSON");
        command->callback([this, action = std::move(action)] { action_ = action; });
    }

    void list_command(CLI::App* group, const std::string& path, const std::string& states) {
        auto* list = group->add_subcommand("list", "List them, the oldest first");
        list->add_option("--connector", options_.connector, "Only of this connector");
        list->add_option("--state", options_.state, "Only in this state: " + states);
        list->add_option("--after", options_.after, "Only after this event's number")->check(is_event_number);
        list->add_option("--limit", options_.limit, "At most so many, 50 by default")->check(CLI::Range(1, 1000));
        admin_command(list,
                      [this, path] { return ask(options_, "GET", list_target(path, options_), "", render_list); });
    }

    void trigger() {
        auto* command = app_.add_subcommand("trigger", "Start a flow of a connector of the running host now");
        command->add_option("CONNECTOR", options_.name, "The connector")->required();
        command->add_option("FLOW", options_.flow, "The flow; one that watches Odoo polls, unless there is --data")
            ->required();
        auto* data_option =
            command->add_option("--data", options_.data, "A file with the JSON document to start it with")
                ->check(CLI::ExistingFile);
        command
            ->add_flag("--sweep", options_.sweep,
                       "Compare every record of a flow that watches Odoo with what was seen of it, and find what "
                       "is gone")
            ->excludes(data_option);
        admin_command(command, [this] {
            std::string data;
            if (!options_.data.empty()) {
                std::ifstream file(options_.data, std::ios::binary);
                data.assign(std::istreambuf_iterator<char>(file), {});
                if (file.bad() || data.empty()) {
                    std::cerr << options_.data << ": there is nothing to read\n";
                    return exit_failed;
                }
            }
            return ask(options_, "POST",
                       fmt::format("/v0/connectors/{}/flows/{}/{}", percent_encode(options_.name),
                                   percent_encode(options_.flow), options_.sweep ? "sweep" : "trigger"),
                       data, render_done);
        });
    }

    CLI::App* one_command(CLI::App* group, const std::string& name, const std::string& help) {
        auto* command = group->add_subcommand(name, help);
        command->add_option("SEQ", options_.seq, "The event's number")->required()->check(is_event_number);
        return command;
    }

    void show_command(CLI::App* group, const std::string& path) {
        admin_command(one_command(group, "show", "Show one with its attempts, headers and payload"), [this, path] {
            return ask(options_, "GET", fmt::format("{}/{}", path, options_.seq), "", render_show);
        });
    }

    void events() {
        auto* group = app_.add_subcommand("events", "Events in the journal of the running host");
        group->require_subcommand(1);
        list_command(group, "/v0/events", "ready, waiting, claimed, done, dead, discarded");
        show_command(group, "/v0/events");
    }

    void dead_letters() {
        auto* group = app_.add_subcommand("dead-letters", "Events that a person must look at");
        group->require_subcommand(1);
        list_command(group, "/v0/dead-letters", "dead, discarded");
        show_command(group, "/v0/dead-letters");
        admin_command(one_command(group, "replay", "Deliver it again, once its cause is gone"), [this] {
            return ask(options_, "POST", fmt::format("/v0/dead-letters/{}/replay", options_.seq), "", render_done);
        });
        auto* discard = one_command(group, "discard", "Put it aside and let later events of its key go on");
        discard->add_option("--reason", options_.reason, "Why; it is kept with the event")->required();
        admin_command(discard, [this] {
            return ask(options_, "POST", fmt::format("/v0/dead-letters/{}/discard", options_.seq),
                       json::Writer().begin_object().key("reason").string(options_.reason).end_object().take(),
                       render_done);
        });
    }

    CLI::App app_;
    Options options_;
    std::function<int()> action_;
};

}  // namespace

int run_command_line(int argc, const char* const* argv) {
    return CommandLine().run(argc, argv);
}

}  // namespace sluice::host
