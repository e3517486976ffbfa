#pragma once
// The trace that the shim writes, and which files it is about. What is done to them is in shim.cpp.

#include <sys/types.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace sluice::powerloss {

/// The numbers trace_file.py knows.
enum class Operation : std::uint32_t {
    create = 1,   ///< path
    open,         ///< path, descriptor
    duplicate,    ///< descriptor, the new one in `number`
    close,        ///< descriptor
    write,        ///< descriptor, at `number`, data
    resize,       ///< path, to `number` bytes
    unlink,       ///< path
    rename,       ///< path, the new one as data
    link,         ///< path, the new one as data
    sync_begin,   ///< descriptor
    sync_end,     ///< descriptor; `number` is the record of its beginning
    map_shared,   ///< path
    outcome,      ///< the change of the record before did not happen, or only the first `number` bytes of it
    unsupported,  ///< path: something this shim does not follow
    note,         ///< what a lie did, as data
};

/// How syncs lie, as POWERLOSS_LIE says.
enum class Lie : std::uint8_t { none, swallow, off, normal };

constexpr int max_descriptors = 4096;

/// One a process, never destroyed: other libraries close files when the program ends.
class Recorder {
public:
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    /// Of a change and its record together, so that the trace has them in the order they were made in.
    std::mutex& mutex() { return mutex_; }
    Lie lie() const { return lie_; }

    /// The path below the folder ("" is the folder itself); false where it lies elsewhere. `folder_descriptor` is where
    /// a relative name begins, or AT_FDCWD.
    bool is_below(int folder_descriptor, const char* name, std::string& below) const;

    // What follows is for the thread that holds the lock.
    const std::string& path_of(int descriptor) const { return paths_[static_cast<std::size_t>(descriptor)]; }
    void follow(int descriptor, const std::string& path);
    void forget(int descriptor);

    /// Appends one record and answers its number.
    std::int64_t record(Operation operation, int descriptor, std::int64_t number, std::string_view path,
                        std::string_view data = {});
    /// Passes the kernel's answer on; written down where it did something else than the record before says.
    template <class Result>
    Result settle(Result result, Result expected = 0) {
        if (result == expected) return result;
        const int saved = errno;
        record(Operation::outcome, -1, result < 0 ? -1 : static_cast<std::int64_t>(result), "");
        errno = saved;
        return result;
    }
    /// Where POWERLOSS_KILL means this, the process ends here.
    void kill_here(std::string_view operation, std::string_view path);

private:
    friend Recorder& recorder();
    Recorder();

    std::mutex mutex_;
    std::string folder_;  ///< without a slash at its end; "" where the shim does nothing
    int trace_ = -1;
    std::int64_t records_ = 0;
    Lie lie_ = Lie::none;
    std::string kill_operation_, kill_suffix_;
    std::int64_t kill_left_ = 0;
    std::array<std::string, max_descriptors> paths_;
};

Recorder& recorder();

/// False also for calls that come before this library is set up (a sanitizer's own, before there is an environment to
/// read). Any thread, any time.
bool is_followed(int descriptor);
bool is_below(int folder_descriptor, const char* name, std::string& below);

}  // namespace sluice::powerloss
