#pragma once
// The queue consumers of a host: one for each connector and flow with a `queue`.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/clock.hpp"
#include "core/journal/journal.hpp"
#include "core/telemetry/log.hpp"
#include "host/ingress/ingress.hpp"
#include "host/queue/consumer.hpp"
#include "host/queue/jetstream.hpp"

namespace sluice::host {

/// Lifecycle: construct, configure() as often as the configuration changes, destroy. configure() and the destructor are
/// for one thread, status() is for any. What is passed in outlives the object.
class Queues {
public:
    /// make_jetstream(), or what a test puts in its place.
    using MakeSource = std::function<std::unique_ptr<QueueSource>(NatsAccount, QueueNames, std::string client)>;

    /// `ingress` bounds the backlog of a connector, whatever it comes from; `notify` is told of new events after their
    /// commit, on a consumer's thread. `places` may be null.
    Queues(journal::Intake& journal, const Clock& clock, const telemetry::Logger& log, std::uint64_t seed,
           Ingress& ingress, std::function<void(const std::string& connector)> notify, QueuePlaces* places,
           MakeSource make_source = make_jetstream);
    /// Stops them all, as configure() does.
    ~Queues();
    Queues(const Queues&) = delete;
    Queues& operator=(const Queues&) = delete;

    /// From now on the queues of these connectors are read. One whose connector and account are as before goes on
    /// untouched; another is stopped first (all of them at once: about QueueConsumer::fetch_wait_ms, longer where a
    /// broker does not answer), and a new one may begin.
    void configure(const std::vector<std::shared_ptr<const Connector>>& connectors,
                   const std::map<std::string, NatsAccount>& accounts);

    /// Of one connector, by flow.
    std::vector<QueueStatus> status(const std::string& connector) const;

private:
    struct Running {
        std::shared_ptr<const Connector> connector;
        NatsAccount account;
        std::unique_ptr<QueueConsumer> consumer;
        std::thread thread;
    };
    using Key = std::pair<std::string, std::string>;  ///< connector, flow

    void stop(std::vector<Running> leaving);
    void start(const Key& key, const std::shared_ptr<const Connector>& connector, const NatsAccount& account);

    journal::Intake& journal_;
    const Clock& clock_;
    const telemetry::Logger& log_;
    Random seeds_;
    const QueueConsumer::Hooks hooks_;
    const MakeSource make_source_;

    mutable std::mutex mutex_;
    std::map<Key, Running> running_;                      ///< under mutex_
    std::map<Key, std::shared_ptr<QueueTally>> tallies_;  ///< of the thread that configures
};

}  // namespace sluice::host
