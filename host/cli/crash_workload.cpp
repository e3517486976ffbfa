#include "host/cli/crash_workload.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/base/random.hpp"
#include "core/journal/sqlite/sqlite_journal.hpp"
#include "host/cli/command_line.hpp"

namespace sluice::host {
namespace {

using journal::SqliteJournal;

constexpr int appenders = 3, finishers = 6, max_batch = 8;
/// Of the appends of the process before, so many a worker are made again, as a vendor repeats what was not answered.
constexpr int repeated_batches = 2;
constexpr int ready_window = 64;
constexpr const char *connector = "verify", *flow = "verify";
/// Longer than a process lives.
constexpr std::int64_t lease_ms = 600'000;

void report(const std::string& line) {
    const auto text = line + '\n';
    // Lines are short, so that a pipe takes them whole; where nobody reads any more, SIGPIPE ends the process.
    if (::write(STDOUT_FILENO, text.data(), text.size()) < 0) ::_exit(exit_failed);
}

[[noreturn]] void fail_workload(const Error& error) {
    report(std::string(workload_failed) + error.message);
    ::_exit(exit_failed);
}

journal::NewEvent event_of(const std::string& event_id, int key) {
    journal::NewEvent event;
    event.connector = connector;
    event.event_id = event_id;
    event.flow = flow;
    event.order = event.topic = "verify";
    // Half of them order each other; the others are free.
    if (key % 2 == 0) event.ordering_key = fmt::format("key {}", key % 32);
    event.payload = crash_payload(event_id);
    event.headers = "{}";
    return event;
}

void append_batch(SqliteJournal& journal, int crash, int worker, int batch) {
    // The size follows from the name, so that a repetition is the same append.
    Random random((static_cast<std::uint64_t>(crash) << 40U) ^ (static_cast<std::uint64_t>(worker) << 32U) ^
                  static_cast<std::uint64_t>(batch));
    const auto size = 1 + static_cast<int>(random.up_to(max_batch - 1));
    std::vector<journal::NewEvent> events;
    std::string line = "appended";
    for (int i = 1; i <= size; ++i) {
        events.push_back(event_of(crash_event_id(crash, worker, batch, i, size), batch + i));
        line += ' ' + events.back().event_id;
    }
    const auto appended = journal.append(std::move(events));
    if (!appended) fail_workload(appended.error());
    report(line);
}

void append_for_ever(SqliteJournal& journal, int crash, int worker) {
    for (int batch = 0; crash > 1 && batch < repeated_batches; ++batch) append_batch(journal, crash - 1, worker, batch);
    for (int batch = 0;; ++batch) append_batch(journal, crash, worker, batch);
}

std::string finisher_name(int finisher) {
    return fmt::format("finisher.{}", finisher);
}

/// Claims, reports, finishes, reports; what it finished is counted in its state.
void finish_for_ever(SqliteJournal& journal, int finisher) {
    const auto& clock = system_clock();
    const auto name = finisher_name(finisher);
    const auto state = journal.get_state(connector, name);
    if (!state) fail_workload(state.error());
    for (auto version = state->version;;) {
        const auto ready = journal.ready(connector, flow, clock.now_ms(), ready_window);
        if (!ready) fail_workload(ready.error());
        const auto before = version;
        for (const auto& summary : *ready) {
            if (to_int(summary.seq) % finishers != finisher) continue;  // another's
            const auto now_ms = clock.now_ms();
            const auto claims = journal.claim({summary.seq}, {.host = name, .until_ms = now_ms + lease_ms}, now_ms);
            if (!claims) fail_workload(claims.error());
            if (claims->empty()) continue;
            report(fmt::format("claimed {} {}", summary.event_id, claims->front().attempt));
            journal::Finish finish;
            finish.verdict = "done";
            finish.message = finish_message(name, version + 1);
            finish.state = {{.name = name, .value = summary.event_id, .expected_version = version}};
            if (!is_emitted_event_id(summary.event_id)) {
                finish.emitted = {event_of(emitted_event_id(summary.event_id), 1)};
            }
            if (const auto finished = journal.finish(claims->front().lease(), finish, clock.now_ms()); !finished) {
                fail_workload(finished.error());
            }
            ++version;
            report("finished " + summary.event_id);
        }
        if (version == before) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

Result<FoundEvent> read_event(SqliteJournal& journal, journal::Seq seq) {
    const auto detail = journal.show(seq);
    if (!detail) return std::unexpected(detail.error());
    if (!*detail) return fail(Failure::invalid, fmt::format("event {} is listed and not there", to_int(seq)));
    const auto& event = (*detail)->event;
    return FoundEvent{.event_id = event.event_id,
                      .payload = (*detail)->payload,
                      .state = event.state,
                      .attempts = event.attempts,
                      .times_done = static_cast<int>(
                          std::ranges::count((*detail)->attempts, std::string("done"), &journal::Attempt::verdict)),
                      .attempt_unknown = event.attempt_unknown,
                      .outcome = event.outcome};
}

}  // namespace

int run_crash_workload(const std::filesystem::path& file, int crash) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const auto opened = journal::open_sqlite_journal(file, system_clock());
    if (!opened) fail_workload(opened.error());
    report(std::string(workload_opened));
    auto& journal = **opened;
    std::vector<std::jthread> threads;
    for (int i = 0; i < appenders; ++i) threads.emplace_back([&, i] { append_for_ever(journal, crash, i); });
    for (int i = 0; i < finishers; ++i) threads.emplace_back([&, i] { finish_for_ever(journal, i); });
    threads.clear();  // waits for ever
    return exit_failed;
}

Result<Remains> read_remains(const std::filesystem::path& file) {
    const auto opened = journal::open_sqlite_journal(file, system_clock());
    if (!opened) return std::unexpected(opened.error());
    if (const auto sound = (*opened)->check(); !sound) return std::unexpected(sound.error());
    Remains remains;
    journal::EventFilter filter{.limit = journal::max_listed_events};
    for (;;) {
        const auto page = (*opened)->list(filter);
        if (!page) return std::unexpected(page.error());
        for (const auto& summary : *page) {
            auto event = read_event(**opened, summary.seq);
            if (!event) return std::unexpected(event.error());
            remains.events.push_back(std::move(*event));
            filter.after_seq = to_int(summary.seq);
        }
        if (page->size() < static_cast<std::size_t>(filter.limit)) break;
    }
    for (int i = 0; i < finishers; ++i) {
        const auto state = (*opened)->get_state(connector, finisher_name(i));
        if (!state) return std::unexpected(state.error());
        remains.finisher_versions[finisher_name(i)] = state->version;
    }
    return remains;
}

}  // namespace sluice::host
