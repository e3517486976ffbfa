#pragma once
// What can be known of the disk below a folder: its file system, its write cache, and how long a flush takes.

#include <filesystem>
#include <string>

#include "core/base/result.hpp"

namespace sluice::host {

struct DiskFacts {
    std::string file_system;  ///< "ext4"; "" where unknown
    std::string source;       ///< what is mounted, "/dev/vda1"; "" where unknown
    std::string write_cache;  ///< the kernel's words, "write back" or "write through"; "" where it does not say
};

/// `mountinfo` and `sys` are /proc/self/mountinfo (proc(5)) and /sys, or a test's.
DiskFacts disk_facts(const std::filesystem::path& folder,
                     const std::filesystem::path& mountinfo = "/proc/self/mountinfo",
                     const std::filesystem::path& sys = "/sys");

/// Medians of some hundred rounds.
struct FlushTimes {
    double write_us = 0;  ///< a write of one page, which the kernel keeps in its cache
    double flush_us = 0;  ///< the fdatasync after it
};
/// Makes, measures and removes a file in this folder.
Result<FlushTimes> measure_flush(const std::filesystem::path& folder);

/// A flush that is hardly slower than a write into memory reached no disk.
bool is_implausible(const FlushTimes& times);

}  // namespace sluice::host
