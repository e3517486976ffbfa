#include "tests/simulation/disk_vfs.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

namespace sluice::simulation {

namespace {

struct Handle;

/// Who holds what on a file: SQLite's five levels, and the locks and the memory that connections of a log share.
struct Sharing {
    std::vector<Handle*> handles;
    std::vector<std::unique_ptr<std::array<char, 32 * 1024>>> regions;
};

struct Handle {
    sqlite3_file base;  // first: SQLite sees this
    Disk* disk;
    int generation;
    int level;               ///< SQLITE_LOCK_*
    unsigned shared, alone;  ///< locks of the shared memory: a bit each
    std::shared_ptr<Disk::File> file;
    std::shared_ptr<Sharing> sharing;

    bool is_dead() const { return generation != disk->generation() || disk->is_dead(); }
};

Handle& handle_of(sqlite3_file* file) {
    return *reinterpret_cast<Handle*>(file);
}

int code_of(Disk::Answer answer, int io_error) {
    switch (answer) {
        case Disk::Answer::ok:
            return SQLITE_OK;
        case Disk::Answer::io_error:
            return io_error;
        case Disk::Answer::full:
            return SQLITE_FULL;
    }
    return io_error;
}

int close(sqlite3_file* file) {
    auto& handle = handle_of(file);
    std::erase(handle.sharing->handles, &handle);
    handle.~Handle();
    return SQLITE_OK;
}

int read(sqlite3_file* file, void* to, int size, sqlite3_int64 offset) {
    auto& handle = handle_of(file);
    if (handle.is_dead()) return SQLITE_IOERR_READ;
    std::string_view bytes;
    const auto answer =
        handle.disk->read(*handle.file, static_cast<std::size_t>(offset), static_cast<std::size_t>(size), bytes);
    if (answer != Disk::Answer::ok) return code_of(answer, SQLITE_IOERR_READ);
    if (!bytes.empty()) std::memcpy(to, bytes.data(), bytes.size());
    if (bytes.size() == static_cast<std::size_t>(size)) return SQLITE_OK;
    std::memset(static_cast<char*>(to) + bytes.size(), 0, static_cast<std::size_t>(size) - bytes.size());
    return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
    auto& handle = handle_of(file);
    if (handle.is_dead()) return SQLITE_IOERR_WRITE;
    return code_of(handle.disk->write(*handle.file, static_cast<std::size_t>(offset),
                                      {static_cast<const char*>(from), static_cast<std::size_t>(size)}),
                   SQLITE_IOERR_WRITE);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
    auto& handle = handle_of(file);
    if (handle.is_dead()) return SQLITE_IOERR_TRUNCATE;
    return code_of(handle.disk->truncate(*handle.file, static_cast<std::size_t>(size)), SQLITE_IOERR_TRUNCATE);
}

int sync(sqlite3_file* file, int /*flags*/) {
    auto& handle = handle_of(file);
    if (handle.is_dead()) return SQLITE_IOERR_FSYNC;
    return code_of(handle.disk->sync(*handle.file), SQLITE_IOERR_FSYNC);
}

int size(sqlite3_file* file, sqlite3_int64* size) {
    auto& handle = handle_of(file);
    if (handle.is_dead()) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(handle.file->bytes.size());
    return SQLITE_OK;
}

int highest_level(const Handle& except) {
    int highest = SQLITE_LOCK_NONE;
    for (const auto* other : except.sharing->handles) {
        if (other != &except) highest = std::max(highest, other->level);
    }
    return highest;
}

int lock(sqlite3_file* file, int level) {
    auto& handle = handle_of(file);
    if (handle.is_dead()) return SQLITE_IOERR_LOCK;
    if (level <= handle.level) return SQLITE_OK;
    const int others = highest_level(handle);
    if (level == SQLITE_LOCK_SHARED && others >= SQLITE_LOCK_PENDING) return SQLITE_BUSY;
    if (level >= SQLITE_LOCK_RESERVED && others >= SQLITE_LOCK_RESERVED) return SQLITE_BUSY;
    if (level == SQLITE_LOCK_EXCLUSIVE && others >= SQLITE_LOCK_SHARED) {
        handle.level = SQLITE_LOCK_PENDING;
        return SQLITE_BUSY;
    }
    handle.level = level;
    return SQLITE_OK;
}

int unlock(sqlite3_file* file, int level) {
    auto& handle = handle_of(file);
    handle.level = std::min(handle.level, level);
    return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* file, int* reserved) {
    auto& handle = handle_of(file);
    *reserved = handle.level >= SQLITE_LOCK_RESERVED || highest_level(handle) >= SQLITE_LOCK_RESERVED ? 1 : 0;
    return SQLITE_OK;
}

int control(sqlite3_file* /*file*/, int /*operation*/, void* /*argument*/) {
    return SQLITE_NOTFOUND;
}

int sector_size(sqlite3_file* /*file*/) {
    return static_cast<int>(Disk::sector_bytes);
}

int characteristics(sqlite3_file* /*file*/) {
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;  // a sector is old or new, so its other bytes are safe
}

int map_shared(sqlite3_file* file, int region, int size, int extend, void volatile** memory) {
    auto& handle = handle_of(file);
    *memory = nullptr;
    auto& regions = handle.sharing->regions;
    const auto index = static_cast<std::size_t>(region);
    if (static_cast<std::size_t>(size) > std::tuple_size_v<std::array<char, 32 * 1024>>) return SQLITE_IOERR_SHMSIZE;
    if (index >= regions.size() && extend == 0) return SQLITE_OK;
    if (handle.is_dead()) return SQLITE_IOERR_SHMMAP;
    while (regions.size() <= index) regions.push_back(std::make_unique<std::array<char, 32 * 1024>>());
    *memory = regions[index]->data();
    return SQLITE_OK;
}

int lock_shared(sqlite3_file* file, int first, int count, int flags) {
    auto& handle = handle_of(file);
    const unsigned mask = ((1U << count) - 1U) << first;
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        handle.shared &= ~mask;
        handle.alone &= ~mask;
        return SQLITE_OK;
    }
    if (handle.is_dead()) return SQLITE_IOERR_SHMLOCK;
    unsigned shared = 0, alone = 0;
    for (const auto* other : handle.sharing->handles) {
        if (other == &handle) continue;
        shared |= other->shared;
        alone |= other->alone;
    }
    const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    if ((alone & mask) != 0 || (exclusive && (shared & mask) != 0)) return SQLITE_BUSY;
    (exclusive ? handle.alone : handle.shared) |= mask;
    return SQLITE_OK;
}

void barrier(sqlite3_file* /*file*/) {}

int unmap_shared(sqlite3_file* file, int remove) {
    auto& handle = handle_of(file);
    handle.shared = handle.alone = 0;
    if (remove != 0 && handle.sharing->handles.size() == 1) handle.sharing->regions.clear();
    return SQLITE_OK;
}

const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = barrier,
    .xShmUnmap = unmap_shared,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

}  // namespace

struct DiskVfs::Impl {
    Impl(Disk& disk_in, std::uint64_t seed) : disk(disk_in), dice(seed) {}

    static Impl& of(sqlite3_vfs* vfs) { return *static_cast<Impl*>(vfs->pAppData); }

    static int open(sqlite3_vfs* vfs, sqlite3_filename name, sqlite3_file* file, int flags, int* answered) {
        auto& impl = of(vfs);
        file->pMethods = nullptr;
        if (impl.disk.is_dead()) return SQLITE_CANTOPEN;
        const std::string path = name == nullptr ? "" : name;
        auto opened = impl.disk.open(path, (flags & SQLITE_OPEN_CREATE) != 0, (flags & SQLITE_OPEN_MAIN_DB) != 0);
        if (opened == nullptr) return SQLITE_CANTOPEN;
        const int generation = impl.disk.generation();
        if (impl.sharing_of != generation) impl.sharing.clear();  // the dead hold nothing
        impl.sharing_of = generation;
        auto& sharing = impl.sharing[path];
        if (sharing == nullptr || path.empty()) sharing = std::make_shared<Sharing>();
        auto* handle = new (file) Handle{.base = {.pMethods = &methods},
                                         .disk = &impl.disk,
                                         .generation = generation,
                                         .level = SQLITE_LOCK_NONE,
                                         .shared = 0,
                                         .alone = 0,
                                         .file = std::move(opened),
                                         .sharing = sharing};
        sharing->handles.push_back(handle);
        if (answered != nullptr) *answered = flags;
        return SQLITE_OK;
    }
    static int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
        auto& disk = of(vfs).disk;
        if (disk.is_dead()) return SQLITE_IOERR_DELETE;
        if (!disk.exists(name)) return SQLITE_IOERR_DELETE_NOENT;
        return code_of(disk.remove(name, sync_folder != 0), SQLITE_IOERR_DELETE);
    }
    static int access(sqlite3_vfs* vfs, const char* name, int /*flags*/, int* yes) {
        auto& disk = of(vfs).disk;
        if (disk.is_dead()) return SQLITE_IOERR_ACCESS;
        *yes = disk.size(name) > 0 ? 1 : 0;  // an empty file is none, as in SQLite's own file systems
        return SQLITE_OK;
    }
    static int full_path(sqlite3_vfs* /*vfs*/, const char* name, int size, char* path) {
        sqlite3_snprintf(size, path, "%s", name);
        return SQLITE_OK;
    }
    static int randomness(sqlite3_vfs* vfs, int size, char* bytes) {
        for (int i = 0; i < size; ++i) bytes[i] = static_cast<char>(of(vfs).dice.between(0, 255));
        return size;
    }
    static int sleep(sqlite3_vfs* vfs, int microseconds) {
        ++of(vfs).waits;
        return microseconds;
    }
    static int current_time(sqlite3_vfs* /*vfs*/, sqlite3_int64* julian_ms) {
        *julian_ms = 212'000'000'000'000;
        return SQLITE_OK;
    }
    static int last_error(sqlite3_vfs* /*vfs*/, int /*size*/, char* /*text*/) { return 0; }

    Disk& disk;
    Dice dice;
    std::map<std::string, std::shared_ptr<Sharing>> sharing;
    int sharing_of = -1;
    std::int64_t waits = 0;
    sqlite3_vfs vfs{};
};

DiskVfs::DiskVfs(Disk& disk, std::uint64_t seed) : impl_(std::make_unique<Impl>(disk, seed)) {
    auto& vfs = impl_->vfs;
    vfs.iVersion = 2;
    vfs.szOsFile = static_cast<int>(sizeof(Handle));
    vfs.mxPathname = 128;
    vfs.zName = name_.c_str();
    vfs.pAppData = impl_.get();
    vfs.xOpen = Impl::open;
    vfs.xDelete = Impl::remove;
    vfs.xAccess = Impl::access;
    vfs.xFullPathname = Impl::full_path;
    vfs.xRandomness = Impl::randomness;
    vfs.xSleep = Impl::sleep;
    vfs.xGetLastError = Impl::last_error;
    vfs.xCurrentTimeInt64 = Impl::current_time;
    sqlite3_initialize();
    sqlite3_vfs_register(&vfs, 1);
    sqlite3_randomness(0, nullptr);  // seeded anew, from here
}

DiskVfs::~DiskVfs() {
    sqlite3_vfs_unregister(&impl_->vfs);
}

std::int64_t DiskVfs::waits() const {
    return impl_->waits;
}

}  // namespace sluice::simulation
