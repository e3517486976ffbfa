#pragma once
// Operators' pauses: durable in the journal, in force in the dispatcher.

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/delivery/lanes.hpp"
#include "core/journal/journal.hpp"
#include "host/plugins/plugin_handler.hpp"

namespace sluice::host {

/// "paused by admin: stock take"
std::string to_string(const journal::Pause& pause);

/// What is paused of a connector, as its plan says it before anything is claimed. Where the journal cannot tell,
/// everything is: a pause that is overlooked cannot be made up for.
std::map<std::string, std::string> held_of(journal::Journal& journal, const std::string& connector);

/// Why a flow is held whose mode is paused; resume() does not end it.
inline constexpr std::string_view paused_by_configuration = "paused by the configuration (mode)";
/// The flows that are.
std::map<std::string, std::string> configured_holds(const Connector& connector);

/// Any thread. The journal and the dispatcher outlive it.
class Pauses {
public:
    Pauses(journal::Journal& journal, delivery::Dispatcher& dispatcher) : journal_(journal), dispatcher_(dispatcher) {}

    /// Durable when it returns, and in force from the next claim on.
    Result<void> pause(const journal::Pause& pause);
    /// False where there was none.
    Result<bool> resume(const std::string& connector, const std::string& flow);
    /// Dispatcher::add() with what is paused, by the configuration (in the plan) or by people: no pause that comes
    /// meanwhile is lost.
    void add(delivery::ConnectorRun connector);

private:
    journal::Journal& journal_;
    delivery::Dispatcher& dispatcher_;
    std::mutex mutex_;  ///< the journal's word and the dispatcher's change together
};

}  // namespace sluice::host
