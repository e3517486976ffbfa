#pragma once
// The one thread that writes: operations of many callers, one commit.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/journal/sqlite/database.hpp"
#include "core/journal/sqlite/sqlite_journal.hpp"

namespace sluice::journal::sqlite {

/// Lifecycle: construct with a prepared connection, submit() from any thread, destroy; the destructor commits what is
/// queued.
class Writer {
public:
    /// Operations in one transaction, so that the first of them does not wait for an endless last.
    static constexpr std::size_t max_batch = 1'024;
    /// Appends waiting for their commit; beyond it an append is refused (Failure::retry), which tells the sender to
    /// come back.
    static constexpr std::size_t max_queued_appends = 20'000;
    static constexpr std::size_t max_queued_bytes = 256 * 1024 * 1024;

    enum class Kind : std::uint8_t { append, claim, finish, decision, other };
    struct Operation {
        Kind kind = Kind::other;
        /// Bytes an append keeps in memory.
        std::size_t bytes = 0;
        /// Runs in a savepoint of its own: an error undoes this operation and no other. May run again (in a transaction
        /// of its own, where the common one failed for lack of space), so it leaves its input alone.
        std::function<Result<void>(Database&)> apply;
        /// After the commit, or with the error. Must be quick, and must not call the journal's blocking functions.
        std::function<void(Result<void>)> complete;
    };

    /// Runs in each transaction after its operations; an error undoes it.
    using BeforeCommit = std::function<Result<void>(Database&)>;
    /// `inline_commits`: no thread; submit() commits at once, on the caller's.
    Writer(Database database, BeforeCommit before_commit, bool inline_commits = false);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    /// Calls `complete` exactly once: now where the queue is full, else later on the writer's thread.
    void submit(Operation operation);
    WriteStatistics statistics() const;

private:
    void run();
    void commit(std::vector<Operation>& batch);
    struct BatchFailure {
        Error error;
        bool out_of_space = false;
    };
    /// Nothing where the batch is durable, then `outcomes` says what became of each operation; else why none of it is.
    std::optional<BatchFailure> try_commit(std::vector<Operation>& batch, std::vector<Result<void>>& outcomes);
    /// Runs all operations without savepoints, which cost a third of an append; false where one failed and nothing
    /// was done.
    Result<bool> apply_all(const std::vector<Operation>& batch);
    /// Runs one operation in its savepoint. An error here is the transaction's: it cannot go on.
    Result<void> apply_in_savepoint(const Operation& operation, Result<void>& outcome);
    /// Takes the connection's last failure and ends the transaction.
    BatchFailure roll_back(Error error);

    Database database_;  ///< used by thread_ only
    const BeforeCommit before_commit_;

    mutable std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<Operation> queue_;
    std::size_t queued_appends_ = 0, queued_bytes_ = 0;
    WriteStatistics statistics_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace sluice::journal::sqlite
