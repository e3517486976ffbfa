#pragma once
// What one seed is about: connectors, flows, the events that will come, and how much goes wrong.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/delivery/engine.hpp"
#include "tests/simulation/dice.hpp"

namespace sluice::simulation {

/// What an event does to whatever delivers it, whenever it does; an operator's edit heals it.
enum class Fate : std::uint8_t { fine, rejected, invalid, never_works, kills_worker, kills_odoo };

struct FlowScript {
    std::string name, topic;
    delivery::FlowPlan plan;
    bool outward = false;  ///< its effects are the vendor's, not Odoo's
    bool coalesce = false;
    bool revisions = false;
    bool looks_always = false;  ///< before each effect, not only where an attempt is in doubt
    bool counts = false;        ///< each delivery adds one to a state of the connector
    int effects = 1;
    std::optional<std::size_t> emits_to;  ///< a flow of the same connector
};

/// The connector's state in which a flow counts.
inline std::string counter_of(const FlowScript& flow) {
    return "count of " + flow.name;
}

/// Of the one event that a delivery of this one emits, where its flow does.
inline std::string emitted_id(const std::string& event_id) {
    return event_id + "/next";
}

struct ConnectorScript {
    delivery::ConnectorPlan plan;
    std::string vendor;
    std::vector<FlowScript> flows;

    const FlowScript& flow(const std::string& name) const;
};

/// Something that happens at a vendor, and when it tells of it.
struct EventScript {
    journal::NewEvent event;
    Fate fate = Fate::fine;
    std::vector<std::int64_t> sent_at_ms;  ///< steady; more than one: duplicates
};

/// How often something goes wrong: per mille of the occasions, 0 where this seed leaves it out.
struct Troubles {
    int crash = 0, disk = 0, calls = 0, lost_acknowledgements = 0;
    int cancelled_stops = 0;
    bool outages = false, sessions = false, clock_steps = false, operators = false, reloads = false, freezes = false;
    bool stops = false, retention = false, admission = false;
};

struct Scenario {
    int hosts = 1;
    bool formatted = true;  ///< the journal's file exists and is empty
    bool flood = false;
    std::vector<ConnectorScript> connectors;
    std::vector<EventScript> events;
    Troubles troubles;
    std::int64_t busy_until_ms = 0;  ///< what happens to hosts and other systems from outside happens before
    std::int64_t calm_from_ms = 0;   ///< from then on nothing goes wrong any more

    const ConnectorScript& connector(const std::string& name) const;
    Fate fate_of(const journal::EventSummary& event, const std::string& payload) const;

    std::map<std::pair<std::string, std::string>, Fate> fates;  ///< by connector and event id
};

/// Payloads an operator wrote begin with it.
inline constexpr const char* edited_payload = "edited";

Scenario draw_scenario(Dice& dice);

}  // namespace sluice::simulation
