#include "host/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "host/cli/check.hpp"
#include "host/cli/command_groups.hpp"
#include "host/cli/journal_verify.hpp"
#include "host/cli/run.hpp"
#include "host/service/status.hpp"

namespace sluice::host {
namespace {

class CommandLine {
public:
    CommandLine() : app_("Sluice moves records between Odoo and the systems around it.", "sluice") {
        app_.set_version_flag("--version", "sluice " + std::string(program_version()));
        app_.require_subcommand(1);
        config_command("run", "Run the host in the foreground; SIGTERM or SIGINT ends it in order", run_host);
        config_command("check", "Say all that is wrong with a configuration, its plugins and secrets",
                       check_configuration);
        const Choose choose = [this](std::function<int()> action) { action_ = std::move(action); };
        add_contract_commands(app_, choose);
        add_event_commands(app_, choose);
        add_dead_letter_commands(app_, choose);
        add_control_commands(app_, choose);
        add_journal_commands(app_, choose);
        add_contract_check_command(app_, choose);
        add_odoo_commands(app_, choose);
        add_shadow_commands(app_, choose);
        add_reconcile_commands(app_, choose);
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
    void config_command(const std::string& name, const std::string& help,
                        std::function<int(const std::filesystem::path&)> action) {
        auto* command = app_.add_subcommand(name, help);
        command->add_option("--config", config_, "The configuration file")->required();
        command->callback([this, action = std::move(action)] { action_ = [this, action] { return action(config_); }; });
    }

    CLI::App app_;
    std::string config_;
    std::function<int()> action_;
};

}  // namespace

int run_command_line(int argc, const char* const* argv) {
    return CommandLine().run(argc, argv);
}

}  // namespace sluice::host
