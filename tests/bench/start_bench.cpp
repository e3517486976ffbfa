// The real program started on a journal with many events waiting: how long until the first is delivered, and how much
// memory it takes. The yardstick is the same with a thousand.

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <string>
#include <string_view>

#include "tests/bench/backlog.hpp"
#include "tests/bench/bench_folder.hpp"

namespace sluice::bench {
namespace {

using Time = std::chrono::steady_clock;

std::string configuration(const std::filesystem::path& folder) {
    const auto file = folder / "sluice.toml";
    std::ofstream(file) << fmt::format(
        "[host]\ndata_dir = \"var\"\nplugin_dirs = [\"{}\"]\n[ingress]\nlisten = \"127.0.0.1:0\"\n"
        "[odoo.main]\nurl = \"http://127.0.0.1:9\"\ndatabase = \"none\"\nlogin = \"none\"\n"
        "api_key = {{ env = \"SLUICE_BENCH_KEY\" }}\n[connector.shop]\nplugin = \"noop\"\n",
        SLUICE_NOOP_FOLDER);
    return file.string();
}

double resident_mib(pid_t process) {
    std::ifstream status(fmt::format("/proc/{}/status", process));
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1'024;
    }
    return 0;
}

/// The program with its log on a pipe.
class Program {
public:
    explicit Program(const std::string& config) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
        process_ = ::fork();
        if (process_ == 0) {
            ::dup2(ends[1], STDERR_FILENO);
            ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
            ::setenv("SLUICE_BENCH_KEY", "none", 1);
            ::execl(SLUICE_PROGRAM, SLUICE_PROGRAM, "run", "--config", config.c_str(), static_cast<char*>(nullptr));
            ::_exit(127);
        }
        ::close(ends[1]);
        log_ = ends[0];
    }
    ~Program() {
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        ::close(log_);
    }
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;

    /// Reads the log until it says so, so many times; false at its end.
    bool wait_for(std::string_view text, int times) {
        std::string carry;
        std::array<char, 65'536> buffer;
        while (times > 0) {
            const auto got = ::read(log_, buffer.data(), buffer.size());
            if (got <= 0) return false;
            carry.append(buffer.data(), static_cast<std::size_t>(got));
            for (auto at = carry.find(text); at != std::string::npos && times > 0; at = carry.find(text)) {
                carry.erase(0, at + text.size());
                --times;
            }
            if (carry.size() > text.size()) carry.erase(0, carry.size() - text.size());
        }
        return true;
    }
    pid_t id() const { return process_; }

private:
    pid_t process_ = -1;
    int log_ = -1;
};

void start(benchmark::State& state, std::int64_t waiting) {
    const Folder folder;
    std::filesystem::create_directory(folder.path / "var");
    const auto config = configuration(folder.path);
    {
        auto journal = journal::open_sqlite_journal(folder.path / "var" / "journal.db", system_clock());
        if (!journal) return state.SkipWithError(journal.error().message.c_str());
        fill(**journal, 1, waiting, 100);
    }
    for (auto _ : state) {
        const auto begin = Time::now();
        Program program(config);
        if (!program.wait_for("delivered", 1)) return state.SkipWithError("the program ended");
        const double seconds = std::chrono::duration<double>(Time::now() - begin).count();
        state.SetIterationTime(seconds);
        // Busy for a while: memory is what it takes to work, not to begin.
        if (!program.wait_for("delivered", static_cast<int>(std::min<std::int64_t>(waiting - 1, 5'000))))
            return state.SkipWithError("the program ended");
        state.counters["first_delivery_ms"] = seconds * 1'000;
        state.counters["resident_mib"] = resident_mib(program.id());
    }
    state.SetItemsProcessed(1);
}

const int registered = [] {
    const auto add = [](const char* name, std::int64_t waiting) {
        benchmark::RegisterBenchmark(name, [waiting](benchmark::State& state) { start(state, waiting); })
            ->UseManualTime()
            ->Iterations(1);
    };
    add("journal_start_1M", 1'000'000);
    add("journal_start_1M/yardstick", 1'000);
    return 0;
}();

}  // namespace
}  // namespace sluice::bench
