#include "tests/powerloss/recorder.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace sluice::powerloss {
namespace {

/// As trace_file.py reads it.
struct Header {
    std::uint32_t operation;
    std::int32_t descriptor;
    std::int64_t number;
    std::uint32_t path_bytes;
    std::uint32_t data_bytes;
};

[[noreturn]] void give_up(const char* why) {
    static_cast<void>(syscall(SYS_write, STDERR_FILENO, why, std::strlen(why)));
    std::abort();
}

std::string_view environment(const char* name) {
    const char* value = std::getenv(name);
    return value == nullptr ? "" : value;
}

Lie parse_lie(std::string_view text) {
    if (text.empty()) return Lie::none;
    if (text == "swallow") return Lie::swallow;
    if (text == "off") return Lie::off;
    if (text == "normal") return Lie::normal;
    give_up("POWERLOSS_LIE: wanted swallow, off or normal\n");
}

constinit std::atomic<bool> is_ready = false;
constinit std::array<std::atomic<bool>, max_descriptors> followed = {};

/// Before there are threads: ThreadSanitizer does not see this library's locks on first use.
[[gnu::constructor]] void prepare() {
    recorder();
    is_ready = true;
}

}  // namespace

Recorder& recorder() {
    static Recorder& instance = *new Recorder;
    return instance;
}

Recorder::Recorder() {
    const auto folder = environment("POWERLOSS_DIR"), trace = environment("POWERLOSS_TRACE");
    if (folder.empty() || trace.empty()) return;
    trace_ =
        static_cast<int>(syscall(SYS_openat, AT_FDCWD, trace.data(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (trace_ < 0) give_up("POWERLOSS_TRACE cannot be written\n");
    folder_ = folder;
    lie_ = parse_lie(environment("POWERLOSS_LIE"));
    const auto kill = environment("POWERLOSS_KILL");
    if (kill.empty()) return;
    const auto first = kill.find(':'), last = kill.rfind(':');
    if (first == last) give_up("POWERLOSS_KILL: wanted OPERATION:SUFFIX:N\n");
    kill_operation_ = kill.substr(0, first);
    kill_suffix_ = kill.substr(first + 1, last - first - 1);
    kill_left_ = std::atoll(kill.data() + last + 1);
}

void Recorder::follow(int descriptor, const std::string& path) {
    if (descriptor >= max_descriptors) give_up("powerloss: more descriptors than the shim can follow\n");
    paths_[static_cast<std::size_t>(descriptor)] = path;
    followed[static_cast<std::size_t>(descriptor)] = true;
}

void Recorder::forget(int descriptor) {
    followed[static_cast<std::size_t>(descriptor)] = false;
}

bool Recorder::is_below(int folder_descriptor, const char* name, std::string& below) const {
    if (folder_.empty() || name == nullptr) return false;
    std::error_code error;
    std::filesystem::path path = name;
    if (path.is_relative()) {
        const auto from = folder_descriptor == AT_FDCWD ? std::string("/proc/self/cwd")
                                                        : "/proc/self/fd/" + std::to_string(folder_descriptor);
        path = std::filesystem::read_symlink(from, error) / path;
    }
    const std::string whole = path.lexically_normal().string();
    if (!whole.starts_with(folder_)) return false;
    if (whole.size() > folder_.size() && whole[folder_.size()] != '/') return false;
    below = whole.size() <= folder_.size() + 1 ? "" : whole.substr(folder_.size() + 1);
    return true;
}

std::int64_t Recorder::record(Operation operation, int descriptor, std::int64_t number, std::string_view path,
                              std::string_view data) {
    Header header{.operation = static_cast<std::uint32_t>(operation),
                  .descriptor = descriptor,
                  .number = number,
                  .path_bytes = static_cast<std::uint32_t>(path.size()),
                  .data_bytes = static_cast<std::uint32_t>(data.size())};
    const std::array<iovec, 3> parts = {{{&header, sizeof header},
                                         {const_cast<char*>(path.data()), path.size()},
                                         {const_cast<char*>(data.data()), data.size()}}};
    const auto written = syscall(SYS_writev, trace_, parts.data(), parts.size());
    if (written != static_cast<std::int64_t>(sizeof header + path.size() + data.size())) {
        give_up("powerloss: the trace cannot be written\n");
    }
    return records_++;
}

void Recorder::kill_here(std::string_view operation, std::string_view path) {
    if (kill_left_ == 0 || operation != kill_operation_ || !path.ends_with(kill_suffix_)) return;
    if (--kill_left_ > 0) return;
    static_cast<void>(syscall(SYS_kill, getpid(), SIGKILL));
    for (;;) pause();
}

bool is_followed(int descriptor) {
    return descriptor >= 0 && descriptor < max_descriptors && followed[static_cast<std::size_t>(descriptor)];
}

bool is_below(int folder_descriptor, const char* name, std::string& below) {
    return is_ready && recorder().is_below(folder_descriptor, name, below);
}

}  // namespace sluice::powerloss
