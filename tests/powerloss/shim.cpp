// Preloaded into the host (LD_PRELOAD): passes every file operation below POWERLOSS_DIR on to the kernel and appends to
// POWERLOSS_TRACE what was done, with the data, so that disk.py can build the files as a power loss may leave them.
//
// A change is written down before the kernel makes it, and both under one lock: a process that is killed in between
// leaves a trace with at most one change too many, its last. A sync is written down when it begins and again when the
// kernel said it is done: only what was changed before the beginning is promised by the end. What goes by other ways
// (stdio inside libc, copy_file_range) is not seen; disk.py compares the trace with the files and says so.
//
// POWERLOSS_LIE=swallow makes fsync and fdatasync succeed without doing anything; POWERLOSS_LIE=off makes SQLite itself
// run with `PRAGMA synchronous = OFF`. POWERLOSS_KILL=OPERATION:SUFFIX:N kills the process when it does OPERATION
// (write, sync_begin, sync_end) for the N-th time on a file whose name ends with SUFFIX.

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>

namespace {

/// The numbers trace.py knows.
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

struct Header {
    std::uint32_t operation;
    std::int32_t descriptor;
    std::int64_t number;
    std::uint32_t path_bytes;
    std::uint32_t data_bytes;
};

constexpr int max_descriptors = 4096;

enum class Lie { none, swallow, off };

struct KillAt {
    std::string operation, suffix;
    std::int64_t left = 0;
};

struct Shim {
    std::mutex mutex;
    std::string folder;  ///< without a slash at its end; "" where the shim does nothing
    int trace = -1;
    std::int64_t records = 0;
    Lie lie = Lie::none;
    KillAt kill_at;
    std::array<std::string, max_descriptors> paths;           ///< of the descriptors it follows
    std::array<std::atomic<bool>, max_descriptors> followed;  ///< read without the lock
};

[[noreturn]] void give_up(const char* why) {
    static_cast<void>(syscall(SYS_write, STDERR_FILENO, why, std::strlen(why)));
    std::abort();
}

KillAt parse_kill(const char* text) {
    KillAt at;
    if (text == nullptr) return at;
    const std::string_view all = text;
    const auto first = all.find(':'), last = all.rfind(':');
    if (first == last) give_up("POWERLOSS_KILL: wanted OPERATION:SUFFIX:N\n");
    at.operation = all.substr(0, first);
    at.suffix = all.substr(first + 1, last - first - 1);
    at.left = std::atoll(text + last + 1);
    return at;
}

Shim& shim() {
    // Never destroyed: other libraries close files when the program ends.
    static Shim& instance = *[] {
        auto* made = new Shim;
        const char* folder = std::getenv("POWERLOSS_DIR");
        const char* trace = std::getenv("POWERLOSS_TRACE");
        if (folder == nullptr || trace == nullptr) return made;
        made->trace =
            static_cast<int>(syscall(SYS_openat, AT_FDCWD, trace, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
        if (made->trace < 0) give_up("POWERLOSS_TRACE cannot be written\n");
        made->folder = folder;
        const std::string_view lie = std::getenv("POWERLOSS_LIE") == nullptr ? "" : std::getenv("POWERLOSS_LIE");
        made->lie = lie == "swallow" ? Lie::swallow : lie == "off" ? Lie::off : Lie::none;
        made->kill_at = parse_kill(std::getenv("POWERLOSS_KILL"));
        return made;
    }();
    return instance;
}

/// Before there are threads: ThreadSanitizer does not see this library's locks on first use.
[[gnu::constructor]] void prepare() {
    shim();
}

bool is_followed(int descriptor) {
    return descriptor >= 0 && descriptor < max_descriptors && shim().followed[static_cast<std::size_t>(descriptor)];
}
std::string& path_of(int descriptor) {
    return shim().paths[static_cast<std::size_t>(descriptor)];
}
void follow(int descriptor, const std::string& path) {
    if (descriptor >= max_descriptors) give_up("powerloss: more descriptors than the shim can follow\n");
    path_of(descriptor) = path;
    shim().followed[static_cast<std::size_t>(descriptor)] = true;
}

/// The path below the folder ("" is the folder itself); false where it lies elsewhere.
bool is_below(int folder_descriptor, const char* name, std::string& below) {
    const auto& folder = shim().folder;
    if (folder.empty() || name == nullptr) return false;
    std::error_code error;
    std::filesystem::path path = name;
    if (path.is_relative()) {
        const auto from = folder_descriptor == AT_FDCWD ? std::string("/proc/self/cwd")
                                                        : "/proc/self/fd/" + std::to_string(folder_descriptor);
        path = std::filesystem::read_symlink(from, error) / path;
    }
    const std::string whole = path.lexically_normal().string();
    if (!whole.starts_with(folder)) return false;
    if (whole.size() > folder.size() && whole[folder.size()] != '/') return false;
    below = whole.size() <= folder.size() + 1 ? "" : whole.substr(folder.size() + 1);
    return true;
}

/// Appends one record; the lock is held. Returns its number.
std::int64_t record(Operation operation, int descriptor, std::int64_t number, std::string_view path,
                    std::string_view data = {}) {
    auto& self = shim();
    Header header{.operation = static_cast<std::uint32_t>(operation),
                  .descriptor = descriptor,
                  .number = number,
                  .path_bytes = static_cast<std::uint32_t>(path.size()),
                  .data_bytes = static_cast<std::uint32_t>(data.size())};
    const std::array<iovec, 3> parts = {{{&header, sizeof header},
                                         {const_cast<char*>(path.data()), path.size()},
                                         {const_cast<char*>(data.data()), data.size()}}};
    const auto written = syscall(SYS_writev, self.trace, parts.data(), parts.size());
    if (written != static_cast<std::int64_t>(sizeof header + path.size() + data.size())) {
        give_up("powerloss: the trace cannot be written\n");
    }
    return self.records++;
}

void kill_here(std::string_view operation, std::string_view path) {
    auto& at = shim().kill_at;
    if (at.left == 0 || operation != at.operation || !path.ends_with(at.suffix)) return;
    if (--at.left > 0) return;
    static_cast<void>(syscall(SYS_kill, getpid(), SIGKILL));
    for (;;) pause();
}

/// Written down where the kernel did something else than the record says.
template <class Result>
Result settle(Result result, Result expected = 0) {
    if (result == expected) return result;
    const int saved = errno;
    record(Operation::outcome, -1, result < 0 ? -1 : static_cast<std::int64_t>(result), "");
    errno = saved;
    return result;
}

int open_file(int folder_descriptor, const char* name, int flags, mode_t mode) {
    std::string path;
    if (!is_below(folder_descriptor, name, path)) {
        return static_cast<int>(syscall(SYS_openat, folder_descriptor, name, flags, mode));
    }
    const std::scoped_lock lock(shim().mutex);
    struct stat status {};
    const bool exists = syscall(SYS_newfstatat, folder_descriptor, name, &status, 0) == 0;
    bool changes = false;
    if (!exists && (flags & O_CREAT) != 0) {
        record(Operation::create, -1, 0, path);
        changes = true;
    } else if (exists && (flags & O_TRUNC) != 0 && status.st_size > 0) {
        record(Operation::resize, -1, 0, path);
        changes = true;
    }
    const auto descriptor = static_cast<int>(syscall(SYS_openat, folder_descriptor, name, flags, mode));
    if (descriptor < 0) return changes ? settle(descriptor) : descriptor;
    record(Operation::open, descriptor, 0, path);
    follow(descriptor, path);
    return descriptor;
}

mode_t mode_of(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

/// One write of all bytes at `offset`, or at the file's own place (-1).
ssize_t write_file(int descriptor, std::string_view data, off_t offset) {
    const std::scoped_lock lock(shim().mutex);
    off_t at = offset;
    if (offset < 0) {
        const bool appends = (syscall(SYS_fcntl, descriptor, F_GETFL) & O_APPEND) != 0;
        struct stat status {};
        if (appends) ::fstat(descriptor, &status);
        at = appends ? status.st_size : static_cast<off_t>(syscall(SYS_lseek, descriptor, 0, SEEK_CUR));
    }
    record(Operation::write, descriptor, at, path_of(descriptor), data);
    kill_here("write", path_of(descriptor));
    const auto written = offset < 0 ? syscall(SYS_write, descriptor, data.data(), data.size())
                                    : syscall(SYS_pwrite64, descriptor, data.data(), data.size(), offset);
    return settle<ssize_t>(written, static_cast<ssize_t>(data.size()));
}

std::string joined(const iovec* parts, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
    return all;
}

int sync_file(int descriptor, std::int64_t call) {
    auto& self = shim();
    if (!is_followed(descriptor)) return static_cast<int>(syscall(call, descriptor));
    std::int64_t begun = 0;
    {
        const std::scoped_lock lock(self.mutex);
        if (self.lie == Lie::swallow) {
            record(Operation::note, descriptor, 0, path_of(descriptor), "swallowed a sync");
            return 0;
        }
        begun = record(Operation::sync_begin, descriptor, 0, path_of(descriptor));
        kill_here("sync_begin", path_of(descriptor));
    }
    const auto done = static_cast<int>(syscall(call, descriptor));
    if (done == 0) {
        const std::scoped_lock lock(self.mutex);
        record(Operation::sync_end, descriptor, begun, path_of(descriptor));
        kill_here("sync_end", path_of(descriptor));
    }
    return done;
}

int resize_file(int descriptor, off_t size) {
    if (!is_followed(descriptor)) return static_cast<int>(syscall(SYS_ftruncate, descriptor, size));
    const std::scoped_lock lock(shim().mutex);
    record(Operation::resize, descriptor, size, path_of(descriptor));
    return settle(static_cast<int>(syscall(SYS_ftruncate, descriptor, size)));
}

int allocate(int descriptor, int mode, off_t offset, off_t size) {
    if (!is_followed(descriptor)) return static_cast<int>(syscall(SYS_fallocate, descriptor, mode, offset, size));
    const std::scoped_lock lock(shim().mutex);
    struct stat status {};
    ::fstat(descriptor, &status);
    if (mode != 0) record(Operation::unsupported, descriptor, 0, path_of(descriptor), "fallocate with a mode");
    if (mode != 0 || offset + size <= status.st_size) {
        return static_cast<int>(syscall(SYS_fallocate, descriptor, mode, offset, size));
    }
    record(Operation::resize, descriptor, offset + size, path_of(descriptor));
    return settle(static_cast<int>(syscall(SYS_fallocate, descriptor, mode, offset, size)));
}

/// rename or link: both names below the folder, or both elsewhere.
int two_names(Operation operation, int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
    std::string old_path, new_path;
    const bool old_below = is_below(from_folder, from, old_path), new_below = is_below(to_folder, to, new_path);
    const auto call = [&] {
        return static_cast<int>(operation == Operation::rename
                                    ? syscall(SYS_renameat2, from_folder, from, to_folder, to, flags)
                                    : syscall(SYS_linkat, from_folder, from, to_folder, to, flags));
    };
    if (!old_below && !new_below) return call();
    const std::scoped_lock lock(shim().mutex);
    if (old_below != new_below || flags != 0) {
        record(Operation::unsupported, -1, 0, old_path, "a rename or link with flags, or across the folder's border");
        return call();
    }
    record(operation, -1, 0, old_path, new_path);
    return settle(call());
}

int unlink_file(int folder_descriptor, const char* name, int flags) {
    std::string path;
    const auto call = [&] { return static_cast<int>(syscall(SYS_unlinkat, folder_descriptor, name, flags)); };
    if (!is_below(folder_descriptor, name, path)) return call();
    const std::scoped_lock lock(shim().mutex);
    struct stat status {};
    if (syscall(SYS_newfstatat, folder_descriptor, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(status.st_mode)) {
        return call();  // nothing there, or a socket: no disk keeps one
    }
    record(Operation::unlink, -1, 0, path);
    return settle(call());
}

int duplicated(int old_descriptor, int new_descriptor) {
    if (new_descriptor < 0 || old_descriptor == new_descriptor) return new_descriptor;
    const bool was = is_followed(new_descriptor);
    if (was || is_followed(old_descriptor)) {
        const std::scoped_lock lock(shim().mutex);
        if (was) record(Operation::close, new_descriptor, 0, "");
        shim().followed[static_cast<std::size_t>(new_descriptor)] = false;
        if (is_followed(old_descriptor)) {
            record(Operation::duplicate, old_descriptor, new_descriptor, path_of(old_descriptor));
            follow(new_descriptor, path_of(old_descriptor));
        }
    }
    return new_descriptor;
}

void* map(void* address, std::size_t size, int protection, int flags, int descriptor, off_t offset) {
    if (is_followed(descriptor) && (flags & MAP_SHARED) != 0 && (protection & PROT_WRITE) != 0) {
        const std::scoped_lock lock(shim().mutex);
        record(Operation::map_shared, descriptor, 0, path_of(descriptor));
    }
    // The kernel's answer is an address.
    return reinterpret_cast<void*>(syscall(SYS_mmap, address, size, protection, flags, descriptor, offset));
}

}  // namespace

extern "C" {

int open(const char* name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const auto mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_file(AT_FDCWD, name, flags, mode);
}
int open64(const char* name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const auto mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_file(AT_FDCWD, name, flags, mode);
}
int openat(int folder, const char* name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const auto mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_file(folder, name, flags, mode);
}
int openat64(int folder, const char* name, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const auto mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_file(folder, name, flags, mode);
}
int creat(const char* name, mode_t mode) {
    return open_file(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}
int creat64(const char* name, mode_t mode) {
    return open_file(AT_FDCWD, name, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int close(int descriptor) {
    if (!is_followed(descriptor)) return static_cast<int>(syscall(SYS_close, descriptor));
    const std::scoped_lock lock(shim().mutex);
    record(Operation::close, descriptor, 0, "");
    shim().followed[static_cast<std::size_t>(descriptor)] = false;
    return static_cast<int>(syscall(SYS_close, descriptor));
}
int dup(int descriptor) noexcept {
    return duplicated(descriptor, static_cast<int>(syscall(SYS_dup, descriptor)));
}
int dup2(int descriptor, int wanted) noexcept {
    return duplicated(descriptor, static_cast<int>(syscall(SYS_dup2, descriptor, wanted)));
}
int dup3(int descriptor, int wanted, int flags) noexcept {
    return duplicated(descriptor, static_cast<int>(syscall(SYS_dup3, descriptor, wanted, flags)));
}

ssize_t write(int descriptor, const void* data, std::size_t size) {
    if (!is_followed(descriptor)) return syscall(SYS_write, descriptor, data, size);
    return write_file(descriptor, {static_cast<const char*>(data), size}, -1);
}
ssize_t pwrite(int descriptor, const void* data, std::size_t size, off_t offset) {
    if (!is_followed(descriptor)) return syscall(SYS_pwrite64, descriptor, data, size, offset);
    return write_file(descriptor, {static_cast<const char*>(data), size}, offset);
}
ssize_t pwrite64(int descriptor, const void* data, std::size_t size, off64_t offset) {
    return pwrite(descriptor, data, size, offset);
}
ssize_t writev(int descriptor, const iovec* parts, int count) {
    if (!is_followed(descriptor)) return syscall(SYS_writev, descriptor, parts, count);
    return write_file(descriptor, joined(parts, count), -1);
}
ssize_t pwritev(int descriptor, const iovec* parts, int count, off_t offset) {
    if (!is_followed(descriptor)) return syscall(SYS_pwritev, descriptor, parts, count, offset, 0);
    return write_file(descriptor, joined(parts, count), offset);
}
ssize_t pwritev64(int descriptor, const iovec* parts, int count, off64_t offset) {
    return pwritev(descriptor, parts, count, offset);
}

int ftruncate(int descriptor, off_t size) noexcept {
    return resize_file(descriptor, size);
}
int ftruncate64(int descriptor, off64_t size) noexcept {
    return resize_file(descriptor, size);
}
int truncate(const char* name, off_t size) noexcept {
    std::string path;
    if (!is_below(AT_FDCWD, name, path)) return static_cast<int>(syscall(SYS_truncate, name, size));
    const std::scoped_lock lock(shim().mutex);
    record(Operation::resize, -1, size, path);
    return settle(static_cast<int>(syscall(SYS_truncate, name, size)));
}
int truncate64(const char* name, off64_t size) noexcept {
    return truncate(name, size);
}
int fallocate(int descriptor, int mode, off_t offset, off_t size) {
    return allocate(descriptor, mode, offset, size);
}
int fallocate64(int descriptor, int mode, off64_t offset, off64_t size) {
    return allocate(descriptor, mode, offset, size);
}
int posix_fallocate(int descriptor, off_t offset, off_t size) {
    return allocate(descriptor, 0, offset, size) == 0 ? 0 : errno;
}
int posix_fallocate64(int descriptor, off64_t offset, off64_t size) {
    return posix_fallocate(descriptor, offset, size);
}

int unlink(const char* name) noexcept {
    return unlink_file(AT_FDCWD, name, 0);
}
int unlinkat(int folder, const char* name, int flags) noexcept {
    return unlink_file(folder, name, flags);
}
int remove(const char* name) noexcept {
    const int removed = unlink_file(AT_FDCWD, name, 0);
    return removed != 0 && errno == EISDIR ? unlink_file(AT_FDCWD, name, AT_REMOVEDIR) : removed;
}
int mkdir(const char* name, mode_t mode) noexcept {
    std::string path;
    if (is_below(AT_FDCWD, name, path) && !path.empty()) {
        const std::scoped_lock lock(shim().mutex);
        record(Operation::unsupported, -1, 0, path, "a folder in the folder");
    }
    return static_cast<int>(syscall(SYS_mkdir, name, mode));
}
int rename(const char* from, const char* to) noexcept {
    return two_names(Operation::rename, AT_FDCWD, from, AT_FDCWD, to, 0);
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
    return two_names(Operation::rename, from_folder, from, to_folder, to, 0);
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) noexcept {
    return two_names(Operation::rename, from_folder, from, to_folder, to, flags);
}
int link(const char* from, const char* to) noexcept {
    return two_names(Operation::link, AT_FDCWD, from, AT_FDCWD, to, 0);
}
int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) noexcept {
    return two_names(Operation::link, from_folder, from, to_folder, to, static_cast<unsigned>(flags));
}

int fsync(int descriptor) {
    return sync_file(descriptor, SYS_fsync);
}
int fdatasync(int descriptor) {
    return sync_file(descriptor, SYS_fdatasync);
}

void* mmap(void* address, std::size_t size, int protection, int flags, int descriptor, off_t offset) noexcept {
    return map(address, size, protection, flags, descriptor, offset);
}
void* mmap64(void* address, std::size_t size, int protection, int flags, int descriptor, off64_t offset) noexcept {
    return map(address, size, protection, flags, descriptor, offset);
}

/// POWERLOSS_LIE=off: the same SQL with another word, so that SQLite runs as it would with that pragma.
int sqlite3_exec(void* database, const char* sql, int (*callback)(void*, int, char**, char**), void* context,
                 char** message) {
    using Exec = int (*)(void*, const char*, int (*)(void*, int, char**, char**), void*, char**);
    static const auto next = reinterpret_cast<Exec>(dlsym(RTLD_NEXT, "sqlite3_exec"));
    std::string text = sql;
    constexpr std::string_view honest = "PRAGMA synchronous = FULL";
    const auto at = text.find(honest);
    if (shim().lie == Lie::off && at != std::string::npos) {
        text.replace(at, honest.size(), "PRAGMA synchronous = OFF");
        const std::scoped_lock lock(shim().mutex);
        record(Operation::note, -1, 0, "", "synchronous is OFF");
    }
    return next(database, text.c_str(), callback, context, message);
}

}  // extern "C"
