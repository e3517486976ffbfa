#include "core/journal/sqlite/writer.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "core/base/crash_point.hpp"

namespace sluice::journal::sqlite {

namespace {

struct Points {
    Writer::Kind kind;
    CrashPoint before, after;
};
constexpr Points all_points[] = {
    {Writer::Kind::append, CrashPoint::append_before_commit, CrashPoint::append_after_commit},
    {Writer::Kind::claim, CrashPoint::claim_before_commit, CrashPoint::claim_after_commit},
    {Writer::Kind::finish, CrashPoint::finish_before_commit, CrashPoint::finish_after_commit},
    {Writer::Kind::decision, CrashPoint::decision_before_commit, CrashPoint::decision_after_commit},
};

bool has_kind(const std::vector<Writer::Operation>& batch, Writer::Kind kind) {
    return std::ranges::any_of(batch, [kind](const auto& operation) { return operation.kind == kind; });
}

}  // namespace

Writer::Writer(Database database, BeforeCommit before_commit, bool inline_commits)
    : database_(std::move(database)), before_commit_(std::move(before_commit)) {
    if (!inline_commits) thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
}

void Writer::submit(Operation operation) {
    if (!thread_.joinable()) {
        std::vector<Operation> alone;
        alone.push_back(std::move(operation));
        return commit(alone);
    }
    bool full = false;
    {
        const std::scoped_lock lock(mutex_);
        if (operation.kind == Kind::append) {
            full = queued_appends_ >= max_queued_appends || queued_bytes_ + operation.bytes > max_queued_bytes;
            if (!full) {
                ++queued_appends_;
                queued_bytes_ += operation.bytes;
            }
        }
        if (!full) queue_.push_back(std::move(operation));
    }
    if (full) {
        operation.complete(  // NOLINT(bugprone-use-after-move): moved only where it is not full
            fail(Failure::retry, fmt::format("journal {}: too many appends wait for the disk (at most {} "
                                             "of {} bytes together); nothing was written",
                                             database_.file().string(), max_queued_appends, max_queued_bytes)));
        return;
    }
    wake_.notify_one();
}

WriteStatistics Writer::statistics() const {
    const std::scoped_lock lock(mutex_);
    return statistics_;
}

void Writer::run() {
    for (;;) {
        std::vector<Operation> batch;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) return;
            const auto size = std::min(queue_.size(), max_batch);
            batch.reserve(size);
            for (std::size_t i = 0; i < size; ++i) {
                if (queue_.front().kind == Kind::append) {
                    --queued_appends_;
                    queued_bytes_ -= queue_.front().bytes;
                }
                batch.push_back(std::move(queue_.front()));
                queue_.pop_front();
            }
        }
        commit(batch);
    }
}

void Writer::commit(std::vector<Operation>& batch) {
    std::vector<Result<void>> outcomes;
    const auto failure = try_commit(batch, outcomes);
    if (failure && failure->out_of_space && batch.size() > 1) {
        // One large append may be all that does not fit: the others get a transaction each.
        for (auto& operation : batch) {
            std::vector<Operation> alone;
            alone.push_back(std::move(operation));
            commit(alone);
        }
        return;
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
        batch[i].complete(failure ? Result<void>(std::unexpected(failure->error)) : std::move(outcomes[i]));
    }
}

std::optional<Writer::BatchFailure> Writer::try_commit(std::vector<Operation>& batch,
                                                       std::vector<Result<void>>& outcomes) {
    if (auto begun = database_.run("BEGIN IMMEDIATE"); !begun) return roll_back(begun.error());
    const auto all = apply_all(batch);
    if (!all) return roll_back(all.error());
    if (*all) {
        outcomes.resize(batch.size());
    } else {
        for (const auto& operation : batch) {
            outcomes.emplace_back();
            if (auto ran = apply_in_savepoint(operation, outcomes.back()); !ran) return roll_back(ran.error());
        }
    }
    if (auto last = before_commit_(database_); !last) return roll_back(last.error());
    for (const auto& points : all_points) {
        if (has_kind(batch, points.kind)) crash_point(points.before);
    }
    if (auto committed = database_.run("COMMIT"); !committed) return roll_back(committed.error());
    for (const auto& points : all_points) {
        if (has_kind(batch, points.kind)) crash_point(points.after);
    }
    const std::scoped_lock lock(mutex_);
    ++statistics_.commits;
    statistics_.operations += static_cast<std::int64_t>(batch.size());
    return std::nullopt;
}

Result<bool> Writer::apply_all(const std::vector<Operation>& batch) {
    for (const auto& operation : batch) {
        const auto outcome = operation.apply(database_);
        if (outcome && database_.in_transaction()) continue;
        if (!database_.in_transaction()) {  // SQLite undid everything by itself, as it may where the disk is full
            return outcome ? fail(Failure::retry, "the journal's transaction was lost")
                           : std::unexpected(outcome.error());
        }
        // One that fails must take no other with it: all are run again, each in a savepoint.
        if (auto undone = database_.run("ROLLBACK"); !undone) return std::unexpected(undone.error());
        if (auto begun = database_.run("BEGIN IMMEDIATE"); !begun) return std::unexpected(begun.error());
        return false;
    }
    return true;
}

Result<void> Writer::apply_in_savepoint(const Operation& operation, Result<void>& outcome) {
    if (auto begun = database_.run("SAVEPOINT operation"); !begun) return begun;
    outcome = operation.apply(database_);
    if (!database_.in_transaction()) {  // SQLite undid everything by itself, as it may where the disk is full
        return outcome ? fail(Failure::retry, "the journal's transaction was lost") : outcome;
    }
    if (!outcome) {
        if (auto undone = database_.run("ROLLBACK TO operation"); !undone) return undone;
    }
    return database_.run("RELEASE operation");
}

Writer::BatchFailure Writer::roll_back(Error error) {
    BatchFailure failure{.error = std::move(error), .out_of_space = database_.out_of_space()};
    if (database_.in_transaction()) (void)database_.run("ROLLBACK");
    return failure;
}

}  // namespace sluice::journal::sqlite
