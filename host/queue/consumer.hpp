#pragma once
// One flow's messages, from the broker into the journal.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/random.hpp"
#include "core/journal/journal.hpp"
#include "core/telemetry/log.hpp"
#include "host/plugins/plugin_handler.hpp"
#include "host/queue/names.hpp"
#include "host/queue/places.hpp"
#include "host/queue/source.hpp"

namespace sluice::host {

/// What a flow took from its stream since the host started, whatever became of its consumer meanwhile.
struct QueueTally {
    std::atomic<std::int64_t> received{0};    ///< messages, every delivery of one counted
    std::atomic<std::int64_t> duplicates{0};  ///< of the received: known already
    std::atomic<std::int64_t> unreadable{0};  ///< of the received: no event by the contract, and now a dead letter
};

/// A snapshot for people.
struct QueueStatus {
    std::string flow, stream, consumer;
    bool connected = false;
    std::int64_t since_ms = 0;  ///< when it became connected, or ceased to be; Unix epoch
    std::string problem;        ///< why it is not connected, or the journal's reason to refuse; "" where all is well
    std::string waits_for;      ///< why a connected one fetches nothing now: "backlog", "redelivery", "journal" or ""
    std::int64_t received = 0, duplicates = 0, unreadable = 0;
};

/// Fetches a batch, appends it in one commit, and only then acknowledges it: in the other order a host that dies in
/// between has lost what it acknowledged. Until the journal takes the batch, nothing is fetched past it, so that order
/// survives a journal that refuses.
///
/// Lifecycle: construct, run() on a thread of its own (a test calls step()), stop() from any thread, join, destroy.
/// status() is for any thread. What is passed in by reference outlives the object.
class QueueConsumer {
public:
    /// Of one append.
    static constexpr int max_batch = 128;
    /// How long a fetch waits for a first message; stop() takes about so long at most while the broker answers.
    static constexpr std::int64_t fetch_wait_ms = 500;
    /// After a fetch that ended early with nothing.
    static constexpr std::int64_t empty_pause_ms = 50;
    /// How often it is looked whether the backlog has gone down.
    static constexpr std::int64_t backlog_pause_ms = 500;
    /// What is added to the ack wait before all that is unacknowledged has surely come due again: the broker's state on
    /// disk counts in whole seconds, and a fetch of the life before may still have been served.
    static constexpr std::int64_t redelivery_margin_ms = 2'500;
    /// How often it is kept how far the stream is journalled: what lies behind that is recent, and known to the
    /// journal.
    static constexpr std::int64_t keep_place_ms = 5'000;
    /// Back-off after a failure of the broker or the journal: doubled each time, half of it random.
    static constexpr std::int64_t backoff_base_ms = 200, backoff_cap_ms = 15'000;

    struct Hooks {
        /// How many more events of this connector may wait unfinished.
        std::function<std::int64_t(const std::string& connector)> room;
        /// Told after a commit that made so many events, duplicates and dead letters left out.
        std::function<void(const std::string& connector, std::int64_t events)> appended;
        /// Null: how far the stream is journalled is forgotten at the end.
        QueuePlaces* places = nullptr;
    };

    QueueConsumer(std::shared_ptr<const Connector> connector, const contract::Flow& flow, QueueNames names,
                  std::unique_ptr<QueueSource> source, std::shared_ptr<QueueTally> tally, journal::Intake& journal,
                  const Clock& clock, const telemetry::Logger& log, Hooks hooks, std::uint64_t seed);

    /// Until stop().
    void run();
    /// One round: connect, or fetch and journal one batch. How long to pause before the next, in milliseconds.
    std::int64_t step();
    /// Returns at once. What is being journalled is acknowledged once it is; what the journal refuses is handed back.
    void stop();

    QueueStatus status() const;

private:
    using Appended = Result<std::vector<journal::Appended>>;

    std::int64_t open();
    /// Tells of a consumer, or a stream, that is not where the last one was.
    void note_a_new_begin(const QueueSource::Opened& opened);
    /// Where it was not kept for so long.
    void keep_place(std::int64_t for_ms);
    std::int64_t take(std::vector<QueueMessage> batch);
    Appended append(std::vector<journal::NewEvent> events);
    bool append_until_taken(const std::vector<journal::NewEvent>& events, std::vector<journal::Appended>& appended);
    void count(const std::vector<journal::NewEvent>& events, const std::vector<journal::Appended>& appended);
    void fetched();
    std::int64_t lost(const Error& error);
    std::int64_t backoff_ms(int failures);
    bool pause(std::int64_t ms);
    void set_connected(bool connected, std::string problem);
    void set_waiting(std::string_view what, std::string_view problem = {});
    telemetry::Subject subject() const { return {.connector = connector_->name, .flow = flow_.name}; }

    const std::shared_ptr<const Connector> connector_;  ///< keeps the flow
    const contract::Flow& flow_;
    const QueueNames names_;
    const std::unique_ptr<QueueSource> source_;
    const std::shared_ptr<QueueTally> tally_;
    journal::Intake& journal_;
    const Clock& clock_;
    const telemetry::Logger& log_;
    const Hooks hooks_;
    Random random_;

    // of the thread that runs it
    bool open_ = false;
    int failures_ = 0;
    std::optional<Error> told_;  ///< the failure the log holds, until it is over
    std::int64_t ack_wait_ms_ = 0;
    std::int64_t held_until_ms_ = 0;    ///< steady
    std::uint64_t last_committed_ = 0;  ///< the highest sequence number this object has journalled
    QueuePlace place_, kept_;           ///< the newest journalled, by whichever process; what is kept of it
    bool loaded_ = false;               ///< the place, or there is none to be loaded
    bool place_told_ = false;           ///< the log holds why it is not kept
    std::int64_t kept_at_ms_ = 0;       ///< steady

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;  ///< under mutex_
    QueueStatus status_;     ///< under mutex_; without the tally
};

}  // namespace sluice::host
