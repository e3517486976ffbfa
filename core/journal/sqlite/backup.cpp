#include "core/journal/sqlite/backup.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "core/journal/sqlite/database.hpp"

namespace sluice::journal::sqlite {

namespace {

Result<void> system_failure(const std::filesystem::path& copy, std::string_view what) {
    return fail(Failure::invalid, fmt::format("backup {}: cannot {}: {}", copy.string(), what, std::strerror(errno)));
}

Result<void> sync(const std::filesystem::path& path, const std::filesystem::path& copy) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return system_failure(copy, "open it to sync it");
    const int failed = ::fsync(descriptor);
    ::close(descriptor);
    return failed == 0 ? Result<void>() : system_failure(copy, "sync it");
}

/// The new file is ours alone from its first byte on.
Result<void> make_empty(const std::filesystem::path& partial, const std::filesystem::path& copy) {
    const int descriptor = ::open(partial.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0) return system_failure(copy, fmt::format("make {}", partial.string()));
    ::close(descriptor);
    return {};
}

Result<void> fill(const std::filesystem::path& file, const std::filesystem::path& partial,
                  const std::filesystem::path& copy) {
    auto source = Database::open(file);
    if (!source) return std::unexpected(source.error());
    // One read transaction from beginning to end; the copy keeps application_id and user_version.
    if (auto copied = source->run("VACUUM INTO ?1", partial.string()); !copied) return copied;
    if (auto synced = sync(partial, copy); !synced) return synced;
    // link, not rename: it never takes another file's place.
    if (::link(partial.c_str(), copy.c_str()) != 0) return system_failure(copy, "give it its name");
    return sync(std::filesystem::absolute(copy).parent_path(), copy);
}

}  // namespace

Result<void> backup(const std::filesystem::path& file, const std::filesystem::path& copy) {
    std::error_code code;
    if (std::filesystem::exists(copy, code)) {
        return fail(Failure::invalid,
                    fmt::format("backup {}: there is such a file already; name a new one", copy.string()));
    }
    auto partial = copy;
    partial += fmt::format(".{}.partial", ::getpid());
    if (auto made = make_empty(partial, copy); !made) return made;
    auto filled = fill(file, partial, copy);
    ::unlink(partial.c_str());
    return filled;
}

}  // namespace sluice::journal::sqlite
