#pragma once
// The lanes of one connector: threads that claim, handle and finish.

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/delivery/inbox.hpp"
#include "core/delivery/lanes.hpp"

namespace sluice::delivery {

/// Lifecycle: construct, start(), submit() and decide() as the engine says, stop_claiming(), perhaps cancel(), join(),
/// destroy. Lanes call the journal themselves and wait for it, so that the claims and ends of several lanes share a
/// commit.
class LaneGroup {
public:
    /// One ClaimEvent (nothing in `dead_letter`) or DeadLetterEvent.
    struct Job {
        journal::Seq seq{};
        std::optional<journal::Finish> dead_letter;
    };

    LaneGroup(journal::Journal& journal, const Clock& clock, ConnectorRun connector, const Dispatcher::Options& options,
              Inbox& inbox);
    ~LaneGroup();
    LaneGroup(const LaneGroup&) = delete;
    LaneGroup& operator=(const LaneGroup&) = delete;

    void start();
    /// For the first free lane.
    void submit(Job job);
    /// The engine's answer to the verdict on this event.
    void decide(journal::Seq seq, journal::Finish finish);
    /// Jobs that no lane has begun are given back unclaimed.
    void stop_claiming();
    /// Cancels running handlers and gives up what waits for the journal.
    void cancel();
    /// All jobs must have ended.
    void join();

private:
    struct Lane {
        std::unique_ptr<Handler> handler;  ///< used by the lane's thread; cancel() calls into it while `handling`
        bool handling = false;             ///< guarded by mutex_
        std::thread thread;
    };

    void run(Lane& lane);
    bool make_handler(Lane& lane);
    void carry_out(Lane& lane, Job job);
    std::optional<journal::Claim> claim(journal::Seq seq);
    Verdict handle(Lane& lane, const journal::Claim& claim);
    void report(const journal::EventSummary& event, Verdict verdict);
    void finish_as_decided(const journal::EventSummary& event);
    /// Nothing: durable. A state conflict, or why it is given up.
    std::optional<Error> finish(const journal::EventSummary& event, const journal::Finish& finish);

    void post_unclaimed(journal::Seq seq);
    void post_finished(journal::Seq seq);
    void post_pause(std::string reason);
    /// Tells of the failure, then waits before the repeat; false where there shall be none: `given_up` (guarded by
    /// mutex_).
    bool wait_after(const Error& error, int failures, const bool& given_up);

    journal::Journal& journal_;
    const Clock& clock_;
    const ConnectorRun connector_;
    const Dispatcher::Options& options_;
    Inbox& inbox_;

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    std::map<journal::Seq, journal::Finish> decided_;
    bool stopping_claims_ = false, cancelled_ = false, ending_ = false;
    std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace sluice::delivery
