#include "host/cli/journal_verify.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ostream>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/random.hpp"
#include "core/base/result.hpp"
#include "host/cli/command_line.hpp"
#include "host/cli/crash_ledger.hpp"
#include "host/cli/crash_workload.hpp"
#include "host/cli/disk_facts.hpp"

namespace sluice::host {
namespace {

/// A process is killed after so many acknowledgements, or so long after it opened the journal, whichever comes first.
constexpr std::int64_t most_acknowledgements = 400, longest_run_ms = 400;
/// A bound against hanging, no measure of speed.
constexpr std::int64_t open_limit_ms = 60'000;
/// One crash in so many happens while the journal is being opened.
constexpr std::int64_t start_crash_every = 5;
/// A new journal after so many crashes: crashes while it is made, and no file without end.
constexpr int crashes_per_file = 10;
constexpr std::size_t most_findings_shown = 20;

/// The process that is killed, and what it says.
class Victim {
public:
    static Result<Victim> start(const CrashProof& proof, const std::filesystem::path& file, int crash) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
            return fail(Failure::retry, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
        }
        posix_spawn_file_actions_t actions;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
        std::array<std::string, 7> words = {proof.program.string(), "journal", "crash-workload",     "--file",
                                            file.string(),          "--crash", std::to_string(crash)};
        std::array<char*, words.size() + 1> arguments{};
        for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
        pid_t process = 0;
        const int error = ::posix_spawn(&process, proof.program.c_str(), &actions, nullptr, arguments.data(), environ);
        ::posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
        if (error != 0) {
            ::close(ends[0]);
            return fail(Failure::invalid,
                        fmt::format("cannot start {}: {}", proof.program.string(), std::strerror(error)));
        }
        return Victim(process, ends[0]);
    }
    Victim(Victim&& other) noexcept
        : process_(std::exchange(other.process_, 0)), pipe_(std::exchange(other.pipe_, -1)) {}
    Victim& operator=(Victim&&) = delete;
    ~Victim() {
        if (process_ != 0) static_cast<void>(kill());
        if (pipe_ >= 0) ::close(pipe_);
    }

    /// The next lines, as they come; false at the end, or where there are none until then (steady_ms).
    bool read(std::int64_t until_ms, std::vector<std::string>& lines) {
        const auto left = until_ms - system_clock().steady_ms();
        pollfd ready{.fd = pipe_, .events = POLLIN, .revents = 0};
        if (left <= 0 || ::poll(&ready, 1, static_cast<int>(left)) <= 0) return false;
        return take(lines);
    }
    /// All that is left, of a process that is dead.
    std::vector<std::string> read_rest() {
        std::vector<std::string> lines;
        while (take(lines)) {
        }
        return lines;
    }
    /// True where it was alive until now.
    bool kill() {
        ::kill(process_, SIGKILL);
        int status = 0;
        while (::waitpid(process_, &status, 0) < 0 && errno == EINTR) {
        }
        process_ = 0;
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    }

private:
    Victim(pid_t process, int pipe) : process_(process), pipe_(pipe) {}

    bool take(std::vector<std::string>& lines) {
        std::array<char, 65536> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init): read() fills it
        const auto size = ::read(pipe_, bytes.data(), bytes.size());
        if (size <= 0) return false;
        text_.append(bytes.data(), static_cast<std::size_t>(size));
        std::size_t begin = 0;
        for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n', begin)) {
            lines.push_back(text_.substr(begin, end - begin));
            begin = end + 1;
        }
        text_.erase(0, begin);
        return true;
    }

    pid_t process_ = 0;
    int pipe_ = -1;
    std::string text_;
};

/// What was proved, over all crashes.
struct Totals {
    int crashes = 0, at_the_start = 0;
    std::int64_t appended = 0, finished = 0, recovered = 0, unacknowledged = 0;
};

class Prover {
public:
    Prover(const CrashProof& proof, std::filesystem::path folder)
        : proof_(proof), folder_(std::move(folder)), random_(proof.seed) {}

    /// What is wrong; nothing where all is proved.
    std::vector<std::string> run() {
        for (int crash = 1; crash <= proof_.crashes; ++crash) {
            if ((crash - 1) % crashes_per_file == 0) begin_file(crash);
            auto wrong = run_once(crash);
            if (!wrong.empty()) return wrong;
        }
        finish_file();
        auto unproved = unproved_recovery(totals_.crashes - totals_.at_the_start, totals_.recovered);
        if (!unproved.empty()) return {std::move(unproved)};
        return {};
    }
    const Totals& totals() const { return totals_; }

private:
    void begin_file(int crash) {
        finish_file();
        file_ = folder_ / fmt::format("journal-{}.db", crash);
    }
    /// The file held what it promised: its numbers count, and it goes.
    void finish_file() {
        totals_.appended += ledger_.appended();
        totals_.finished += ledger_.finished();
        totals_.unacknowledged += unacknowledged_;
        ledger_ = {};
        unacknowledged_ = 0;
        for (const auto* suffix : {"", "-wal", "-shm", ".lock"}) {
            std::error_code ignored;
            if (!file_.empty()) std::filesystem::remove(file_.string() + suffix, ignored);
        }
    }

    std::vector<std::string> run_once(int crash) {
        auto victim = Victim::start(proof_, file_, crash);
        if (!victim) return {victim.error().message};
        let_it_live(*victim);
        const bool was_alive = victim->kill();
        for (const auto& line : victim->read_rest()) take(line);
        if (!failure_.empty()) return {failure_};
        if (!was_alive) return {fmt::format("the process of crash {} ended by itself", crash)};
        ++totals_.crashes;
        totals_.at_the_start += opened_ ? 0 : 1;

        const auto remains = read_remains(file_);
        if (!remains)
            return {
                fmt::format("after crash {} the journal is not fit to be read: {}", crash, remains.error().message)};
        auto findings = ledger_.check(*remains);
        for (auto& line : findings.wrong) line = fmt::format("after crash {}: {}", crash, line);
        totals_.recovered += findings.recovered;
        unacknowledged_ = findings.unacknowledged;
        return std::move(findings.wrong);
    }

    /// Returns at the instant to kill it.
    void let_it_live(Victim& victim) {
        const auto& clock = system_clock();
        opened_ = false;
        acknowledged_ = 0;
        const bool at_the_start = random_.up_to(start_crash_every - 1) == 0;
        const auto begun_ms = clock.steady_ms();
        if (at_the_start) return listen(victim, begun_ms + random_.up_to(open_took_ms_), most_acknowledgements);
        listen(victim, begun_ms + open_limit_ms, 0);
        if (!opened_) {
            if (failure_.empty()) failure_ = "the process that is to be killed did not open the journal";
            return;
        }
        open_took_ms_ = clock.steady_ms() - begun_ms + 1;
        listen(victim, clock.steady_ms() + random_.up_to(longest_run_ms), 1 + random_.up_to(most_acknowledgements));
    }

    /// Until this moment, or until the journal is open and there were so many acknowledgements.
    void listen(Victim& victim, std::int64_t until_ms, std::int64_t acknowledgements) {
        std::vector<std::string> lines;
        while ((!opened_ || acknowledged_ < acknowledgements) && victim.read(until_ms, lines)) {
            for (const auto& line : lines) take(line);
            lines.clear();
        }
    }

    void take(const std::string& line) {
        if (line == workload_opened) {
            opened_ = true;
        } else if (ledger_.take(line)) {
            ++acknowledged_;
        } else {
            failure_ = line.starts_with(workload_failed) ? line.substr(workload_failed.size())
                                                         : fmt::format("the process that is killed said `{}`", line);
        }
    }

    const CrashProof& proof_;
    const std::filesystem::path folder_;
    Random random_;
    std::filesystem::path file_;
    CrashLedger ledger_;
    Totals totals_;
    bool opened_ = false;
    std::int64_t acknowledged_ = 0, unacknowledged_ = 0, open_took_ms_ = 50;
    std::string failure_;
};

std::string proved(const Totals& totals) {
    return fmt::format(
        "proved\n"
        "  crashes           {} by SIGKILL, {} of them while the journal was being opened\n"
        "  appended events   {} acknowledged; 0 lost, 0 doubled, 0 damaged\n"
        "  finished events   {} acknowledged; 0 lost, 0 doubled, 0 half there\n"
        "  recovered claims  {} of deliveries that a crash cut off: {}\n"
        "  unacknowledged    {} events whose acknowledgement a crash cut off, all there whole\n"
        "  integrity         the journal was opened and read whole (indexes, checksums, counts) {} times without a "
        "complaint\n",
        totals.crashes, totals.at_the_start, totals.appended, totals.finished, totals.recovered,
        totals.recovered > 0 ? "deliverable again, and marked as unknown" : "NOT proved, there were too few crashes",
        totals.unacknowledged, totals.crashes);
}

std::string cache_text(const std::string& write_cache) {
    if (write_cache == "write back") return "write back: the disk has a cache of its own, and must honour flushes";
    if (write_cache == "write through") {
        return "write through: the disk says it has none that a power loss could empty, or hides it";
    }
    return write_cache.empty() ? "not known: the kernel does not say" : write_cache;
}

std::string disk_text(const std::filesystem::path& folder) {
    const auto facts = disk_facts(folder);
    auto out = fmt::format(
        "this disk\n"
        "  file system       {}\n"
        "  write cache       {}\n",
        facts.file_system.empty() ? "not known" : fmt::format("{} on {}", facts.file_system, facts.source),
        cache_text(facts.write_cache));
    const auto times = measure_flush(folder);
    if (!times) return out + fmt::format("  flush             not measured: {}\n", times.error().message);
    out += fmt::format("  flush             fdatasync takes {:.0f} us, a plain write {:.1f} us (medians)\n",
                       times->flush_us, times->write_us);
    if (is_implausible(*times)) {
        out +=
            "  WARNING           no disk is that fast: flushes are probably answered from a volatile cache (or "
            "memory), and "
            "a power\n"
            "                    loss takes acknowledged events with it, unless that cache is protected (battery, "
            "capacitors)\n";
    }
    return out;
}

constexpr std::string_view not_proved =
    "not proved\n"
    "  A killed process leaves what it wrote in the kernel's cache. So this proves a crash of the process, not a power "
    "loss.\n"
    "  A write-back cache, of the disk, its controller or a virtual machine's host, that says a flush is done before "
    "it "
    "is\n"
    "  cannot be seen from here. Only pulling the plug while webhooks arrive tries that.\n";

Result<std::filesystem::path> make_folder(const std::filesystem::path& below) {
    std::string name = (std::filesystem::absolute(below) / "sluice-verify-XXXXXX").lexically_normal().string();
    if (::mkdtemp(name.data()) == nullptr) {
        return fail(Failure::invalid,
                    fmt::format("cannot make a folder in {}: {}", below.string(), std::strerror(errno)));
    }
    return name;
}

}  // namespace

int verify_by_crashing(const CrashProof& proof, std::ostream& out, std::ostream& errors) {
    const auto folder = make_folder(proof.folder);
    if (!folder) {
        errors << folder.error().message << '\n';
        return exit_failed;
    }
    out << fmt::format("crashing {} times in {}\n", proof.crashes, folder->string()) << std::flush;
    Prover prover(proof, *folder);
    const auto wrong = prover.run();
    if (wrong.empty()) {
        out << proved(prover.totals()) << disk_text(*folder) << not_proved;
        std::error_code ignored;
        std::filesystem::remove_all(*folder, ignored);
        return exit_done;
    }
    for (std::size_t i = 0; i < wrong.size() && i < most_findings_shown; ++i) errors << wrong[i] << '\n';
    if (wrong.size() > most_findings_shown) errors << fmt::format("and {} more\n", wrong.size() - most_findings_shown);
    errors << fmt::format("NOT proved, after {} crashes; the journal is kept in {}\n", prover.totals().crashes,
                          folder->string());
    return exit_failed;
}

}  // namespace sluice::host
