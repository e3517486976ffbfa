#include "host/service/pauses.hpp"

#include <fmt/format.h>

namespace sluice::host {

std::string to_string(const journal::Pause& pause) {
    return fmt::format("paused by {}: {}", pause.who, pause.reason);
}

std::map<std::string, std::string> held_of(journal::Journal& journal, const std::string& connector) {
    const auto pauses = journal.pauses();
    if (!pauses)
        return {
            {"", "the journal could not be asked what is paused (" + pauses.error().message + "); restart the host"}};
    std::map<std::string, std::string> held;
    for (const auto& pause : *pauses) {
        if (pause.connector == connector) held.emplace(pause.flow, to_string(pause));
    }
    return held;
}

std::map<std::string, std::string> configured_holds(const Connector& connector) {
    std::map<std::string, std::string> held;
    for (const auto& [flow, mode] : connector.modes) {
        if (mode == Mode::paused) held.emplace(flow, paused_by_configuration);
    }
    return held;
}

Result<void> Pauses::pause(const journal::Pause& pause) {
    const std::lock_guard lock(mutex_);
    if (auto paused = journal_.pause(pause); !paused) return paused;
    dispatcher_.hold(pause.connector, pause.flow, to_string(pause));
    return {};
}

Result<bool> Pauses::resume(const std::string& connector, const std::string& flow) {
    const std::lock_guard lock(mutex_);
    const auto resumed = journal_.resume(connector, flow);
    if (resumed) dispatcher_.release(connector, flow);
    return resumed;
}

void Pauses::add(delivery::ConnectorRun connector) {
    const std::lock_guard lock(mutex_);
    auto held = held_of(journal_, connector.plan.name);
    for (const auto& [flow, why] : connector.plan.held) {
        if (why == paused_by_configuration) held.insert_or_assign(flow, why);
    }
    connector.plan.held = std::move(held);
    dispatcher_.add(std::move(connector));
}

}  // namespace sluice::host
