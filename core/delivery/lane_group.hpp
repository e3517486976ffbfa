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
    /// One ClaimEvents (nothing in `dead_letter`) or DeadLetterEvent.
    struct Job {
        std::vector<journal::Seq> seqs;
        std::optional<DeadLetterEvent> dead_letter;
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
    /// Cancels the handler that runs under this lease, which is lost; its lane makes another one. Where it ended
    /// meanwhile nothing happens.
    void cancel(const journal::Lease& lease);
    /// All jobs must have ended.
    void join();
    /// What is claimed here now. Any thread.
    std::vector<journal::Lease> leases() const;

private:
    struct Lane {
        std::unique_ptr<Handler> handler;    ///< used by the lane's thread; cancel() calls into it while `handling`
        bool handling = false;               ///< guarded by mutex_, as the next two
        std::vector<journal::Lease> leases;  ///< of what it handles
        bool spent = false;                  ///< its handler was cancelled: there is no handle() after that
        std::thread thread;
    };

    void run(Lane& lane);
    bool make_handler(Lane& lane);
    void carry_out(Lane& lane, Job job);
    /// Those of the events that could be claimed.
    std::vector<journal::Claim> claim(const std::vector<journal::Seq>& seqs);
    std::vector<Verdict> handle(Lane& lane, const std::vector<journal::Claim>& claims);
    void report(const journal::EventSummary& event, Verdict verdict);
    void finish_as_decided(const std::vector<journal::Claim>& claims);
    journal::Finish wait_for_decision(journal::Seq seq);
    struct End {
        const journal::Claim* claim;
        journal::Finish finish;
    };
    /// Until each is durable or given up.
    void finish(std::vector<End> ends);
    /// What became of one: nothing where it is over, else why it is to be finished again.
    std::optional<Error> after_finish(End& end, const Result<void>& finished);
    /// The journal refuses this end for good. True where another one is to be tried.
    bool refuse(End& ending, const Error& error);
    void end(const journal::Claim& claim);

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

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Job> jobs_;
    std::map<journal::Seq, journal::Finish> decided_;
    std::map<journal::Seq, journal::Lease> leases_;
    bool stopping_claims_ = false, cancelled_ = false, ending_ = false;
    std::vector<std::unique_ptr<Lane>> lanes_;
};

}  // namespace sluice::delivery
