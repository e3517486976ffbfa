#include "host/queue/queues.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <utility>

namespace sluice::host {

bool same(const NatsAccount& left, const NatsAccount& right) {
    return left.urls == right.urls && left.user == right.user && left.password.reveal() == right.password.reveal() &&
           left.token.reveal() == right.token.reveal() && left.creds_file == right.creds_file &&
           left.ca_file == right.ca_file;
}

Queues::Queues(journal::Intake& journal, const Clock& clock, const telemetry::Logger& log, std::uint64_t seed,
               Ingress& ingress, std::function<void(const std::string& connector)> notify, QueuePlaces* places,
               MakeSource make_source)
    : journal_(journal),
      clock_(clock),
      log_(log),
      seeds_(seed),
      hooks_{.room = [&ingress](const std::string& connector) { return ingress.room(connector); },
             .appended =
                 [&ingress, notify = std::move(notify)](const std::string& connector, std::int64_t events) {
                     ingress.add_unfinished(connector, events);
                     notify(connector);
                 },
             .places = places},
      make_source_(std::move(make_source)) {}

Queues::~Queues() {
    configure({}, {});
}

void Queues::configure(const std::vector<std::shared_ptr<const Connector>>& connectors,
                       const std::map<std::string, NatsAccount>& accounts) {
    std::map<Key, std::pair<std::shared_ptr<const Connector>, const NatsAccount*>> wanted;
    for (const auto& connector : connectors) {
        const auto account = accounts.find(connector->nats);
        if (account == accounts.end()) continue;  // no flow of it needs one, or `sluice check` has said so
        for (const auto& [name, flow] : connector->plugin->contract.flows) {
            if (flow.queue && is_on(*connector, flow))
                wanted.try_emplace({connector->name, name}, connector, &account->second);
        }
    }
    std::vector<Running> leaving;
    {
        const std::lock_guard lock(mutex_);
        for (auto at = running_.begin(); at != running_.end();) {
            const auto next = wanted.find(at->first);
            const bool stays = next != wanted.end() && next->second.first == at->second.connector &&
                               same(*next->second.second, at->second.account);
            if (stays) {
                wanted.erase(next);
                ++at;
            } else {
                leaving.push_back(std::move(at->second));
                at = running_.erase(at);
            }
        }
    }
    // Before the new ones: two consumers of one name would share the messages out between them.
    stop(std::move(leaving));
    for (const auto& [key, what] : wanted) start(key, what.first, *what.second);
}

void Queues::stop(std::vector<Running> leaving) {
    for (const auto& one : leaving) one.consumer->stop();
    for (auto& one : leaving) one.thread.join();
}

void Queues::start(const Key& key, const std::shared_ptr<const Connector>& connector, const NatsAccount& account) {
    const auto& flow = connector->plugin->contract.flows.at(key.second);
    auto names = queue_names(*connector, flow);
    if (!names)
        return log_.error("the queue is not read", {.connector = connector->name, .flow = flow.name},
                          {{"error", names.error().message}});
    auto& tally = tallies_[key];
    if (!tally) tally = std::make_shared<QueueTally>();
    auto source = make_source_(account, *names, fmt::format("sluice {}/{}", connector->name, flow.name));
    const auto seed = static_cast<std::uint64_t>(seeds_.up_to(std::numeric_limits<std::int64_t>::max()));
    Running running{.connector = connector, .account = account, .consumer = {}, .thread = {}};
    running.consumer = std::make_unique<QueueConsumer>(connector, flow, std::move(*names), std::move(source), tally,
                                                       journal_, clock_, log_, hooks_, seed);
    running.thread = std::thread([consumer = running.consumer.get()] { consumer->run(); });
    const std::lock_guard lock(mutex_);
    running_.emplace(key, std::move(running));
}

std::vector<QueueStatus> Queues::status(const std::string& connector) const {
    const std::lock_guard lock(mutex_);
    std::vector<QueueStatus> all;
    for (const auto& [key, one] : running_) {
        if (key.first == connector) all.push_back(one.consumer->status());
    }
    return all;
}

}  // namespace sluice::host
