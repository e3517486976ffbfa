#include "core/journal/sqlite/file_lock.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/base/text.hpp"

namespace sluice::journal::sqlite {

namespace {

/// The holder writes its process id into the lock file, only for this message.
std::string holder(int descriptor) {
    std::array<char, 32> text{};
    const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
    const auto id = trim(std::string_view(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0));
    return id.empty() ? std::string() : fmt::format(" (process {})", id);
}

}  // namespace

Result<FileLock> FileLock::take(const std::filesystem::path& file) {
    const std::string name = file.string() + ".lock";
    const int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) {
        return fail(Failure::invalid, fmt::format("journal {}: cannot make its lock file {}: {}; the folder must exist "
                                                  "and be writable for this user",
                                                  file.string(), name, std::strerror(errno)));
    }
    FileLock lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) {
            return fail(Failure::invalid,
                        fmt::format("journal {}: another host{} has it open; stop that one, or give this one a journal "
                                    "file of its own",
                                    file.string(), holder(descriptor)));
        }
        return fail(Failure::retry,
                    fmt::format("journal {}: cannot lock {}: {}", file.string(), name, std::strerror(errno)));
    }
    const std::string id = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, id.data(), id.size(), 0) < 0) {
        // Only the words of a later message depend on it (a full disk must not keep the host from opening its journal).
    }
    return lock;
}

FileLock::~FileLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace sluice::journal::sqlite
