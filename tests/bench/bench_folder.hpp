#pragma once
// A folder on the disk the benchmarks are run from (not /tmp, which may be memory), gone with its owner.

#include <stdlib.h>

#include <filesystem>
#include <string>

namespace sluice::bench {

struct Folder {
    std::filesystem::path path;
    Folder() {
        std::string name = (std::filesystem::current_path() / "sluice-bench-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
};

}  // namespace sluice::bench
