#pragma once
// A running host as the commands see it.

#include <CLI/CLI.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/json/json.hpp"
#include "host/cli/admin_client.hpp"

namespace sluice::host {

/// Says what the program does once all options are read.
using Choose = std::function<void(std::function<int()>)>;

/// Asks a host over its admin socket. Whatever goes wrong is told on the standard error.
class RunningHost {
public:
    struct Options {
        std::string config, socket;
        bool json = false;
    };
    explicit RunningHost(Options options) : options_(std::move(options)) {}

    /// Whether the answer is wanted as the host gives it.
    bool json() const { return options_.json; }
    /// The host's answer; nothing where there is none, or it is an error.
    std::optional<json::Document> ask(std::string_view method, const std::string& target, const std::string& body = {},
                                      std::int64_t timeout_ms = admin_timeout_ms) const;

    using Render = std::string (*)(const json::Value& answer);
    /// Asks and prints, as JSON or as `render` puts it. The exit status.
    int print(std::string_view method, const std::string& target, const std::string& body, Render render,
              std::int64_t timeout_ms = admin_timeout_ms) const;

private:
    std::optional<std::string> socket() const;

    Options options_;
};

/// Gives a command --config, --socket and --json, and lets it run `action` with the host they name.
void add_host_command(CLI::App* command, const Choose& choose, std::function<int(const RunningHost&)> action);

/// An option or argument that is an event's number.
CLI::Option* add_event_number(CLI::App* command, const std::string& name, std::int64_t& number,
                              const std::string& help);

/// "event 12 replayed", "shop paused"
std::string render_done(const json::Value& answer);

}  // namespace sluice::host
