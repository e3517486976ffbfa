#include "host/cli/disk_facts.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

#include "core/base/text.hpp"

namespace sluice::host {
namespace {

constexpr int rounds = 200;
constexpr std::size_t page_bytes = 4096;
/// The fastest disks need about 10 us to store a page, consumer's some hundred to flush their cache; and what reaches a
/// disk takes some times as long as what stays in memory.
constexpr double least_flush_us = 10, least_flush_factor = 4;

struct Mount {
    std::string device;  ///< "254:1"
    std::string point, file_system, source;
};

/// Spaces and the like in a path stand as \040 in mountinfo.
std::string unescape(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size()) {
            out += static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0'));
            i += 3;
        } else {
            out += text[i];
        }
    }
    return out;
}

/// "36 35 98:0 /root /mount/point rw,noatime shared:1 - ext4 /dev/vda1 rw"
Mount parse_mount(const std::string& line) {
    std::istringstream words(line);
    std::string skipped, word, point;
    Mount mount;
    words >> skipped >> skipped >> mount.device >> skipped >> point;
    while (words >> word && word != "-") {
    }
    words >> mount.file_system >> word;
    mount.point = unescape(point);
    mount.source = unescape(word);
    return mount;
}

bool holds(const std::string& point, const std::string& folder) {
    return point == "/" || folder == point ||
           (folder.starts_with(point) && folder.size() > point.size() && folder[point.size()] == '/');
}

std::string first_line(const std::filesystem::path& file) {
    std::ifstream stream(file);
    std::string line;
    std::getline(stream, line);
    return std::string(trim(line));
}

/// A partition has no queue of its own; its disk's is one folder up.
std::string write_cache_of(const std::filesystem::path& sys, const std::string& device) {
    std::error_code error;
    const auto folder = std::filesystem::canonical(sys / "dev" / "block" / device, error);
    if (error) return "";
    for (const auto& at : {folder, folder.parent_path()}) {
        if (auto line = first_line(at / "queue" / "write_cache"); !line.empty()) return line;
    }
    return "";
}

double median(std::vector<double>& values) {
    std::ranges::sort(values);
    return values[values.size() / 2];
}

}  // namespace

DiskFacts disk_facts(const std::filesystem::path& folder, const std::filesystem::path& mountinfo,
                     const std::filesystem::path& sys) {
    std::error_code error;
    const auto name = std::filesystem::canonical(folder, error).string();
    if (error) return {};
    std::ifstream lines(mountinfo);
    Mount best;
    for (std::string line; std::getline(lines, line);) {
        auto mount = parse_mount(line);
        // Of two on one point the later hides the earlier.
        if (holds(mount.point, name) && mount.point.size() >= best.point.size()) best = std::move(mount);
    }
    DiskFacts facts{.file_system = best.file_system, .source = best.source};
    facts.write_cache = write_cache_of(sys, best.device);
    struct stat status {};
    // Some file systems (btrfs) show a number of their own there, and the disk as what is mounted.
    if (facts.write_cache.empty() && ::stat(best.source.c_str(), &status) == 0 && S_ISBLK(status.st_mode)) {
        facts.write_cache = write_cache_of(sys, fmt::format("{}:{}", major(status.st_rdev), minor(status.st_rdev)));
    }
    return facts;
}

Result<FlushTimes> measure_flush(const std::filesystem::path& folder) {
    const auto file = folder / "flush-probe";
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return fail(Failure::invalid, fmt::format("cannot make {}: {}", file.string(), std::strerror(errno)));
    }
    const auto now = [] { return std::chrono::steady_clock::now(); };
    const auto us = [](auto span) { return std::chrono::duration<double, std::micro>(span).count(); };
    std::vector<double> writes, flushes;
    const std::string page(page_bytes, 'x');
    bool failed = false;
    for (int i = 0; i < rounds && !failed; ++i) {
        const auto begin = now();
        // The same places again and again, as a write-ahead log does: no flush has to allocate.
        failed = ::pwrite(descriptor, page.data(), page.size(), i % 16 * static_cast<off_t>(page_bytes)) < 0;
        const auto written = now();
        failed = ::fdatasync(descriptor) != 0 || failed;
        writes.push_back(us(written - begin));
        flushes.push_back(us(now() - written));
    }
    const int error = errno;
    ::close(descriptor);
    ::unlink(file.c_str());
    if (failed) return fail(Failure::retry, fmt::format("cannot write {}: {}", file.string(), std::strerror(error)));
    return FlushTimes{.write_us = median(writes), .flush_us = median(flushes)};
}

bool is_implausible(const FlushTimes& times) {
    return times.flush_us < least_flush_us || times.flush_us < times.write_us * least_flush_factor;
}

}  // namespace sluice::host
