// Who sends events: vendors with webhooks that come late, twice or out of turn, and pollers with many at once.

#include <algorithm>

#include "core/base/timestamp.hpp"
#include "tests/simulation/world.hpp"

namespace sluice::simulation {

void World::plan_vendors() {
    if (scenario_.flood) environment_.hit(Fault::flood);
    std::vector<std::size_t> group;
    for (std::size_t i = 0; i < scenario_.events.size(); ++i) {
        const auto& script = scenario_.events[i];
        // Some come together, as a poll finds them.
        group.push_back(i);
        const bool together = scenario_.flood ? group.size() < 60 && i + 1 < scenario_.events.size() : dice_.chance(80);
        if (!together || i + 1 == scenario_.events.size()) {
            plan(script.sent_at_ms.front(), "vendor sends", [this, group] { send(group); });
            group.clear();
        }
        for (std::size_t copy = 1; copy < script.sent_at_ms.size(); ++copy) {
            plan(script.sent_at_ms[copy], "vendor sends again", [this, i] { send({i}); });
        }
    }
}

void World::send(const std::vector<std::size_t>& indexes) {
    std::vector<journal::NewEvent> events;
    for (const auto index : indexes) events.push_back(scenario_.events[index].event);
    const auto told = [&] {
        return std::ranges::all_of(events, [&](const auto& event) {
            return accepted_.contains({event.connector, event.event_id});
        });
    };
    // Without a 2xx it is sent again; a 2xx that gets lost is none.
    const bool lost = environment_.trouble(scenario_.troubles.lost_acknowledgements);
    const auto again = [this, indexes] {
        plan(dice_.between(2'000, 60'000), "vendor tries again", [this, indexes] { send(indexes); });
    };
    auto* const host = some_host();
    if (host == nullptr) return again();
    bool acknowledged = false;
    std::set<std::pair<std::string, std::string>> changed;  // connectors and flows
    const auto taken = [&](const std::vector<journal::Appended>& appended) {
        acknowledged = true;
        for (std::size_t i = 0; i < events.size(); ++i) {
            const auto& event = events[i];
            accepted_.insert({event.connector, event.event_id});
            if (appended[i].duplicate) continue;
            // Where a first of a key was superseded the next one may be of any flow.
            changed.emplace(event.connector, appended[i].superseded > 0 ? "" : event.flow);
            if (!event.dead_letter_reason.empty()) environment_.hit(Fault::unreadable);
            if (event.revision.empty()) continue;
            auto& newest = newest_sent_[{event.connector, event.order + "/" + event.ordering_key}];
            if (compare_revisions(newest, event.revision) > 0) environment_.hit(Fault::webhook_reordered);
            if (compare_revisions(event.revision, newest) > 0) newest = event.revision;
        }
    };
    try {
        (void)journal_.append(events, dice_.chance(700), taken);
    } catch (const Death&) {
        if (!acknowledged || lost) again();
        throw;
    }
    for (const auto& [connector, flow] : changed) notify_all(connector, flow);
    if (acknowledged && lost) environment_.hit(Fault::acknowledgement_lost);
    if (!acknowledged || lost || !told()) again();
}

void World::notify_all(const std::string& connector, const std::string& flow) {
    for (auto& host : hosts_) {
        if (host->is_alive()) host->notify(connector, flow);
    }
}

void World::notify_others(const std::string& connector) {
    // Two hosts of one journal hear of each other's ends, or ask now and then.
    if (hosts_.size() > 1) notify_all(connector, "");
}

}  // namespace sluice::simulation
