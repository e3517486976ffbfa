#include "host/cli/running_host.hpp"

#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "host/admin/query.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/tables.hpp"
#include "host/config/configuration.hpp"

namespace sluice::host {

std::optional<std::string> RunningHost::socket() const {
    if (!options_.socket.empty()) return options_.socket;
    const auto parsed = load_configuration(options_.config);
    // A mistake elsewhere in the file must not keep an operator from a host that runs.
    if (parsed.readable) return parsed.configuration.host.admin_socket.string();
    for (const auto& problem : parsed.problems) std::cerr << problem.to_string() << '\n';
    return {};
}

std::optional<json::Document> RunningHost::ask(std::string_view method, const std::string& target,
                                               const std::string& body, std::int64_t timeout_ms) const {
    const auto where = socket();
    if (!where) return {};
    const auto answer = ask_admin(*where, method, target, body, timeout_ms);
    if (!answer) {
        std::cerr << answer.error().message << '\n';
        return {};
    }
    auto document = json::Document::parse(answer->body);
    if (!document) {
        std::cerr << "the host's answer is no JSON: " << document.error().message << '\n';
        return {};
    }
    if (answer->status == 200) return std::move(*document);
    const auto error = document->root().find("error");
    std::cerr << (error ? std::string(error->text()) : fmt::format("the host answered {}", answer->status)) << '\n';
    return {};
}

int RunningHost::print(std::string_view method, const std::string& target, const std::string& body, Render render,
                       std::int64_t timeout_ms) const {
    const auto answer = ask(method, target, body, timeout_ms);
    if (!answer) return exit_failed;
    std::cout << (json() ? std::string(answer->root().raw()) + "\n" : render(answer->root()));
    return exit_done;
}

void add_host_command(CLI::App* command, const Choose& choose, std::function<int(const RunningHost&)> action) {
    const auto options = std::make_shared<RunningHost::Options>();
    auto* where = command->add_option_group("host", "Which running host is meant");
    where->add_option("--config", options->config, "The configuration file the host runs with");
    where->add_option("--socket", options->socket, "Its admin socket");
    where->require_option(1);
    command->add_flag("--json", options->json, "Print the host's answer as JSON");
    command->callback([choose, options, action = std::move(action)] {
        choose([options, action] { return action(RunningHost(*options)); });
    });
}

CLI::Option* add_event_number(CLI::App* command, const std::string& name, std::int64_t& number,
                              const std::string& help) {
    return command->add_option(name, number, help)->check([](const std::string& text) {
        return parse_seq(text) ? "" : fmt::format("`{}` is no event's number", text);
    });
}

std::string render_done(const json::Value& answer) {
    const auto seq = text_of(answer, "seq");
    const auto flow = text_of(answer, "flow");
    auto subject = seq.empty() ? text_of(answer, "connector") : "event " + seq;
    if (!flow.empty()) subject += " " + flow;
    return fmt::format("{} {}\n", subject, text_of(answer, "done"));
}

}  // namespace sluice::host
