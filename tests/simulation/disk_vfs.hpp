#pragma once
// A simulated disk as a file system of SQLite.

#include <memory>
#include <string>

#include "tests/simulation/disk.hpp"

namespace sluice::simulation {

/// Registers `disk` as a sqlite3_vfs under name(), SQLite's default one while it lives: so that SQLite's own random
/// numbers come from the run's seed, too. One at a time in a process, one thread. Connections may outlive a
/// Disk::crash(), which leaves them only errors; not this object.
class DiskVfs {
public:
    DiskVfs(Disk& disk, std::uint64_t seed);
    ~DiskVfs();
    DiskVfs(const DiskVfs&) = delete;
    DiskVfs& operator=(const DiskVfs&) = delete;
    const std::string& name() const { return name_; }
    /// Times SQLite waited for a lock, which nobody else can give back: there should be none.
    std::int64_t waits() const;

private:
    struct Impl;
    std::string name_ = "simulated";
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::simulation
