#pragma once
// One host per journal file.

#include <filesystem>
#include <utility>

#include "core/base/result.hpp"

namespace sluice::journal::sqlite {

/// An flock(2) on `FILE.lock`, held until this goes. The kernel frees it when the process dies, however it dies, so a
/// lock file that is left behind blocks nobody; it is never removed, since removing it would let two hosts lock two
/// files of one name.
class FileLock {
public:
    /// Failure::invalid, naming file and holder, where another host (or another journal of this process) has it.
    static Result<FileLock> take(const std::filesystem::path& file);
    FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    FileLock& operator=(FileLock&&) = delete;
    ~FileLock();

private:
    explicit FileLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace sluice::journal::sqlite
