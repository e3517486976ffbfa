#include "core/journal/sqlite/sqlite_journal.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <future>
#include <mutex>
#include <optional>

#include "core/base/crash_point.hpp"
#include "core/journal/sqlite/backup.hpp"
#include "core/journal/sqlite/deliveries.hpp"
#include "core/journal/sqlite/file_lock.hpp"
#include "core/journal/sqlite/interventions.hpp"
#include "core/journal/sqlite/leases.hpp"
#include "core/journal/sqlite/reads.hpp"
#include "core/journal/sqlite/retention.hpp"
#include "core/journal/sqlite/schema.hpp"
#include "core/journal/sqlite/wall_clock.hpp"
#include "core/journal/sqlite/writer.hpp"

namespace sluice::journal {

namespace {

using sqlite::Database;
using sqlite::Writer;

std::size_t bytes_of(const std::vector<NewEvent>& events) {
    std::size_t bytes = 0;
    for (const auto& event : events) bytes += event.payload.size() + event.headers.size() + sizeof(NewEvent);
    return bytes;
}

Result<Database> open_reader(const std::filesystem::path& file, const char* vfs) {
    auto reader = Database::open(file, vfs);
    if (!reader) return reader;
    if (auto prepared = sqlite::prepare_reader(*reader); !prepared) return std::unexpected(prepared.error());
    return reader;
}

class Sqlite final : public SqliteJournal {
public:
    Sqlite(std::optional<sqlite::FileLock> lock, Database writer, Database reader, Database person, const Clock& clock,
           const SqliteOptions& options)
        : clock_(clock),
          lock_(std::move(lock)),
          simulated_disk_(options.simulated_disk),
          sealer_(options.keys),
          reader_(std::move(reader)),
          person_(std::move(person)),
          writer_(
              std::move(writer),
              [this](Database& database) { return sqlite::stamp_wall_clock(database, clock_.now_ms()); },
              !options.simulated_disk.empty()) {}

    Result<std::vector<Appended>> append(std::vector<NewEvent> events) override {
        const auto bytes = bytes_of(events);
        return write<std::vector<Appended>>(Writer::Kind::append, bytes, [&](Database& database) {
            return sqlite::append(database, sealer_, events, clock_.now_ms());
        });
    }

    void append_async(std::vector<NewEvent> events, std::function<void(Result<std::vector<Appended>>)> done) override {
        struct Call {
            std::vector<NewEvent> events;
            std::function<void(Result<std::vector<Appended>>)> done;
            Result<std::vector<Appended>> appended;
        };
        const auto call = std::make_shared<Call>(Call{std::move(events), std::move(done), {}});
        writer_.submit({.kind = Writer::Kind::append,
                        .bytes = bytes_of(call->events),
                        .apply = [this, call](Database& database) -> Result<void> {
                            call->appended = sqlite::append(database, sealer_, call->events, clock_.now_ms());
                            if (!call->appended) return std::unexpected(call->appended.error());
                            return {};
                        },
                        .complete =
                            [call](Result<void> committed) {
                                if (!committed) call->appended = std::unexpected(std::move(committed.error()));
                                call->done(std::move(call->appended));
                            }});
    }

    Result<std::vector<Claim>> claim(const std::vector<Seq>& seqs, const LeaseTerms& terms,
                                     std::int64_t now_ms) override {
        return write<std::vector<Claim>>(Writer::Kind::claim, 0, [&](Database& database) {
            return sqlite::claim(database, sealer_, seqs, terms, now_ms);
        });
    }
    Result<void> finish(const Lease& lease, const Finish& finish, std::int64_t now_ms) override {
        return write<void>(Writer::Kind::finish, 0, [&](Database& database) {
            return sqlite::finish(database, sealer_, lease, finish, now_ms);
        });
    }
    std::vector<Result<void>> finish_all(const std::vector<Ending>& endings, std::int64_t now_ms) override {
        std::vector<std::future<Result<void>>> commits;
        for (const auto& ending : endings) {
            // Shared with the writer, which may still be inside set_value() when this thread goes on.
            const auto committed = std::make_shared<std::promise<Result<void>>>();
            commits.push_back(committed->get_future());
            writer_.submit(
                {.kind = Writer::Kind::finish,
                 .apply =
                     [&](Database& database) {
                         return sqlite::finish(database, sealer_, ending.lease, ending.finish, now_ms);
                     },
                 .complete = [committed](Result<void> outcome) { committed->set_value(std::move(outcome)); }});
        }
        std::vector<Result<void>> outcomes;
        for (auto& commit : commits) outcomes.push_back(commit.get());
        return outcomes;
    }
    Result<std::vector<Lease>> renew(const std::vector<Lease>& leases, std::int64_t until_ms) override {
        return write<std::vector<Lease>>(Writer::Kind::other, 0,
                                         [&](Database& database) { return sqlite::renew(database, leases, until_ms); });
    }
    Result<std::vector<EventSummary>> expire_leases(const std::string& own_host, std::int64_t now_ms) override {
        return write<std::vector<EventSummary>>(Writer::Kind::other, 0, [&](Database& database) {
            return sqlite::expire_leases(database, own_host, now_ms);
        });
    }
    Result<void> shift_available(std::int64_t step_ms, std::int64_t now_ms) override {
        return write<void>(Writer::Kind::other, 0,
                           [&](Database& database) { return sqlite::shift_available(database, step_ms, now_ms); });
    }

    Result<void> replay(Seq seq, const std::string& who, std::int64_t now_ms) override {
        return write<void>(Writer::Kind::decision, 0,
                           [&](Database& database) { return sqlite::replay(database, seq, who, now_ms); });
    }
    Result<void> discard(Seq seq, const std::string& who, const std::string& reason, std::int64_t now_ms) override {
        return write<void>(Writer::Kind::decision, 0, [&](Database& database) {
            return sqlite::discard(database, sealer_, seq, who, reason, now_ms);
        });
    }
    Result<std::vector<Seq>> replay_all(const EventFilter& filter, const std::string& who,
                                        std::int64_t now_ms) override {
        return write<std::vector<Seq>>(Writer::Kind::decision, 0, [&](Database& database) {
            return sqlite::replay_all(database, filter, who, now_ms);
        });
    }
    Result<std::vector<Seq>> discard_all(const EventFilter& filter, const std::string& who, const std::string& reason,
                                         std::int64_t now_ms) override {
        return write<std::vector<Seq>>(Writer::Kind::decision, 0, [&](Database& database) {
            return sqlite::discard_all(database, filter, who, reason, now_ms);
        });
    }
    Result<void> edit(Seq seq, std::string payload, const std::string& who, const std::string& reason,
                      std::int64_t now_ms) override {
        const Edit edit{.at_ms = now_ms, .who = who, .reason = reason, .payload = std::move(payload)};
        return write<void>(Writer::Kind::decision, 0,
                           [&](Database& database) { return sqlite::edit(database, sealer_, seq, edit); });
    }
    Result<void> pause(const Pause& pause) override {
        return write<void>(Writer::Kind::decision, 0,
                           [&](Database& database) { return sqlite::pause(database, pause); });
    }
    Result<bool> resume(const std::string& connector, const std::string& flow) override {
        return write<bool>(Writer::Kind::decision, 0,
                           [&](Database& database) { return sqlite::resume(database, connector, flow); });
    }
    Result<Erased> erase(const Retention& retention) override {
        return write<Erased>(Writer::Kind::other, 0,
                             [&](Database& database) { return sqlite::erase(database, retention); });
    }

    Result<void> keep_clock_trust(const ClockTrust& trust) override {
        return write<void>(Writer::Kind::other, 0,
                           [&](Database& database) { return sqlite::keep_clock_trust(database, trust); });
    }
    Result<ClockTrust> clock_trust() override {
        const std::scoped_lock lock(reader_mutex_);
        return sqlite::clock_trust(reader_);
    }

    // What the engine asks must not wait for what a person asks, which may read the whole file.
    Result<std::vector<EventSummary>> ready(const std::string& connector, const std::string& flow,
                                            std::int64_t until_ms, int limit) override {
        const std::scoped_lock lock(reader_mutex_);
        return sqlite::ready(reader_, connector, flow, until_ms, limit);
    }
    Result<std::optional<std::int64_t>> next_available(const std::string& connector, const std::string& flow,
                                                       std::int64_t after_ms) override {
        const std::scoped_lock lock(reader_mutex_);
        return sqlite::next_available(reader_, connector, flow, after_ms);
    }
    Result<std::string> applied_revision(const std::string& connector, const std::string& order,
                                         const std::string& ordering_key) override {
        const std::scoped_lock lock(reader_mutex_);
        return sqlite::applied_revision(reader_, connector, order, ordering_key);
    }
    Result<StateValue> get_state(const std::string& connector, const std::string& name) override {
        const std::scoped_lock lock(reader_mutex_);
        return sqlite::get_state(reader_, sealer_, connector, name);
    }
    Result<std::vector<NamedState>> states(const std::string& connector, const std::string& after,
                                           const std::string& up_to, int limit) override {
        const std::scoped_lock lock(reader_mutex_);
        return sqlite::states(reader_, sealer_, connector, after, up_to, limit);
    }
    Result<std::optional<EventSummary>> find(Seq seq) override {
        const std::scoped_lock lock(reader_mutex_);
        return sqlite::find(reader_, seq);
    }
    Result<Counts> counts(const std::string& connector) override {
        const std::scoped_lock lock(reader_mutex_);
        return sqlite::counts(reader_, connector);
    }
    Result<std::vector<FlowCounts>> flow_counts(const std::string& connector) override {
        const std::scoped_lock lock(reader_mutex_);
        return sqlite::flow_counts(reader_, connector);
    }
    Result<std::vector<Pause>> pauses() override {
        const std::scoped_lock lock(reader_mutex_);
        return sqlite::pauses(reader_);
    }

    Result<std::vector<EventSummary>> list(const EventFilter& filter) override {
        const std::scoped_lock lock(person_mutex_);
        return sqlite::list(person_, filter);
    }
    Result<std::optional<EventDetail>> show(Seq seq) override {
        const std::scoped_lock lock(person_mutex_);
        return sqlite::show(person_, sealer_, seq);
    }
    Result<std::vector<std::string>> connectors() override {
        const std::scoped_lock lock(person_mutex_);
        return sqlite::connectors(person_);
    }
    Result<std::vector<DeadLetterGroup>> dead_letter_groups(const EventFilter& filter) override {
        const std::scoped_lock lock(person_mutex_);
        return sqlite::dead_letter_groups(person_, filter);
    }
    Result<void> check(std::stop_token stop) override {
        auto reader = open_reader(person_.file(), vfs());
        if (!reader) return std::unexpected(reader.error());
        return sqlite::check_everything(*reader, sealer_, stop);
    }
    Result<void> backup(const std::filesystem::path& file) override { return sqlite::backup(person_.file(), file); }

    WriteStatistics statistics() const override { return writer_.statistics(); }
    Result<Durability> durability() override {
        return write<Durability>(Writer::Kind::other, 0,
                                 [](Database& database) { return sqlite::durability(database); });
    }

private:
    const char* vfs() const { return simulated_disk_.empty() ? nullptr : simulated_disk_.c_str(); }

    /// Runs `operation` on the writer's thread and waits for its commit.
    template <class T, class Function>
    Result<T> write(Writer::Kind kind, std::size_t bytes, Function operation) {
        Result<T> result;
        // Shared with the writer, which may still be inside set_value() when this thread goes on.
        const auto committed = std::make_shared<std::promise<Result<void>>>();
        auto commit = committed->get_future();
        writer_.submit({.kind = kind,
                        .bytes = bytes,
                        .apply = [&](Database& database) -> Result<void> {
                            result = operation(database);
                            if (!result) return std::unexpected(result.error());
                            return {};
                        },
                        .complete = [committed](Result<void> outcome) { committed->set_value(std::move(outcome)); }});
        auto outcome = commit.get();
        if (!outcome) return std::unexpected(std::move(outcome.error()));
        return result;
    }

    const Clock& clock_;
    std::optional<sqlite::FileLock> lock_;  ///< released last, when all connections are closed
    const std::string simulated_disk_;
    const sqlite::Sealer sealer_;
    std::mutex reader_mutex_, person_mutex_;
    Database reader_, person_;  ///< under their mutexes
    Writer writer_;
};

/// Makes an empty file where there is none; SQLite gives its log and index files the same mode.
Result<void> make_file(const std::filesystem::path& file) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0 && errno == EEXIST) return {};
    if (descriptor < 0) {
        return fail(Failure::invalid,
                    fmt::format("journal {}: cannot make the file: {}", file.string(), std::strerror(errno)));
    }
    ::close(descriptor);
    // The name itself must survive a power cut, or a journal that answered would be gone.
    const int folder = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        ::fsync(folder);
        ::close(folder);
    }
    return {};
}

Result<void> recover(Database& database, std::int64_t now_ms) {
    // A process that was killed between the last write of a commit and its sync leaves a commit that everybody reads
    // and a power cut can still take: a repeat that is answered "known already" would be lost with it. A checkpoint
    // syncs the log first.
    if (auto synced = database.run("PRAGMA wal_checkpoint(TRUNCATE)"); !synced) return synced;
    if (auto begun = database.execute("BEGIN IMMEDIATE"); !begun) return begun;
    if (auto shifted = sqlite::recover_wall_clock(database, now_ms); !shifted) return shifted;
    const auto recovered = sqlite::recover_claims(database, now_ms);
    if (!recovered) return std::unexpected(recovered.error());
    if (*recovered > 0) crash_point(CrashPoint::recovery_before_commit);
    if (auto committed = database.execute("COMMIT"); !committed) return committed;
    if (*recovered > 0) crash_point(CrashPoint::recovery_after_commit);
    return {};
}

}  // namespace

Result<std::unique_ptr<SqliteJournal>> open_sqlite_journal(const std::filesystem::path& name, const Clock& clock,
                                                           const SqliteOptions& options) {
    const bool simulated = !options.simulated_disk.empty();
    const char* const vfs = simulated ? options.simulated_disk.c_str() : nullptr;
    auto file = name;
    std::optional<sqlite::FileLock> lock;
    if (!simulated) {
        // One file, one lock, by whatever links it is reached.
        std::error_code ignored;
        file = std::filesystem::weakly_canonical(std::filesystem::absolute(name, ignored), ignored);
        auto taken = sqlite::FileLock::take(file);
        if (!taken) return std::unexpected(taken.error());
        lock.emplace(std::move(*taken));
        if (auto made = make_file(file); !made) return std::unexpected(made.error());
    }
    auto writer = Database::open(file, vfs);
    if (!writer) return std::unexpected(writer.error());
    if (auto prepared = sqlite::prepare_writer(*writer, options.max_bytes); !prepared) {
        return std::unexpected(prepared.error());
    }
    // Only now that the file is known to be ours; an operator's copy may have come back with another mode.
    if (!simulated) ::chmod(file.c_str(), 0600);
    if (auto recovered = recover(*writer, clock.now_ms()); !recovered) return std::unexpected(recovered.error());

    auto reader = open_reader(file, vfs);
    if (!reader) return std::unexpected(reader.error());
    auto person = open_reader(file, vfs);
    if (!person) return std::unexpected(person.error());
    return std::make_unique<Sqlite>(std::move(lock), std::move(*writer), std::move(*reader), std::move(*person), clock,
                                    options);
}

}  // namespace sluice::journal
