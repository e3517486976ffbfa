#include "tests/simulation/scenario.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace sluice::simulation {

namespace {

constexpr std::int64_t second = 1'000, minute = 60 * second, hour = 60 * minute;

FlowScript draw_flow(Dice& dice, int number) {
    FlowScript flow;
    flow.name = fmt::format("flow{}", number);
    flow.topic = dice.chance(700) ? "update" : flow.name;
    // Two of three flows share their keys.
    flow.plan.order = dice.chance(650) ? "shared" : flow.name;
    flow.plan.retry = {.base_ms = dice.between(200, 2'000),
                       .cap_ms = dice.between(4, 60) * second,
                       .limit = dice.count(2, 5),
                       .holds_key = dice.chance(650)};
    flow.plan.priority = static_cast<delivery::Priority>(dice.count(0, 2));
    if (dice.chance(150)) flow.plan.deadline_ms = dice.between(20, 180) * second;
    if (dice.chance(300)) {
        flow.plan.batch_max = dice.count(2, 5);
        flow.plan.batch_wait_ms = dice.chance(500) ? dice.between(100, 3'000) : 0;
    }
    flow.outward = dice.chance(350);
    flow.coalesce = dice.chance(300);
    flow.revisions = dice.chance(600);
    flow.counts = dice.chance(350);
    flow.effects = dice.chance(250) ? dice.count(0, 3) : 1;
    flow.looks_always = flow.effects > 1 || dice.chance(150);
    return flow;
}

ConnectorScript draw_connector(Dice& dice, int number) {
    ConnectorScript connector;
    connector.plan.name = fmt::format("connector{}", number);
    connector.plan.lanes = dice.count(1, 4);
    connector.plan.odoo = dice.chance(700) ? "odoo" : fmt::format("odoo{}", number);
    connector.vendor = fmt::format("vendor{}", number);
    connector.plan.external = connector.vendor;
    const int flows = dice.count(1, 3);
    for (int i = 0; i < flows; ++i) connector.flows.push_back(draw_flow(dice, i));
    if (flows > 1 && dice.chance(600)) {
        connector.flows[0].emits_to = 1 + dice.index(connector.flows.size() - 1);
        if (dice.chance(400)) {
            // What one flow emits waits and is superseded among the keys of others.
            connector.flows[0].plan.order = connector.flows[0].name;
            for (auto at = connector.flows.begin() + 1; at != connector.flows.end(); ++at) {
                at->plan.order = "shared";
                at->coalesce = at->plan.retry.holds_key = true;
            }
        }
    }
    for (const auto& flow : connector.flows) connector.plan.flows[flow.name] = flow.plan;
    return connector;
}

Fate draw_fate(Dice& dice) {
    const auto number = dice.between(0, 999);
    if (number < 40) return Fate::rejected;
    if (number < 55) return Fate::invalid;
    if (number < 85) return Fate::never_works;
    if (number < 92) return Fate::kills_worker;
    if (number < 100) return Fate::kills_odoo;
    return Fate::fine;
}

journal::NewEvent new_event(const ConnectorScript& connector, const FlowScript& flow, int number) {
    journal::NewEvent event;
    event.connector = connector.plan.name;
    event.event_id = fmt::format("event{}", number);
    event.flow = flow.name;
    // Some are of an order that no flow has: a poll's, or one that the contract had.
    event.order = number % 8 == 3 ? "no flow's" : flow.plan.order;
    event.topic = flow.topic;
    event.record = "record";
    event.payload = fmt::format("payload of {}", number);
    event.headers = "{}";
    event.coalesce = flow.coalesce;
    return event;
}

void draw_events(Scenario& scenario, Dice& dice, std::int64_t span_ms) {
    const int number = dice.chance(900) ? dice.count(12, 36) : dice.count(36, 70);
    const int keys = dice.count(1, 6);
    std::map<std::pair<std::string, std::string>, int> revisions;  // by connector and order/key
    for (int i = 0; i < number; ++i) {
        const auto& connector = dice.one_of(scenario.connectors);
        const auto& flow = scenario.flood ? connector.flows.back() : dice.one_of(connector.flows);
        EventScript script{.event = new_event(connector, flow, i), .fate = draw_fate(dice), .sent_at_ms = {}};
        auto& event = script.event;
        if (dice.chance(880)) event.ordering_key = fmt::format("key{}", dice.count(1, keys));
        if (flow.revisions && !event.ordering_key.empty()) {
            auto& revision = revisions[{event.connector, event.order + "/" + event.ordering_key}];
            // Now and then two changes within the resolution of the vendor's clock; digits grow from one to two.
            if (revision == 0) revision = dice.count(1, 9);
            revision += dice.chance(900) ? 1 : 0;
            event.revision = std::to_string(revision);
        }
        if (dice.chance(12)) event.dead_letter_reason = "no JSON";
        script.sent_at_ms.push_back(dice.chance(700) ? i * span_ms / number : dice.between(0, span_ms));
        while (dice.chance(150)) script.sent_at_ms.push_back(script.sent_at_ms.front() + dice.skewed(10 * minute));
        if (flow.emits_to && dice.chance(250)) {
            scenario.fates[{event.connector, emitted_id(event.event_id)}] = Fate::rejected;
        }
        scenario.events.push_back(std::move(script));
    }
}

/// Many events of one flow at once beside a few of others: what the window over the journal is for, and turns.
void draw_flood(Scenario& scenario, Dice& dice) {
    scenario.flood = true;
    scenario.connectors.resize(1);
    auto& connector = scenario.connectors.front();
    connector.plan.lanes = dice.count(1, 3);
    while (connector.flows.size() < 2) connector.flows.push_back(draw_flow(dice, 1));
    auto& flow = connector.flows.front();
    flow.effects = 1;
    flow.looks_always = flow.counts = flow.coalesce = flow.revisions = false;
    flow.emits_to.reset();
    flow.plan.deadline_ms = 0;
    if (dice.chance(700)) flow.plan.priority = delivery::Priority::high;
    for (const auto& one : connector.flows) connector.plan.flows[one.name] = one.plan;
    // Without keys no end makes another event ready: only a window that was full tells that there are more.
    const bool has_keys = dice.chance(500);
    const int number = dice.count(290, has_keys ? 420 : 700);
    const auto at_ms = dice.between(0, 5'000);
    for (int i = 0; i < number; ++i) {
        auto event = new_event(connector, flow, 10'000 + i);
        if (has_keys && dice.chance(200)) event.ordering_key = fmt::format("key{}", dice.count(1, 40));
        scenario.events.push_back({.event = std::move(event), .fate = Fate::fine, .sent_at_ms = {at_ms + i / 100}});
    }
}

Troubles draw_troubles(Dice& dice) {
    Troubles troubles;
    if (dice.chance(650)) troubles.crash = dice.count(1, 12);
    if (dice.chance(400)) troubles.disk = dice.count(5, 60);
    if (dice.chance(800)) troubles.calls = dice.count(20, 400);
    if (dice.chance(500)) troubles.lost_acknowledgements = dice.count(50, 300);
    troubles.outages = dice.chance(450);
    troubles.sessions = dice.chance(400);
    troubles.operators = dice.chance(500);
    troubles.reloads = dice.chance(300);
    troubles.stops = dice.chance(250);
    troubles.cancelled_stops = dice.chance(500) ? 500 : 0;
    troubles.retention = dice.chance(250);
    troubles.admission = dice.chance(250);
    return troubles;
}

}  // namespace

const FlowScript& ConnectorScript::flow(const std::string& name) const {
    return *std::ranges::find(flows, name, &FlowScript::name);
}

const ConnectorScript& Scenario::connector(const std::string& name) const {
    return *std::ranges::find(connectors, name, [](const auto& connector) { return connector.plan.name; });
}

Fate Scenario::fate_of(const journal::EventSummary& event, const std::string& payload) const {
    if (payload.starts_with(edited_payload)) return Fate::fine;
    const auto found = fates.find({event.connector, event.event_id});
    return found == fates.end() ? Fate::fine : found->second;
}

Scenario draw_scenario(Dice& dice) {
    Scenario scenario;
    scenario.hosts = dice.chance(300) ? 2 : 1;
    scenario.formatted = dice.chance(900);
    scenario.troubles = draw_troubles(dice);
    // A clock of each host's own would make leases end early; theirs is their database's, which is not set.
    scenario.troubles.clock_steps = scenario.hosts == 1 && dice.chance(350);
    scenario.troubles.freezes = scenario.hosts == 2 && dice.chance(700);
    if (scenario.troubles.freezes) scenario.troubles.calls = std::max(scenario.troubles.calls, 200);
    const int connectors = dice.count(1, 3);
    for (int i = 0; i < connectors; ++i) scenario.connectors.push_back(draw_connector(dice, i));
    if (dice.chance(15)) draw_flood(scenario, dice);
    const auto span_ms = scenario.flood ? 20 * second : dice.between(10 * second, 12 * minute);
    draw_events(scenario, dice, span_ms);
    scenario.busy_until_ms = span_ms + dice.between(30 * second, 6 * minute);
    // What retention takes has to be old.
    scenario.calm_from_ms = scenario.busy_until_ms + (scenario.troubles.retention ? 3 * hour : second);
    if (scenario.troubles.freezes) scenario.calm_from_ms += 12 * minute;  // as long as it takes to lose a lease
    for (const auto& script : scenario.events) {
        if (script.fate != Fate::fine) scenario.fates[{script.event.connector, script.event.event_id}] = script.fate;
    }
    return scenario;
}

}  // namespace sluice::simulation
