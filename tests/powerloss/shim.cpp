// Preloaded into the host (LD_PRELOAD): passes every file operation below POWERLOSS_DIR on to the kernel and appends to
// POWERLOSS_TRACE what was done, with the data, so that disk.py can build the files as a power loss may leave them.
//
// A change is written down before the kernel makes it, and both under one lock: a process that is killed in between
// leaves a trace with at most one change too many, its last. A sync is written down when it begins and again when the
// kernel said it is done: only what was changed before the beginning is promised by the end. What goes by other ways
// (stdio inside libc, copy_file_range) is not seen; disk.py compares the trace with the files and says so.
//
// POWERLOSS_LIE=swallow makes fsync and fdatasync succeed without doing anything; POWERLOSS_LIE=off or normal makes
// SQLite itself run with that `PRAGMA synchronous`. POWERLOSS_KILL=OPERATION:SUFFIX:N kills the process when it does
// OPERATION (write, sync_begin, sync_end) for the N-th time on a file whose name ends with SUFFIX.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/powerloss/recorder.hpp"

namespace {

using sluice::powerloss::is_below;
using sluice::powerloss::is_followed;
using sluice::powerloss::Lie;
using sluice::powerloss::Operation;
using sluice::powerloss::recorder;

int open_file(int folder_descriptor, const char* name, int flags, mode_t mode) {
    std::string path;
    if (!is_below(folder_descriptor, name, path)) {
        return static_cast<int>(syscall(SYS_openat, folder_descriptor, name, flags, mode));
    }
    const std::scoped_lock lock(recorder().mutex());
    struct stat status {};
    const bool exists = syscall(SYS_newfstatat, folder_descriptor, name, &status, 0) == 0;
    bool changes = false;
    if (!exists && (flags & O_CREAT) != 0) {
        recorder().record(Operation::create, -1, 0, path);
        changes = true;
    } else if (exists && (flags & O_TRUNC) != 0 && status.st_size > 0) {
        recorder().record(Operation::resize, -1, 0, path);
        changes = true;
    }
    const auto descriptor = static_cast<int>(syscall(SYS_openat, folder_descriptor, name, flags, mode));
    if (descriptor < 0) return changes ? recorder().settle(descriptor) : descriptor;
    recorder().record(Operation::open, descriptor, 0, path);
    recorder().follow(descriptor, path);
    return descriptor;
}

mode_t mode_of(int flags, va_list arguments) {
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

/// One write of all bytes at `offset`, or at the file's own place (-1).
ssize_t write_file(int descriptor, std::string_view data, off_t offset) {
    const std::scoped_lock lock(recorder().mutex());
    off_t at = offset;
    if (offset < 0) {
        const bool appends = (syscall(SYS_fcntl, descriptor, F_GETFL) & O_APPEND) != 0;
        struct stat status {};
        if (appends) ::fstat(descriptor, &status);
        at = appends ? status.st_size : static_cast<off_t>(syscall(SYS_lseek, descriptor, 0, SEEK_CUR));
    }
    recorder().record(Operation::write, descriptor, at, recorder().path_of(descriptor), data);
    recorder().kill_here("write", recorder().path_of(descriptor));
    const auto written = offset < 0 ? syscall(SYS_write, descriptor, data.data(), data.size())
                                    : syscall(SYS_pwrite64, descriptor, data.data(), data.size(), offset);
    return recorder().settle<ssize_t>(written, static_cast<ssize_t>(data.size()));
}

std::string joined(const iovec* parts, int count) {
    std::string all;
    for (int i = 0; i < count; ++i) all.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
    return all;
}

int sync_file(int descriptor, std::int64_t call) {
    if (!is_followed(descriptor)) return static_cast<int>(syscall(call, descriptor));
    std::int64_t begun = 0;
    {
        const std::scoped_lock lock(recorder().mutex());
        if (recorder().lie() == Lie::swallow) {
            recorder().record(Operation::note, descriptor, 0, recorder().path_of(descriptor), "swallowed a sync");
            return 0;
        }
        begun = recorder().record(Operation::sync_begin, descriptor, 0, recorder().path_of(descriptor));
        recorder().kill_here("sync_begin", recorder().path_of(descriptor));
    }
    const auto done = static_cast<int>(syscall(call, descriptor));
    if (done == 0) {
        const std::scoped_lock lock(recorder().mutex());
        recorder().record(Operation::sync_end, descriptor, begun, recorder().path_of(descriptor));
        recorder().kill_here("sync_end", recorder().path_of(descriptor));
    }
    return done;
}

int resize_file(int descriptor, off_t size) {
    if (!is_followed(descriptor)) return static_cast<int>(syscall(SYS_ftruncate, descriptor, size));
    const std::scoped_lock lock(recorder().mutex());
    recorder().record(Operation::resize, descriptor, size, recorder().path_of(descriptor));
    return recorder().settle(static_cast<int>(syscall(SYS_ftruncate, descriptor, size)));
}

int allocate(int descriptor, int mode, off_t offset, off_t size) {
    if (!is_followed(descriptor)) return static_cast<int>(syscall(SYS_fallocate, descriptor, mode, offset, size));
    const std::scoped_lock lock(recorder().mutex());
    struct stat status {};
    ::fstat(descriptor, &status);
    if (mode != 0)
        recorder().record(Operation::unsupported, descriptor, 0, recorder().path_of(descriptor),
                          "fallocate with a mode");
    if (mode != 0 || offset + size <= status.st_size) {
        return static_cast<int>(syscall(SYS_fallocate, descriptor, mode, offset, size));
    }
    recorder().record(Operation::resize, descriptor, offset + size, recorder().path_of(descriptor));
    return recorder().settle(static_cast<int>(syscall(SYS_fallocate, descriptor, mode, offset, size)));
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
    const std::scoped_lock lock(recorder().mutex());
    if (old_below != new_below || flags != 0) {
        recorder().record(Operation::unsupported, -1, 0, old_path,
                          "a rename or link with flags, or across the folder's border");
        return call();
    }
    recorder().record(operation, -1, 0, old_path, new_path);
    return recorder().settle(call());
}

int unlink_file(int folder_descriptor, const char* name, int flags) {
    std::string path;
    const auto call = [&] { return static_cast<int>(syscall(SYS_unlinkat, folder_descriptor, name, flags)); };
    if (!is_below(folder_descriptor, name, path)) return call();
    const std::scoped_lock lock(recorder().mutex());
    struct stat status {};
    if (syscall(SYS_newfstatat, folder_descriptor, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(status.st_mode)) {
        return call();  // nothing there, or a socket: no disk keeps one
    }
    recorder().record(Operation::unlink, -1, 0, path);
    return recorder().settle(call());
}

int duplicated(int old_descriptor, int new_descriptor) {
    if (new_descriptor < 0 || old_descriptor == new_descriptor) return new_descriptor;
    const bool was = is_followed(new_descriptor);
    if (was || is_followed(old_descriptor)) {
        const std::scoped_lock lock(recorder().mutex());
        if (was) recorder().record(Operation::close, new_descriptor, 0, "");
        recorder().forget(new_descriptor);
        if (is_followed(old_descriptor)) {
            recorder().record(Operation::duplicate, old_descriptor, new_descriptor, recorder().path_of(old_descriptor));
            recorder().follow(new_descriptor, recorder().path_of(old_descriptor));
        }
    }
    return new_descriptor;
}

void* map(void* address, std::size_t size, int protection, int flags, int descriptor, off_t offset) {
    if (is_followed(descriptor) && (flags & MAP_SHARED) != 0 && (protection & PROT_WRITE) != 0) {
        const std::scoped_lock lock(recorder().mutex());
        recorder().record(Operation::map_shared, descriptor, 0, recorder().path_of(descriptor));
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
    const std::scoped_lock lock(recorder().mutex());
    recorder().record(Operation::close, descriptor, 0, "");
    recorder().forget(descriptor);
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
    const std::scoped_lock lock(recorder().mutex());
    recorder().record(Operation::resize, -1, size, path);
    return recorder().settle(static_cast<int>(syscall(SYS_truncate, name, size)));
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
        const std::scoped_lock lock(recorder().mutex());
        recorder().record(Operation::unsupported, -1, 0, path, "a folder in the folder");
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

/// POWERLOSS_LIE=off or normal: the same SQL with another word, so that SQLite runs as it would with that pragma.
int sqlite3_exec(void* database, const char* sql, int (*callback)(void*, int, char**, char**), void* context,
                 char** message) {
    using Exec = int (*)(void*, const char*, int (*)(void*, int, char**, char**), void*, char**);
    static const auto next = reinterpret_cast<Exec>(dlsym(RTLD_NEXT, "sqlite3_exec"));
    std::string text = sql;
    constexpr std::string_view honest = "PRAGMA synchronous = FULL";
    const auto at = text.find(honest);
    const auto lie = recorder().lie();
    if ((lie == Lie::off || lie == Lie::normal) && at != std::string::npos) {
        text.replace(at, honest.size(), lie == Lie::off ? "PRAGMA synchronous = OFF" : "PRAGMA synchronous = NORMAL");
        const std::scoped_lock lock(recorder().mutex());
        recorder().record(Operation::note, -1, 0, "", "synchronous is not FULL");
    }
    return next(database, text.c_str(), callback, context, message);
}

}  // extern "C"
