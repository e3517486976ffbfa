#include "host/service/replace_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace sluice::host {
namespace {

/// Closes on destruction.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int operator*() const { return number_; }
    bool is_open() const { return number_ >= 0; }

private:
    int number_;
};

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

std::unexpected<Error> cannot(std::string_view what, const std::filesystem::path& file) {
    const int code = errno;
    return fail(Failure::retry, fmt::format("cannot {} {}: {}", what, file.string(),
                                            std::error_code(code, std::generic_category()).message()));
}

Result<void> replace_file(const std::filesystem::path& folder, const std::string& name, std::string_view text) {
    if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST) return cannot("make", folder);
    const auto file = folder / name, draft = folder / (name + ".new");
    {
        const Descriptor out(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
        if (!out.is_open()) return cannot("open", draft);
        if (!write_all(*out, text) || ::fdatasync(*out) != 0) return cannot("write", draft);
    }
    if (::rename(draft.c_str(), file.c_str()) != 0) return cannot("replace", file);
    const Descriptor held(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!held.is_open() || ::fsync(*held) != 0) return cannot("sync", folder);
    return {};
}

}  // namespace sluice::host
