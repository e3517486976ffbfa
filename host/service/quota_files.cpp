#include "host/service/quota_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <system_error>

namespace sluice::host {
namespace {

std::unexpected<Error> cannot(std::string_view what, const std::filesystem::path& file) {
    const int code = errno;
    return fail(Failure::retry, fmt::format("cannot {} {}: {}", what, file.string(),
                                            std::error_code(code, std::generic_category()).message()));
}

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

Result<std::vector<delivery::QuotaStore::Spent>> QuotaFiles::load(const std::string& name) {
    const auto file = folder_ / name;
    std::vector<Spent> spent;
    errno = 0;
    std::ifstream in(file);
    if (!in) {
        if (errno == ENOENT) return spent;
        return cannot("read", file);
    }
    Spent one;
    while (in >> one.until_ms >> one.calls) spent.push_back(one);
    if (!in.eof() || in.bad()) {
        return fail(Failure::retry, fmt::format("{} is no count of a day's calls; delete it where none were made today",
                                                file.string()));
    }
    return spent;
}

Result<void> QuotaFiles::save(const std::string& name, const std::vector<Spent>& spent) {
    if (::mkdir(folder_.c_str(), S_IRWXU) != 0 && errno != EEXIST) return cannot("make", folder_);
    const auto file = folder_ / name, draft = folder_ / (name + ".new");
    std::string text;
    for (const auto& one : spent) text += fmt::format("{} {}\n", one.until_ms, one.calls);
    {
        const Descriptor out(::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
        if (!out.is_open()) return cannot("open", draft);
        if (!write_all(*out, text) || ::fdatasync(*out) != 0) return cannot("write", draft);
    }
    if (::rename(draft.c_str(), file.c_str()) != 0) return cannot("replace", file);
    const Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!folder.is_open() || ::fsync(*folder) != 0) return cannot("sync", folder_);
    return {};
}

delivery::AdmissionControl::Setup admission_of(const Setup& setup) {
    delivery::AdmissionControl::Setup admission{.odoo = setup.ceilings};
    for (const auto& connector : setup.connectors) {
        admission.connectors.push_back({.name = connector.name,
                                        .odoo = connector.odoo,
                                        .group = connector.rate_limit_group,
                                        .limits = connector.limits});
    }
    return admission;
}

}  // namespace sluice::host
